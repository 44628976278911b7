"""A conversation to try, offered to who comes for the first time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.domain.model import Channel

TRY, OWN = "try", "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What is offered, and how it is brought in."""

    questions: tuple[str, ...]
    offer: str
    """What to say before it is tried."""
    arrived: str
    """What to say once the person is there."""
    gone: str
    """What to say where it was forgotten."""
    bring_in: Callable[[], Awaitable[Channel | None]]
    """Brings it in, once; None where it was forgotten before."""

    def asked(self, line: str) -> str | None:
        """What a line asks of it: one of its questions, "" for the example alone, None for none."""
        said = _plain(line)
        if said == TRY:
            return ""
        numbered = {str(number): text for number, text in enumerate(self.questions, 1)}
        worded = {_plain(text): text for text in self.questions}
        return numbered.get(said) or worded.get(said)


def leads_back(line: str) -> bool:
    """Whether a line leads back to one's own channel."""
    return _plain(line) == OWN


def _plain(line: str) -> str:
    return line.strip().removeprefix("/").rstrip("?.! ").casefold()
