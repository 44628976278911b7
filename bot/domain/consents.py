"""Consent: what a person is asked before a tool changes something, and what they decide."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.model import Message, Turn

MINUTES = 15
"""For so long a question is open; silence means no."""

_DECIDED = "consent:"


@dataclass(frozen=True, slots=True)
class ConsentQuestion:
    """What the end of an answer asks: whether a tool may be called, with the arguments shown there.

    The words of it are part of the answer's text; below it stand only the buttons.
    """

    id: int
    """All that a button carries."""
    number: int
    """1, 2, ... among the questions of one answer, as the text counts them."""
    tool: str
    """As people read it: "github: create_issue"."""
    until: datetime
    """Silence means no after that."""
    again: bool = False
    """The call may have happened already: "Do it again" is asked, not "Allow"."""


@dataclass(frozen=True, slots=True)
class ConsentEnd:
    """What became of a question that somebody decided."""

    text: str
    """What people read in place of its buttons: "Allowed by Ana: github: create_issue."."""
    left: tuple[ConsentQuestion, ...] = ()
    """The questions of that answer that are still open: their buttons stay."""
    turn_id: int = 0
    """The turn that goes on, once the last question is decided; 0 before that."""


def decision_id(asking: Turn) -> str:
    """The id of the message that stands for what was decided: one for each answer that asks.

    With its time, it is in no other archive.
    """
    return f"{_DECIDED}{asking.id}:{asking.trigger.at.timestamp():.0f}"


def asking_turn(trigger: Message) -> int | None:
    """The turn whose questions were decided; None for what people wrote themselves."""
    number = trigger.id.removeprefix(_DECIDED).partition(":")[0]
    return int(number) if trigger.id.startswith(_DECIDED) and number.isdecimal() else None
