"""What keeps a rule from going on, for how long, and what people read of it; pure."""

from dataclasses import dataclass
from datetime import timedelta

from bot.domain.errors import (
    CommandError,
    ContextOverflow,
    EmptyAnswer,
    LimitReached,
    ModelError,
    ModelRejected,
    NeedsModel,
)

PATIENT = timedelta(minutes=10)  # until what waits for people or for a new day is tried again
FIRST, LONGEST = (
    15,
    900,
)  # seconds until a model that failed is tried again: twice as long each time
REFUSALS = 6  # of one message, by a server that may refuse all others too


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a rule waits."""

    kind: str
    """For logs and numbers; without a word of anybody's."""
    reason: str
    pause: timedelta
    hopeless: bool = False
    """The one message that the model was shown will never be labelled."""


def trouble_of(error: Exception, failures: int, *, alone: bool) -> Trouble:
    """What an error means for a rule that has failed so often before it.

    `alone`: the model was shown one message alone.
    """
    kind = type(error).__name__
    if isinstance(error, LimitReached | NeedsModel | CommandError):
        return Trouble(kind, str(error), PATIENT)
    pause = timedelta(seconds=min(FIRST * 2 ** min(failures, 10), LONGEST))
    if not isinstance(error, ModelError):
        return Trouble(kind, "Something went wrong here; it is tried again.", pause)
    reason = f"The model failed ({kind}); it is tried again, later each time."
    refused = isinstance(error, ModelRejected) and failures >= REFUSALS
    unfit = isinstance(error, ContextOverflow | EmptyAnswer) or refused
    return Trouble(kind, reason, pause, hopeless=alone and unfit)
