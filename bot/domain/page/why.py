"""What the page shows of one answer: what it was made from, as far as that is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.answer_trace import AnswerTrace, RecallScore
from bot.domain.documents import FoundPassage
from bot.domain.model import Message
from bot.domain.page.contents import AskedTurn
from bot.domain.page.numbers import Used


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One call of a model for a turn."""

    model: str
    purpose: str
    attempt: int
    estimated: bool
    used: Used


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolUse:
    """A tool that was called for a turn."""

    tool: str
    state: str
    changes: bool
    seconds: float | None


@dataclass(frozen=True, slots=True)
class RecalledMessage:
    """What was found for a question among all that is remembered."""

    message: Message
    score: RecallScore
    in_window: bool
    """It stood there anyway."""


@dataclass(frozen=True, slots=True)
class UsedDocument:
    """A document of an answer, or a part of one, where it was posted last."""

    mark: int
    """By which the model was to cite it; 0 where all of it was read."""
    found: FoundPassage
    """Without its text."""
    seq: int
    """Of its message; 0 where no message brought it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What an answer was made from, as far as it is kept."""

    turn: AskedTurn
    trace: AnswerTrace | None
    """None of one that was made before this was kept, or in whose making a replica died."""
    recalled: Sequence[RecalledMessage]
    """The best first."""
    documents: Sequence[UsedDocument]
    rests_on: Sequence[Message]
    """What else it answers, and is forgotten with."""
    gone: int
    """Of all these, how many were forgotten since."""
    window_from: int | None
    """The number of the first message that the prompt's window showed."""
    same_digest: bool
    """The summary that it was shown is still the channel's."""
    calls: Sequence[ModelCall]
    used: Used
    """All calls together."""
    tools: Sequence[ToolUse]
    good: int
    bad: int
