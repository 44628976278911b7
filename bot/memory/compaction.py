"""Window -> segments -> digest, never on the reply path. Messages themselves always stay."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from bot.domain.errors import LimitReached, ModelError
from bot.domain.model import Message, Segment
from bot.limits.quotas import Quotas
from bot.llm.registry import ModelRegistry
from bot.memory.local_times import LocalTimes
from bot.memory.segment_writer import SegmentWriter
from bot.memory.segments import build_digest
from bot.memory.window import Windows
from bot.prompting.model_budgets import ModelBudgets
from bot.store.channels import Channels, ChannelState
from bot.store.locks import LockKind, Locks
from bot.store.messages import Messages
from bot.store.summaries import Compacted, Summaries
from bot.store.usage import UsageLog

COLD_WINDOW = 3_000  # window tokens over which an hour's silence is reason enough
DIGEST_SOURCE = 6_000  # tokens of the newest segments from which the digest is made
PASS_TOKENS = 12_000  # window tokens compacted in one transaction
PASS_MESSAGES = 2_000  # messages read for that at most
MAX_PASSES = 20  # in one go; a big import goes on at the next look
UNLIMITED_PASSES = 1_000_000
FIRST_PAUSE = 300  # seconds that a channel is left alone after a failure, twice as long after two
LONGEST_PAUSE = 7_200  # seconds that it is left alone at most

log = structlog.get_logger(__name__)
Progress = Callable[[int, int | None], None]  # tokens done, of tokens in all


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction:
    """The work that keeps prompts short."""

    locks: Locks
    channels: Channels
    messages: Messages
    summaries: Summaries
    usage: UsageLog
    models: ModelRegistry
    windows: Windows
    persona: str
    budgets: ModelBudgets
    quotas: Quotas
    local_times: LocalTimes

    async def find_due(self) -> list[int]:
        """Channels that are over their high mark, or cold and long."""
        budget = self.windows.budget
        cold = min(COLD_WINDOW, (budget.high + budget.low) // 2)
        return await self.summaries.due_channels(high=budget.high, cold=cold)

    async def compact(
        self, channel_id: int, *, passes: int = MAX_PASSES, progress: Progress | None = None
    ) -> int:
        """Compact a channel's window down to its low mark; returns how many segments that made.

        Does nothing while another replica works on it. Raises ModelError, with everything that was
        committed before kept, and the channel left alone for a while.
        """
        made, all_tokens = 0, 0
        async with self.locks.holding(LockKind.COMPACTION, channel_id) as alone:
            if alone:
                await self.summaries.follow_watermark(channel_id)
            for _ in range(passes if alone else 0):
                state = await self.channels.state(channel_id)
                left = state.late_tokens + max(0, state.window_tokens - self.windows.budget.low)
                all_tokens = max(all_tokens, left)
                if progress:
                    progress(all_tokens - left, all_tokens)
                count = await self._compact_once(state)
                if count is None:
                    break
                made += count
        return made

    async def compact_all(self, channel_id: int, *, progress: Progress | None = None) -> int:
        """Repair what is dirty and compact all there is, however long it takes."""
        made = (
            await self.repair(channel_id)
            if channel_id in await self.summaries.dirty_channels()
            else 0
        )
        return made + await self.compact(channel_id, passes=UNLIMITED_PASSES, progress=progress)

    async def repair(self, channel_id: int) -> int:
        """Make again what rested on a message that was edited or forgotten, a segment at a time.

        Returns how many segments that were. Raises ModelError like `compact`.
        """
        made = 0
        async with self.locks.holding(LockKind.COMPACTION, channel_id) as alone:
            for _ in range(MAX_PASSES if alone else 0):
                state = await self.channels.state(channel_id)
                segments = await self.summaries.segments(channel_id)
                old = next((segment for segment, dirty in segments if dirty), None)
                made += await self._repair_once(state, old, [segment for segment, _ in segments])
                if old is None:
                    break
        return made

    async def rebuild(self, channel_id: int, *, progress: Progress | None = None) -> int:
        """Throw all summaries of a channel away and make them again from its messages."""
        await self.summaries.reset(channel_id)
        return await self.compact(channel_id, passes=UNLIMITED_PASSES, progress=progress)

    async def postpone(self, channel_id: int) -> None:
        """Leave a channel alone for a while, the longer the more often it has failed."""
        await self.summaries.postpone(channel_id, FIRST_PAUSE, LONGEST_PAUSE)

    async def _compact_once(self, state: ChannelState) -> int | None:
        """One transaction's worth; None when there is nothing (more) to compact."""
        old, late = await self._read_window(state), False
        if not old:
            old, late = await self._read_late(state), True
        if not old:
            return None
        writer = self._segment_writer(state)
        async with self._accounted(writer):
            made = await writer.write(old)
        clean = [segment for segment, dirty in await self.summaries.segments(state.id) if not dirty]
        numbers = {seq for segment in made for seq in segment.seqs}
        replaced = [message for message in old if message.seq in numbers]
        compacted = Compacted(
            segments=tuple(made),
            digest=await self._build_digest(state, [*clean, *made]),
            late=late,
            messages=len(replaced),
            tokens_before=sum(message.tokens for message in replaced),
            model=writer.model.name,
            usage=tuple(writer.usage),
            flagged=writer.flagged.total(),
        )
        if not await self.summaries.commit(state, compacted):
            log.info("compaction_overtaken", channel=state.id)  # the channel changed meanwhile
            await self._charge(writer)
            return 0
        return len(made)

    async def _repair_once(
        self, state: ChannelState, old: Segment | None, segments: Sequence[Segment]
    ) -> int:
        """Make one segment again, or without one the digest; returns how many segments it made."""
        writer = self._segment_writer(state)
        made: list[Segment] = []
        if old:
            async with self._accounted(writer):
                made.append(await writer.rewrite(old))
        compacted = Compacted(
            segments=tuple(made),
            # Others may still hold what was taken back: it stays hidden until all are made again.
            digest=None if old else await self._build_digest(None, segments),
            messages=0,
            tokens_before=old.tokens if old else 0,
            model=writer.model.name,
            usage=tuple(writer.usage),
            flagged=writer.flagged.total(),
        )
        if not await self.summaries.recommit(state, compacted):
            await self._charge(writer)
            return 0
        return len(made)

    def _segment_writer(self, state: ChannelState) -> SegmentWriter:
        return SegmentWriter(
            state=state,
            model=self.models.get(state.model),
            persona=self.persona,
            windows=self.windows,
            messages=self.messages,
            budgets=self.budgets,
            local_times=self.local_times,
        )

    async def _build_digest(self, state: ChannelState | None, segments: Sequence[Segment]) -> str:
        """The digest of the newest segments; where people talk, one that grows from the former.

        As the window does, so that prompts have the same beginning for longer.
        """
        newest: list[Segment] = []
        tokens = 0
        for segment in sorted(segments, key=lambda one: (one.ended, one.first), reverse=True):
            tokens += segment.tokens
            if tokens > DIGEST_SOURCE:
                break
            newest.insert(0, segment)
        budget = self.windows.budget
        if state is None or state.window_tokens <= budget.high:
            return build_digest(newest, budget.digest)
        former = await self.summaries.digest(state.id)
        return build_digest(newest, budget.digest, former=former, low=budget.digest // 2)

    @asynccontextmanager
    async def _accounted(self, writer: SegmentWriter) -> AsyncIterator[None]:
        """What a model cannot do costs all the same, and leaves the channel alone for a while.

        So does a quota that is used up. Raises LimitReached.
        """
        try:
            team = writer.state.channel.workspace
            await self.quotas.check_quotas(writer.state.id, team=team)
            yield
        except (ModelError, LimitReached):
            await self.postpone(writer.state.id)
            await self._charge(writer)
            raise

    async def _charge(self, writer: SegmentWriter) -> None:
        """Record what came to nothing."""
        await self.usage.add(writer.state.id, writer.usage, "compaction")

    async def _read_window(self, state: ChannelState) -> list[Message]:
        """The beginning of the window, as much as leaves its low mark and fits one pass."""
        room = min(state.window_tokens - self.windows.budget.low, PASS_TOKENS)
        if room <= 0:
            return []
        return _fitting(await self.messages.oldest_of_window(state, limit=PASS_MESSAGES), room)

    async def _read_late(self, state: ChannelState) -> list[Message]:
        """What came in behind the window, as much as fits one pass."""
        if not state.late_tokens:
            return []
        found = await self.messages.oldest_late(state, limit=PASS_MESSAGES)
        return _fitting(found, PASS_TOKENS) or found[:1]


def _fitting(messages: Sequence[Message], room: int) -> list[Message]:
    """The first of them, as many as take so many tokens."""
    fitting: list[Message] = []
    for message in messages:
        room -= message.tokens
        if room < 0:
            break
        fitting.append(message)
    return fitting
