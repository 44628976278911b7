"""How a turn ended, and what of that is stored."""

import json
from dataclasses import asdict, dataclass
from typing import Literal

from bot.domain.answer_trace import AnswerTrace
from bot.domain.model import NELLIE, Message, Turn, Usage
from bot.store.answer_traces import to_row
from bot.store.message_inserts import NewMessage, to_rows
from bot.store.parameters import array_text
from bot.text.fingerprints import fingerprint

State = Literal["done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownWindow:
    """What of the window an answer was made from: has somebody taken some of it back meanwhile?"""

    epoch: int
    """The channel's, when it was read: as long as it is the same, nobody has."""
    forgotten: int
    """How often something had been taken back in the channel before."""
    seqs: tuple[int, ...]
    """The messages that were shown."""
    digest: bool
    """Whether there was a digest too."""
    tokens: int = 0
    """Of those messages."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a turn ended."""

    state: State
    answer: NewMessage | None = None
    error: str = ""
    usage: tuple[Usage, ...] = ()
    shown: ShownWindow | None = None
    kept: bool = False
    """A private answer was cut short: for a while its turn keeps it, so that it can go on."""
    asks: bool = False
    """It asks for consent: the words of its calls are kept until that is decided."""
    went_on_with: tuple[int, ...] = ()
    """The turns whose calls it has made: their words go with its own."""
    trace: AnswerTrace | None = None
    """How it was made; None where nothing was."""


_NOTHING_SHOWN = ShownWindow(epoch=0, forgotten=0, seqs=(), digest=False)


def to_values(turn: Turn, outcome: Outcome) -> dict[str, object]:
    """What the statement that closes a turn takes, besides its lease."""
    answer = outcome.answer
    shown = outcome.shown or _NOTHING_SHOWN
    return {
        "turn": turn.id,
        "posted": turn.posted,
        "author": turn.asker.id if turn.remembered else None,
        "payer": fingerprint(turn.channel.platform, turn.asker.id) if turn.asker.id else None,
        "attempt": turn.attempts,
        "state": outcome.state,
        "error": outcome.error or None,
        "kept": outcome.kept,
        "asks": outcome.asks,
        "settles": array_text(() if outcome.asks else (turn.id, *outcome.went_on_with)),
        "rows": to_rows([*([answer] if answer else []), *_tombstones(turn, answer)]),
        "rests_on": array_text(answer.rests_on if answer else ()),
        "usage": json.dumps([asdict(call) for call in outcome.usage]),
        "trace": json.dumps([to_row(outcome.trace)] if outcome.trace else []),
        "shown_epoch": shown.epoch,
        "shown_forgotten": shown.forgotten,
        "shown_seqs": array_text(shown.seqs),
        "shown_digest": shown.digest,
    }


def is_plain(turn: Turn, outcome: Outcome) -> bool:
    """Whether it ends with one post without files, which rests on a window and on no document."""
    answer = outcome.answer
    return (
        answer is not None
        and outcome.shown is not None
        and not (answer.message.files or _tombstones(turn, answer))
        and min(answer.rests_on, default=0) >= 0
    )


def _tombstones(turn: Turn, answer: NewMessage | None) -> list[NewMessage]:
    """Empty places for posts that are not remembered: history must not bring them back."""
    return [
        NewMessage(Message(turn.channel, post, NELLIE, "", turn.trigger.at), remembered=False)
        for post in dict.fromkeys(turn.posted)
        if not answer or post != answer.message.id
    ]
