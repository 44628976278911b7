"""What an answer is made from, read in one round trip."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from bot.domain.message_row import MessageRow, in_channel
from bot.domain.model import Message
from bot.language.hit_scores import SearchHit
from bot.store.channels import ChannelState, to_state
from bot.store.database import Database
from bot.store.hot_connections import Row
from bot.store.messages import NEAR, to_message_row
from bot.store.parameters import array_text
from bot.store.search import to_hits, to_values
from bot.store.sql_files import load

_SQL = load("material")

_BY_NUMBER = itemgetter("seq")
_BY_TIME = itemgetter("said_at", "seq")
_BY_PLACE = itemgetter("place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a question stands: what is said there is its conversation."""

    thread: str = ""
    reply_to: str = ""
    """The message whose chain of replies is read, where it stands in no thread."""
    before: int = 0
    """The question's number."""
    most: int = 0
    """Messages of a thread, its root not included, or of a chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read, all of one moment."""

    state: ChannelState
    new: list[Message]
    """What has come into the window, in the order of its numbers."""
    conversation: list[Message]
    """The thread in the order of time, or the chain of replies, oldest first."""
    wanted: list[MessageRow]
    """By number, to choose from."""
    hits: list[SearchHit]


class Material:
    """Reads what answers are made from."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(
        self,
        channel_id: int,
        place: Place,
        *,
        after: int,
        most_new: int,
        seqs: Collection[int] = (),
        terms: Sequence[str] = (),
        most_hits: int = 0,
    ) -> Read:
        """The state, the window `after` a number, a conversation, messages by number, and hits.

        The question itself is no hit.
        """
        values = {
            "after": after,
            "most_new": most_new,
            "thread": place.thread,
            "id": "" if place.thread else place.reply_to,
            "before": place.before,
            "near": NEAR,
            "most": place.most,
            "seqs": array_text(seqs),
            **to_values(channel_id, terms, most_hits, place.before),
        }
        rows = await self._database.fetch(_SQL.read, values)
        return _sorted_out(rows, in_thread=bool(place.thread))


def _sorted_out(rows: list[Row], *, in_thread: bool) -> Read:
    """By what they were read for, each in its order."""
    by_kind = defaultdict[str, list[Row]](list)
    for row in rows:
        by_kind[row["kind"]].append(row)
    [read] = by_kind["state"]
    state = to_state(read)

    def messages(kind: str, order: Callable[[Row], Any]) -> list[MessageRow]:
        return list(map(to_message_row, sorted(by_kind[kind], key=order)))

    return Read(
        state=state,
        new=in_channel(messages("window", _BY_NUMBER), state.channel),
        conversation=in_channel(
            messages("conversation", _BY_TIME if in_thread else _BY_PLACE), state.channel
        ),
        wanted=messages("wanted", _BY_NUMBER),
        hits=to_hits(read),
    )
