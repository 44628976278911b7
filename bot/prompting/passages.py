"""Passages of documents as a prompt shows them: quoted, and cited by their numbers; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from bot.domain.documents import LONGEST_NAME, FoundPassage
from bot.domain.model import Message
from bot.prompting.fixed_text import PASSAGES_HEADING
from bot.prompting.message_line import quote
from bot.prompting.template_marks import break_up_marks
from bot.text.names import plain_name
from bot.text.sanitize import clean
from bot.text.tokens import clip, estimate

SHORTEST = 96  # tokens: less of a passage says too little
LONGEST_HEADING = 160  # characters


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
    passages: Sequence[FoundPassage], beside: Sequence[Message], tokens: int
) -> ShownPassages:
    """The passages, best first, that fit; messages beside them keep their share of the tokens."""
    room = min(tokens, _share(passages, beside, tokens)) - estimate(PASSAGES_HEADING) - 2
    shown: list[FoundPassage] = []
    lines: list[str] = []
    for one in passages:
        line = format_passage(one, len(shown) + 1)
        cost = estimate(line) + 1
        if cost > room and not shown and room >= SHORTEST:
            line = clip(line, room)
            cost = room
        if cost > room:
            break
        shown.append(one)
        lines.append(line)
        room -= cost
    if not shown:
        return ShownPassages()
    return ShownPassages(tuple(shown), "\n".join([PASSAGES_HEADING, *lines]))


def format_passage(found: FoundPassage, number: int) -> str:
    """A passage behind its mark; nothing in it can look like another one, or like a message."""
    about = ", ".join(filter(None, (_on_one_line(found.name), found.pages, _posted(found))))
    heading = _on_one_line(found.passage.heading, LONGEST_HEADING)
    return (
        f"[doc {number}] {about}{f' ({heading})' if heading else ''}: {quote(found.passage.text)}"
    )


def _share(passages: Sequence[FoundPassage], beside: Sequence[Message], tokens: int) -> int:
    """Of what both want together, as much less for each as is missing."""
    wanted = sum(one.tokens + SHORTEST for one in passages)
    together = wanted + sum(one.tokens for one in beside)
    return tokens if together <= tokens else tokens * wanted // together


def _posted(found: FoundPassage) -> str:
    author = f"posted by {plain_name(found.author)}" if found.author else ""
    day = f"on {found.at.astimezone(UTC):%Y-%m-%d}" if found.at else ""
    return " ".join(filter(None, (author or ("posted" if day else ""), day)))


def _on_one_line(text: str, longest: int = LONGEST_NAME) -> str:
    return break_up_marks(" ".join(clean(text).split())[:longest])
