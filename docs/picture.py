"""The picture in the README: a real conversation in a terminal, held while this runs.

`make picture` writes docs/conversation.svg. TYPED is typed; the rest is what Nellie answers.
"""

import os
import re
import sys
import tempfile
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from doubles.terminal import Terminal  # noqa: E402  # it stands with the tests

LOG = ROOT / "tests" / "unit" / "archives" / "2005-06-27-ubuntu.log"
IMPORT = f"import {LOG} --format irc --channel ubuntu".split()
CHAT = ["chat", "--channel", "ubuntu", "--as", "ana", "--group"]
TYPED = (
    "The spare keys are with Marta now, in 4.12.",
    "@nellie can openoffice be removed without ubuntu-desktop?",
    "@nellie who has the spare keys?",
)
WIDTH = 92
PROMPT = "ana>"
COLOURS = {"brown": "yellow", "brightblack": "bright_black", "default": ""}
"""What the terminal calls otherwise than who draws it."""
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def main() -> None:
    """Import a real log, talk about it, and draw what the terminal showed."""
    with tempfile.TemporaryDirectory(prefix="nellie-picture-") as home:
        os.chmod(home, 0o755)  # noqa: S103  # as root, its Postgres runs as another user
        environ = {"NELLIE_HOME": home}
        with Terminal(*IMPORT, columns=WIDTH, **environ) as terminal:
            if terminal.ends():
                raise SystemExit(terminal.shown)
        picture = record_chat(environ)
    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w"))  # noqa: SIM115  # open to the end
    console.print(picture)
    svg = console.export_svg(title=f"nellie {' '.join(CHAT)}")
    # Without the font's address, a browser that shows the picture fetches nothing.
    (ROOT / "docs" / "conversation.svg").write_text(_FONT.sub("", svg))


def record_chat(environ: dict[str, str]) -> Text:
    """Type TYPED into a terminal; returns what it shows at the end."""
    with Terminal(*CHAT, columns=WIDTH, rows=40, **environ) as terminal:
        terminal.sees(PROMPT)
        for number, message in enumerate(TYPED):
            terminal.types(f"{message}\r")
            terminal.sees(f"{PROMPT} {message}")
            # Each message stands there once, and below it is the prompt for the next one.
            terminal.sees(PROMPT, times=number + 2)
        rows = terminal.rows
        terminal.types("\x04")
        terminal.ends()
    return Text("\n").join(drawn(rows))


def drawn(rows: list[list[Any]]) -> list[Text]:
    """The rows above the last prompt, in their colours."""
    lines = [
        Text.assemble(
            *(("".join(c.data for c in run), look) for look, run in groupby(row, key=style))
        )
        for row in rows
    ]
    for line in lines:
        line.rstrip()
    while lines and lines[-1].plain in ("", PROMPT):
        lines.pop()
    return lines


def style(character: Any) -> str:
    """Of one character."""
    colour = COLOURS.get(character.fg, character.fg)
    return " ".join(filter(None, ("bold" if character.bold else "", colour)))


if __name__ == "__main__":
    main()
