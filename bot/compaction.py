"""Window -> segments -> digest, never on the reply path. Messages themselves always stay."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

import structlog

from bot import segments
from bot.context import TIGHTER, Budget
from bot.conversation import Message, Prompt, Segment, Statement, Usage
from bot.errors import ContextOverflow, EmptyAnswer, IncompleteAnswer, LimitReached, ModelError
from bot.limits import Limits
from bot.llm.models import Models
from bot.ports import Model
from bot.store.channels import Channels, ChannelState
from bot.store.database import Database
from bot.store.messages import Messages
from bot.store.summaries import Compacted, Summaries
from bot.store.usage import UsageLog

LOCK = 78  # the kind of the lock that lets one replica at a time compact a channel
COLD = 3_000  # window tokens over which an hour's silence is reason enough
DIGESTED = 6_000  # tokens of the newest segments from which the digest is made
PASS = 12_000  # window tokens compacted in one transaction
POSTPONED = 300  # seconds that a channel is left alone after a failure
PAUSE_AFTER = 20  # passes in one go; a big import goes on at the next look

log = structlog.get_logger(__name__)
Progress = Callable[[int, int | None], None]  # tokens done, of tokens in all


@dataclass(frozen=True, slots=True)
class Bill:
    """What the calls of one transaction's worth cost, as they come."""

    segments: list[Usage] = field(default_factory=list)
    digest: list[Usage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Compaction:
    """The work that keeps prompts short."""

    database: Database
    channels: Channels
    messages: Messages
    summaries: Summaries
    usage: UsageLog
    models: Models
    budget: Budget
    shares: dict[str, float]
    """By model, the share of the budget that its context window was found to take."""
    limits: Limits

    async def due(self) -> list[int]:
        """Channels that are over their mark, or cold and long."""
        cold = min(COLD, (self.budget.high + self.budget.low) // 2)
        return await self.summaries.due(high=self.budget.high, cold=cold)

    async def compact(
        self, channel_id: int, *, passes: int = PAUSE_AFTER, progress: Progress | None = None
    ) -> int:
        """Compact a channel's window down to its low mark; returns how many segments that made.

        Does nothing while another replica works on it. Raises ModelError, with everything that was
        committed before kept, and the channel left alone for a while.
        """
        made, most = 0, 0
        async with self.database.holding(LOCK, channel_id) as alone:
            for _ in range(passes if alone else 0):
                state = await self.channels.state(channel_id)
                left = max(0, state.window_tokens - self.budget.low)
                most = max(most, left)
                if progress:
                    progress(most - left, most)
                count = await self._one_pass(state)
                if count is None:
                    break
                made += count
        return made

    async def wholly(self, channel_id: int, *, progress: Progress | None = None) -> int:
        """Repair what is dirty and compact all there is, however long it takes."""
        made = await self.repair(channel_id) if channel_id in await self.summaries.dirty() else 0
        return made + await self.compact(channel_id, passes=1_000_000, progress=progress)

    async def repair(self, channel_id: int) -> int:
        """Make again what rested on a message that was edited or forgotten, a segment at a time.

        Returns how many segments that were. Raises ModelError like `compact`.
        """
        made = 0
        async with self.database.holding(LOCK, channel_id) as alone:
            for _ in range(PAUSE_AFTER if alone else 0):
                state = await self.channels.state(channel_id)
                every = await self.summaries.segments(channel_id)
                old = next((one for one, dirty in every if dirty), None)
                made += await self._mend(state, old, [one for one, _ in every])
                if old is None:
                    break
        return made

    async def rebuild(self, channel_id: int, *, progress: Progress | None = None) -> int:
        """Throw all summaries of a channel away and make them again from its messages."""
        await self.summaries.reset(channel_id)
        return await self.compact(channel_id, passes=1_000_000, progress=progress)

    async def _one_pass(self, state: ChannelState) -> int | None:
        """One transaction's worth; None when there is nothing (more) to compact."""
        old = await self._oldest(state)
        if not old:
            return None
        bill = Bill()
        model = self.models.named(state.model)
        async with self._accounted(state, bill):
            made = await self._summarized(state, old, model, bill.segments)
            before = sum(message.tokens for message in old if message.seq <= made[-1].last)
            digest = None
            if state.window_tokens - before <= self.budget.high:  # else another pass follows
                every = [one for one, dirty in await self.summaries.segments(state.id) if not dirty]
                digest = await self._digest(state, [*every, *made], model, bill.digest)
        count = sum(message.seq <= made[-1].last for message in old)
        done = Compacted(
            tuple(made), digest, count, before, model.name, tuple(bill.segments), tuple(bill.digest)
        )
        if not await self.summaries.commit(state, done):
            log.info("compaction repeated: the channel changed meanwhile", channel=state.id)
            await self._charge(state, bill)
            return 0
        return len(made)

    async def _mend(self, state: ChannelState, old: Segment | None, every: list[Segment]) -> int:
        """Make one segment again, or without one the digest; returns how many segments it made."""
        bill = Bill()
        model = self.models.named(state.model)
        fresh: tuple[Segment, ...] = ()
        digest = None
        async with self._accounted(state, bill):
            if old is None:
                digest = await self._digest(state, every, model, bill.digest)
            else:
                fresh = (await self._rebuilt(state, old, model, bill.segments),)
        before = old.tokens if old else 0
        done = Compacted(
            fresh, digest, 0, before, model.name, tuple(bill.segments), tuple(bill.digest)
        )
        if not await self.summaries.recommit(state, done):
            await self._charge(state, bill)
            return 0
        return len(fresh)

    @asynccontextmanager
    async def _accounted(self, state: ChannelState, bill: Bill) -> AsyncIterator[None]:
        """What a model cannot do costs all the same, and leaves the channel alone for a while.

        So does a budget that is used up. Raises LimitReached.
        """
        try:
            await self.limits.spend(state.id)
            yield
        except (ModelError, LimitReached):
            await self.summaries.postpone(state.id, POSTPONED)
            await self._charge(state, bill)
            raise

    async def _charge(self, state: ChannelState, bill: Bill) -> None:
        """Record what came to nothing."""
        await self.usage.add(state.id, bill.segments, "compaction")
        await self.usage.add(state.id, bill.digest, "digest")

    async def _oldest(self, state: ChannelState) -> list[Message]:
        """The oldest messages of the window, as many as leave its low mark and fit one pass."""
        room = min(state.window_tokens - self.budget.low, PASS)
        old: list[Message] = []
        walk = self.messages.walk(
            state.channel, state.id, first=state.watermark + 1, last=state.seq
        )
        async with aclosing(walk) as messages:
            async for message in messages:
                room -= message.tokens
                if room < 0:
                    break
                old.append(message)
        return old

    async def _summarized(
        self, state: ChannelState, old: Sequence[Message], model: Model, calls: list[Usage]
    ) -> list[Segment]:
        made: list[Segment] = []
        first = state.watermark + 1
        for block in segments.cut(old, min(segments.SOURCE, self._room() * 3 // 4)):
            prompt = segments.ask(block, self._room(), f"nellie:{state.id}")
            try:
                statements = await self._asked(model, prompt, [one.seq for one in block], calls)
            except ModelError:
                if not made:
                    raise
                break  # what was made is kept; the next pass fails with the rest, if it must
            made.append(segments.segment(block, statements, first))
            first = block[-1].seq + 1
        return made

    async def _rebuilt(
        self, state: ChannelState, old: Segment, model: Model, calls: list[Usage]
    ) -> Segment:
        walk = self.messages.walk(state.channel, state.id, first=old.first, last=old.last)
        block = [message async for message in walk]
        if not block:
            return Segment(old.first, old.last, (), (), old.began, old.ended, 0)
        prompt = segments.ask(block, self._room(), f"nellie:{state.id}")
        statements = await self._asked(model, prompt, [one.seq for one in block], calls)
        fresh = segments.segment(block, statements, old.first)
        return Segment(
            old.first, old.last, fresh.statements, fresh.participants, fresh.began, fresh.ended,
            fresh.tokens,
        )  # fmt: skip

    async def _digest(
        self, state: ChannelState, every: Sequence[Segment], model: Model, calls: list[Usage]
    ) -> str:
        """The digest of the newest segments; they stand for themselves while they are short."""
        newest: list[Segment] = []
        for one in reversed(every):
            if sum(segment.tokens for segment in newest) + one.tokens > min(DIGESTED, self._room()):
                break
            newest.insert(0, one)
        size = self.budget.digest
        if sum(one.tokens + 8 for one in newest) <= size or not newest:
            return segments.digest_of(newest, size)
        prompt = segments.ask_digest(newest, size, f"nellie:{state.id}")
        known = [seq for one in prompt.statements for seq in one.sources]
        try:
            statements = await self._asked(model, prompt, known, calls)
        except ModelError as error:
            log.warning("digest failed", channel=state.id, error=type(error).__name__)
            return segments.digest_of(newest, size)
        return "\n".join(f"- {one.text}" for one in statements)

    async def _asked(
        self, model: Model, prompt: Prompt, known: Sequence[int], calls: list[Usage]
    ) -> list[Statement]:
        """One call of the model, whole or not at all."""
        text, finish = "", None
        enough = prompt.max_output * segments.CHARACTERS + 1
        try:
            async for chunk in model.stream(prompt):
                text = (text + chunk.text)[:enough]
                finish = chunk.finish or finish
                if chunk.usage:
                    calls.append(chunk.usage)
        except ContextOverflow:
            self.shares[model.name] = self.shares.get(model.name, 1.0) * TIGHTER
            raise
        if finish is None or finish == "length":
            raise IncompleteAnswer(model=model.name)
        if not text.strip():
            raise EmptyAnswer(model=model.name)
        return segments.understand(text, known, limit=prompt.max_output, model=model.name)

    def _room(self) -> int:
        """Tokens of source that one call may hold."""
        budget = self.budget.scaled(min(self.shares.values(), default=1.0))
        return max(200, budget.total - segments.SUMMARY - 200)
