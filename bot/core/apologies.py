"""What people are told where there is no answer, or no more of it."""

import structlog

from bot.domain.errors import LimitReached, NellieError
from bot.domain.model import Turn
from bot.text.sanitize import clean, defuse

BROKE_OFF = "\n\n(This answer broke off. {reason} Ask me again for the rest.)"
FAILED = "I could not answer this. {reason}"
LIMITED = "I cannot answer this now. {reason}"
REMEMBERED = " Your message is remembered"

log = structlog.get_logger(__name__)


def apology(error: NellieError, turn: Turn, *, begun: bool) -> str:
    """Why there is no answer, or no more of it.

    What a server says of a prompt may quote it: that goes to the asker, into no table and no log.
    """
    log.warning("not_answered", error=type(error).__name__, limit=error.details.get("limit"))
    reason = clean(str(error))
    reason = reason if reason.endswith((".", "!", "?")) else f"{reason}."
    if begun:
        return defuse(BROKE_OFF.format(reason=reason))
    if isinstance(error, LimitReached):
        kept = f"{REMEMBERED}." if turn.remembered else ""
        return defuse(LIMITED.format(reason=reason) + kept)
    return defuse(failure_text(reason, turn))


def failure_text(reason: str, turn: Turn) -> str:
    """That there is no answer; a question that is private or opted out is not remembered."""
    again = f"{REMEMBERED}; please ask me again." if turn.remembered else " Please ask me again."
    return FAILED.format(reason=reason) + again
