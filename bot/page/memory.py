"""What is remembered of a channel, and what would be recalled: a stretch at a time."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.domain.answer_trace import RecallScore
from bot.domain.bounded_cache import BoundedCache
from bot.domain.message_row import in_channel
from bot.domain.model import Author, Message, Segment
from bot.domain.page import (
    Found,
    Memory,
    NotThere,
    ReadableChannel,
    ReadableChannels,
    Timeline,
    Visitor,
)
from bot.memory.recollection import Recollecting
from bot.page.reading import Reading
from bot.store.channels import Channels, ChannelState
from bot.store.messages import Messages, Moment
from bot.store.page_memory import PageMemory
from bot.store.summaries import Summaries

STRETCH = 40  # messages of a page
LATER = 10  # of them, after the one that is looked for
FOUND_TOKENS = 4_000  # of what a search shows
MOST_FOUND = 50  # messages of it
COUNTED_FOR = 10.0  # seconds that a count of messages is remembered
COUNTS = 1_000  # channels of which it is
LEAST = 1e-6  # of a score: less is what rounding leaves of none
LONGEST_SEARCH = 1_000  # characters of a search that are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembering:
    """Reads the memory of channels for who reads those."""

    reading: Reading
    states: Channels
    messages: Messages
    summaries: Summaries
    store: PageMemory
    recollecting: Recollecting
    retention: int
    """Of channels that say none; 0 for ever."""
    models: Sequence[str]
    """Tried in order where a channel has chosen none."""
    clock: Callable[[], float] = time.monotonic
    _counts: BoundedCache[int, tuple[float, int]] = field(
        default_factory=lambda: BoundedCache(COUNTS)
    )

    async def channels(self, visitor: Visitor) -> ReadableChannels:
        """The channels that the visitor reads."""
        return await self.reading.channels(visitor)

    async def memory(self, visitor: Visitor, channel_id: int) -> Memory:
        """A channel's memory, in short. Raises NotThere."""
        state, retention = await self.reading.require(visitor, channel_id)
        first = await self.messages.first(state.channel, channel_id)
        kept = self.retention if retention is None else retention
        return Memory(
            readable=ReadableChannel(channel_id, state.channel),
            messages=await self._count(channel_id),
            since=first.at if first else None,
            digest=await self.summaries.digest(channel_id),
            segments=await self.summaries.count_segments(channel_id),
            window_tokens=state.window_tokens,
            retention=kept or None,
            model=state.model or ", then ".join(self.models),
            opted_out=await self.states.opted_out(channel_id, visitor.person_id),
        )

    async def timeline(
        self, visitor: Visitor, channel_id: int, *, before: int | None, around: int | None
    ) -> Timeline:
        """A stretch of it, with the summaries that end there. Raises NotThere."""
        state, _ = await self.reading.require(visitor, channel_id)
        moment = await self._moment(channel_id, before, around)
        messages = await self.store.stretch(state.channel, channel_id, moment, limit=STRETCH + 1)
        older = messages[STRETCH - 1].seq if len(messages) > STRETCH else None
        messages = messages[:STRETCH]
        start = messages[-1].at if older else None
        end = moment[0] if moment else None
        segments = await self.store.segments(channel_id, start, end)
        shown = [segment for segment, dirty in segments if not dirty]
        entries: list[Message | Segment] = [*messages, *shown]
        entries.sort(key=_place, reverse=True)
        return Timeline(entries, len(segments) - len(shown), older)

    async def search(self, visitor: Visitor, channel_id: int, words: str) -> Found:
        """What an answer to these words would be given as it matches them, best first.

        Raises NotThere.
        """
        state, _ = await self.reading.require(visitor, channel_id)
        words = words[:LONGEST_SEARCH].strip()
        if not words:
            return Found((), ())
        found = await self.recollecting.search(
            channel_id,
            _asked(state, visitor, words),
            tokens=FOUND_TOKENS,
            has_documents=state.has_documents,
        )
        rows = [one for one in found.messages if _matches(found.scores.get(one.seq))]
        return Found(in_channel(rows[:MOST_FOUND], state.channel), found.passages)

    async def _count(self, channel_id: int) -> int:
        """How many messages there are: of a million, counting takes a tenth of a second."""
        until, count = self._counts.get(channel_id, (0.0, 0))
        if until <= self.clock():
            count = await self.messages.count(channel_id)
            self._counts[channel_id] = self.clock() + COUNTED_FOR, count
        return count

    async def _moment(
        self, channel_id: int, before: int | None, around: int | None
    ) -> Moment | None:
        """From where on back a stretch goes; None from now on. Raises NotThere."""
        seq = before if around is None else around
        if seq is None:
            return None
        moment = await self.store.moment(channel_id, seq)
        if moment is None:
            raise NotThere
        if around is None:
            return moment
        return await self.store.later_moment(channel_id, moment, skip=LATER)


def _asked(state: ChannelState, visitor: Visitor, words: str) -> Message:
    """The words as a question that is asked now."""
    author = Author(visitor.person_id, visitor.name)
    return Message(
        state.channel, "", author, words, datetime.now(UTC), addressed=True, seq=state.seq + 1
    )


def _matches(score: RecallScore | None) -> bool:
    """Whether there is more to it than that an answer goes on with the visitor's conversation."""
    return score is None or score.words + score.meaning > LEAST or not score.conversation


def _place(entry: Message | Segment) -> tuple[datetime, int]:
    """A summary stands above the last of what it stands for."""
    if isinstance(entry, Segment):
        return entry.ended, entry.last
    return entry.at, entry.seq
