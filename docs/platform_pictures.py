"""The pictures in docs/slack.md and docs/discord.md: what Nellie really sent, drawn.

`make picture` runs `nellie run` against the tests' stand-ins of Slack and Discord, lets people talk
there, and draws what stands in the channel afterwards. People's lines are written here; all of
Nellie's are hers. Only the last answer in Slack is a stand-in of a language model's, caught while
it grows.
"""

import asyncio
import os
import re
import sys
import tempfile
import textwrap
import time
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from doubles.canned_responses import CannedResponse  # noqa: E402  # they are found from here on
from doubles.discord_server.server import Discord  # noqa: E402
from doubles.nellie_process import running  # noqa: E402
from doubles.openai_server import OpenAIServer  # noqa: E402
from doubles.slack_server import Slack  # noqa: E402

TALK = (
    "The release moves to Thursday: the printer driver is not ready.",
    "Then I book the big room for Thursday, 10:00. The spare keys are with Marta, in 4.12.",
)
QUESTION = "who has the spare keys?"
ANOTHER = "and when is the release?"
WRITTEN = (
    "The release is on **Thursday**: Bob said that the printer driver is not ready, so it was"
    " moved. Carl has booked the big room for 10:00 on that day. What nobody has said yet is who"
    " tells the customers, and whether the notes are written; you may want to ask Bob about both."
    " The keys to the room are with Marta, in 4.12, and somebody should fetch them before that."
)
WIDTH, LINE, LETTERS = 760, 20, 78
COLOURS = {"ana": "#7b5ea7", "bob": "#b5651d", "carl": "#2e7d5b"}
NELLIE, INK, PALE, LINK, PAPER = "#3b4a6b", "#1d1c1d", "#616061", "#1264a3", "#ffffff"


@dataclass
class Line:
    """One message as it is drawn."""

    who: str
    text: str
    buttons: tuple[str, ...] = ()
    note: str = ""
    """What stands beside the name."""
    inner: bool = False
    """It is in a thread, or a reply."""


async def slack_lines(home: str) -> list[Line]:
    """A thread: quotes with links and buttons, then an answer that a model is still writing."""
    async with Slack() as slack, OpenAIServer() as model:
        environ = {**slack.environ, "NELLIE_HOME": home}
        async with running(environ):
            await slack.until(lambda: slack.answers("C1"))
            for person, text in zip(("U2", "U3"), TALK, strict=True):
                slack.say(person, "C1", text)
            await slack.settled()
            asked = slack.say("U1", "C1", f"@nellie {QUESTION}")
            await slack.until(lambda: slack.answers("C1", asked))
        model.default_response = CannedResponse(text=WRITTEN, delay=0.4)
        models = {"NELLIE_MODEL": "openai/double", "OPENAI_BASE_URL": model.url}
        async with running({**environ, **models, "OPENAI_API_KEY": "none"}):
            since = time.monotonic()
            slack.say("U1", "C1", f"@nellie {ANOTHER}", thread=asked)
            await slack.until(lambda: len(_newest(slack, since)) > len(WRITTEN) // 3)
            growing = _newest(slack, since)
        quoted = slack.room("C1").thread(asked)[1]
    return [
        *(Line(who, text) for who, text in zip(("bob", "carl"), TALK, strict=True)),
        Line("ana", f"@Nellie {QUESTION}"),
        Line("Nellie", _readable(quoted), _slack_buttons(quoted), inner=True),
        Line("ana", f"@Nellie {ANOTHER}", inner=True),
        Line("Nellie", growing + " ▍", note="a language model is writing", inner=True),
    ]


def _newest(slack: Slack, since: float) -> str:
    shown = [text for at, _, _, text in slack.seen if at > since]
    return shown[-1] if shown else ""


def _slack_buttons(message: dict[str, object]) -> tuple[str, ...]:
    found = re.findall(
        r"'(?:positive|negative)_button': \{'text': \{[^}]*'text': '(\w+)'", str(message)
    )
    return tuple(found)


def _readable(message: dict[str, object]) -> str:
    """The markdown that Slack shows, its links by their last part."""
    text = "\n".join(re.findall(r"'type': 'markdown', 'text': '(.*?)'\}", str(message["blocks"])))
    text = text.encode().decode("unicode_escape") if "\\n" in text else text
    return re.sub(r"http://[\d.:]+/archives/", "https://….slack.com/archives/", text)


async def discord_lines(home: str) -> list[Line]:
    """A reply with its buttons, and a slash command."""
    async with Discord() as discord:
        async with running({**discord.environ, "NELLIE_HOME": home}):
            await discord.until(lambda: discord.visible(discord.general))
            for person, text in zip((discord.bob, discord.carl), TALK, strict=True):
                discord.say(person, discord.general, text)
            question = f"{discord.bot.mention} {QUESTION}"
            asked = discord.say(discord.ana, discord.general, question)
            await discord.until(
                lambda: discord.answers(asked) and discord.answers(asked)[0].buttons
            )
            await discord.until(lambda: discord.commands)
            shown = discord.slash(discord.ana, discord.general, "memory show")
            await discord.until(lambda: shown.shown)
        answer = discord.answers(asked)[0]
    return [
        *(Line(who, text) for who, text in zip(("bob", "carl"), TALK, strict=True)),
        Line("ana", f"@Nellie {QUESTION}"),
        Line("Nellie", _short(answer.text), tuple(answer.buttons), "replies to ana", inner=True),
        Line("Nellie", _short(shown.shown), note="ana used /memory show", inner=True),
    ]


def _short(text: str) -> str:
    return re.sub(r"<?https?://\S+/(\w+)>?", r"https://discord.com/channels/…/\1", text)


def draw(lines: list[Line], title: str) -> str:
    """The messages of a channel, one below the other. It imitates nobody's design."""
    parts, top = [], 58
    for line in lines:
        left = 84 if line.inner else 32
        wrapped = _wrap(line.text, LETTERS - (6 if line.inner else 0))
        parts.append(_message(line, wrapped, left, top))
        top += 44 + LINE * len(wrapped) + (34 if line.buttons else 0)
    head = (
        f'<text x="24" y="32" font-weight="bold" font-size="17" fill="{INK}">{escape(title)}</text>'
    )
    frame = _box(1, 1, WIDTH - 2, top, PAPER)
    fonts = 'font-family="system-ui, \'Segoe UI\', Roboto, sans-serif" font-size="14"'
    size = f'width="{WIDTH}" height="{top + 2}" viewBox="0 0 {WIDTH} {top + 2}"'
    said = escape("; ".join(f"{line.who}: {line.text}" for line in lines).replace("\n", " "))
    body = "\n".join((frame, head, *parts))
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {fonts} role="img">'
    return f"{svg}\n<title>{said}</title>\n{body}\n</svg>\n"


def _wrap(text: str, letters: int) -> list[str]:
    """Lines that fit; those of a quote begin as one."""
    wrapped = []
    for line in text.split("\n"):
        mark = "> " if line.startswith("> ") else ""
        fitting = textwrap.wrap(line.removeprefix(mark), letters - len(mark)) or [""]
        wrapped += [mark + one for one in fitting]
    return wrapped


def _message(line: Line, wrapped: list[str], left: int, top: int) -> str:
    colour = COLOURS.get(line.who, NELLIE)
    x, parts = left + 44, []
    parts.append(f'<rect x="{left}" y="{top}" width="32" height="32" rx="6" fill="{colour}"/>')
    initial = f'x="{left + 16}" y="{top + 21}" fill="white" text-anchor="middle" font-weight="bold"'
    parts.append(f"<text {initial}>{line.who[0].upper()}</text>")
    aside = f'dx="8" font-weight="normal" fill="{PALE}" font-size="12"'
    note = f"<tspan {aside}>{escape(line.note)}</tspan>"
    name = f'<text x="{x}" y="{top + 12}" font-weight="bold" fill="{INK}">{line.who}{note}</text>'
    parts.append(name)
    for number, words in enumerate(wrapped, start=1):
        parts.append(_words(words, x, top + 12 + LINE * number))
    bottom, at = top + 24 + LINE * len(wrapped), x
    for button in line.buttons:
        width = 24 + 8 * len(button)
        parts.append(
            _box(at, bottom, width, 24, "none")
            + f'<text x="{at + width / 2}" y="{bottom + 16}" text-anchor="middle" font-size="12"'
            f' fill="{INK}">{escape(button)}</text>'
        )
        at += width + 8
    return "\n".join(parts)


def _box(x: float, y: float, width: float, height: float, fill: str) -> str:
    where = f'x="{x}" y="{y}" width="{width}" height="{height}"'
    return f'<rect {where} rx="6" fill="{fill}" stroke="#c4c4c4"/>'


def _words(words: str, x: int, y: int) -> str:
    """A line of text; quotes have a bar, links and mentions their colour."""
    bar = ""
    if words.startswith("> "):
        words, bar = words[2:], f'<rect x="{x}" y="{y - 14}" width="3" height="18" fill="#ddd"/>'
        x += 12
    marked = re.sub(r"(https://\S+|@Nellie)", rf'<tspan fill="{LINK}">\1</tspan>', escape(words))
    marked = re.sub(r"\*\*(.+?)\*\*", r'<tspan font-weight="bold">\1</tspan>', marked)
    return f'{bar}<text x="{x}" y="{y}" fill="{INK}">{marked}</text>'


async def main() -> None:
    """Draw both."""
    for name, lines in (("slack", slack_lines), ("discord", discord_lines)):
        with tempfile.TemporaryDirectory(prefix="nellie-picture-") as home:
            os.chmod(home, 0o755)  # noqa: S103  # as root, its Postgres runs as another user
            found = await lines(home)
        (ROOT / "docs" / f"{name}.svg").write_text(draw(found, "# general"))


if __name__ == "__main__":
    asyncio.run(main())
