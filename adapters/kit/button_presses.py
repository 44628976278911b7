"""What the buttons below an answer do, and what is said where there is nothing to do any more."""

from collections.abc import Callable, Sequence

from bot.domain.consents import ConsentQuestion
from bot.domain.errors import CommandError, NotAllowed
from bot.domain.model import Author, Turn
from bot.domain.ports import TurnControl

THANKS = "Thank you, noted."
FORGOTTEN = "Thank you! I do not know this answer any more, so there was nothing to note."
ANSWERED = "This was answered, or taken back: please ask anew."
AT_WORK = "I am at it: the new answer will stand in the place of the old one."
GOING_ON = "I am at it already: the rest comes below."
ENDED = "There is nothing left to stop: this answer has ended."
UNKNOWN = (
    "I do not know this button any more: it is older than I am by now. Please ask anew, or give the"
    " command once more."
)


async def rate(turns: TurnControl, turn_id: int, person: Author, *, good: bool) -> str:
    """Keep a rating; returns what to say to that."""
    return THANKS if await turns.rate(turn_id, person, good=good) else FORGOTTEN


async def retry(turns: TurnControl, turn_id: int) -> None:
    """Owe an answer once more. Raises CommandError, which says why there is none to retry."""
    if await turns.retry(turn_id):
        return
    raise CommandError(reason=AT_WORK if await turns.is_open(turn_id) else ANSWERED)


async def go_on(turns: TurnControl, turn_id: int, person: Author) -> None:
    """Ask for the rest of an answer. Raises CommandError and NotAllowed, which say why not."""
    received = await turns.go_on(turn_id, person)
    if not received.turn:
        raise CommandError(reason=GOING_ON)


def consent_labels(
    questions: Sequence[ConsentQuestion],
) -> list[tuple[ConsentQuestion, tuple[str, str]]]:
    """What the two buttons of each question say; numbered as the text does where it asks more."""
    several = any(one.number > 1 for one in questions)
    return [(one, _labels(one, f" {one.number}" if several else "")) for one in questions]


def _labels(question: ConsentQuestion, number: str) -> tuple[str, str]:
    return ("Do it again" if question.again else "Allow") + number, f"Deny{number}"


async def stop(
    turns: TurnControl, turn_id: int, *, may_stop: Callable[[Turn], bool], who: str
) -> None:
    """End an answer. Raises NotAllowed, and CommandError where it has ended."""
    turn = await turns.get(turn_id)
    if not turn or not await turns.is_open(turn_id):
        raise CommandError(reason=ENDED)
    if not may_stop(turn):
        raise NotAllowed(who=who)
    await turns.stop(turn_id)
