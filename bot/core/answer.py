"""An answer as it was written, and what of it is kept."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.core.turn_run import TurnRun
from bot.domain.continuations import CUT_SHORT, OFFER
from bot.domain.delivery_log import own_id
from bot.domain.model import NELLIE, Message
from bot.prompting.message_line import count_line_tokens
from bot.store.message_inserts import NewMessage
from bot.store.turn_outcome import Outcome, ShownWindow, State


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was written: by a model now, or before a crash."""

    text: str
    rests_on: tuple[int, ...] = ()
    shown: ShownWindow | None = None
    error: str = ""
    """The class of what went wrong; empty where nothing did."""
    memorable: bool = True
    """False where it was made from what is not remembered."""
    from_model: bool = True
    """False where the model gave no word of it: then there is nothing to remember."""
    written_at: float = 0.0
    """When its last word was known, by time.monotonic()."""


def _is_remembered(run: TurnRun, answer: Answer) -> bool:
    return bool(run.turn.remembered and answer.from_model and answer.text and answer.memorable)


def to_outcome(run: TurnRun, answer: Answer) -> Outcome:
    """What is remembered of an answer: nothing where there was none, or nothing may be."""
    turn, usage = run.turn, tuple(run.usage)
    state: State = "failed" if answer.error else "done"
    error = answer.error or ("Stopped" if run.stopped else CUT_SHORT if run.can_go_on else "")
    asks = run.asks and not error
    ended = Outcome(
        state, None, error, usage, kept=error == CUT_SHORT, asks=asks, went_on_with=run.went_on_with
    )
    if not _is_remembered(run, answer):
        return ended
    message = Message(
        turn.channel,
        turn.posted[0] if turn.posted else own_id(turn),
        NELLIE,
        answer.text.removesuffix(OFFER),
        datetime.now(UTC),
        turn.trigger.thread,
        turn.trigger.id,
    )
    new = NewMessage(
        replace(message, tokens=count_line_tokens(message)),
        (turn.trigger.seq, *answer.rests_on),
        min(answer.shown.seqs, default=None) if answer.shown else None,
    )
    return replace(ended, answer=new, shown=answer.shown, kept=False)
