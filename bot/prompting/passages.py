"""Passages of documents as a prompt shows them: quoted, and cited by their numbers; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from bot.domain.documents import LONGEST_NAME, FoundPassage
from bot.domain.message_row import MessageRow
from bot.domain.model import Message
from bot.prompting.fixed_text import FILES_HEADING, PASSAGES_HEADING
from bot.prompting.message_line import quote
from bot.prompting.template_marks import break_up_marks
from bot.text.names import plain_name
from bot.text.sanitize import clean
from bot.text.tokens import clip, estimate

SHORTEST = 96  # tokens: less of a passage says too little
LONGEST_HEADING, LONGEST_NOTE = 160, 400  # characters
BESIDE = 0.9  # of the tokens, where messages are shown, too: who found both has weighed them


@dataclass(frozen=True, slots=True)
class ShownPassages:
    """Those that a prompt has room for, and its part that shows them."""

    passages: tuple[FoundPassage, ...] = ()
    text: str = ""

    @property
    def tokens(self) -> int:
        """What they take."""
        return estimate(self.text) + 1 if self.text else 0


def show_passages(
    passages: Sequence[FoundPassage],
    beside: Sequence[Message | MessageRow],
    tokens: int,
    notes: Sequence[str] = (),
) -> ShownPassages:
    """The passages, best first, that fit; they leave something for messages beside them.

    `notes` tell what was not read of files.
    """
    said = _show_notes(notes, tokens // 4)
    if not passages:
        return ShownPassages((), said)
    room = int(tokens * (BESIDE if beside else 1)) - estimate(PASSAGES_HEADING) - estimate(said) - 4
    shown: list[FoundPassage] = []
    lines: list[str] = []
    for one in passages:
        line = format_passage(one, len(shown) + 1)
        if not shown and room >= SHORTEST:
            line = clip(line, room)
        room -= estimate(line) + 1
        if room < -1:
            break
        shown.append(one)
        lines.append(line)
    written = "\n".join([PASSAGES_HEADING, *lines]) if shown else ""
    return ShownPassages(tuple(shown), "\n\n".join(filter(None, (written, said))))


def _show_notes(notes: Sequence[str], tokens: int) -> str:
    if not notes or tokens < SHORTEST:
        return ""
    lines = [f"- {_on_one_line(one, LONGEST_NOTE)}" for one in notes]
    return clip("\n".join([FILES_HEADING, *lines]), tokens)


def format_passage(found: FoundPassage, number: int) -> str:
    """A passage behind its mark; nothing in it can look like another one, or like a message."""
    about = ", ".join(filter(None, (_on_one_line(found.name), found.pages, _posted(found))))
    heading = _on_one_line(found.passage.heading, LONGEST_HEADING)
    return (
        f"[doc {number}] {about}{f' ({heading})' if heading else ''}: {quote(found.passage.text)}"
    )


def _posted(found: FoundPassage) -> str:
    author = f"posted by {plain_name(found.author)}" if found.author else ""
    day = f"on {found.at.astimezone(UTC):%Y-%m-%d}" if found.at else ""
    return " ".join(filter(None, (author or ("posted" if day else ""), day)))


def _on_one_line(text: str, longest: int = LONGEST_NAME) -> str:
    return break_up_marks(" ".join(clean(text).split())[:longest])
