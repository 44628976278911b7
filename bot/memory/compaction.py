"""Window -> segments -> digest, never on the reply path. Messages themselves always stay."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

import structlog

from bot import metrics
from bot.context import TIGHTER, system
from bot.conversation import Message, Prompt, Segment, Statement, Usage
from bot.errors import ContextOverflow, EmptyAnswer, IncompleteAnswer, LimitReached, ModelError
from bot.limits import Limits
from bot.llm.models import Models
from bot.memory import segments
from bot.memory.window import Window, Windows
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
POSTPONED = 300  # seconds that a channel is left alone after a failure, twice as long after two
LONGEST = 7_200  # seconds that it is left alone at most
PAUSE_AFTER = 20  # passes in one go; a big import goes on at the next look

log = structlog.get_logger(__name__)
Progress = Callable[[int, int | None], None]  # tokens done, of tokens in all


@dataclass(frozen=True, slots=True)
class Work:
    """What one transaction's worth of compaction comes to, as it is done."""

    calls: list[Usage] = field(default_factory=list)
    flagged: Counter[str] = field(default_factory=Counter)
    """By kind, statements left out because something in them was never said."""


@dataclass(frozen=True, slots=True)
class Compaction:
    """The work that keeps prompts short."""

    database: Database
    channels: Channels
    messages: Messages
    summaries: Summaries
    usage: UsageLog
    models: Models
    windows: Windows
    persona: str
    shares: dict[str, float]
    """By model, the share of the budget that its context window was found to take."""
    limits: Limits

    async def due(self) -> list[int]:
        """Channels that are over their mark, or cold and long."""
        cold = min(COLD, (self.windows.budget.high + self.windows.budget.low) // 2)
        return await self.summaries.due(high=self.windows.budget.high, cold=cold)

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
                left = max(0, state.window_tokens - self.windows.budget.low)
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
        work = Work()
        model = self.models.named(state.model)
        async with self._accounted(state, work):
            made = await self._summarized(state, old, model, work)
        every = [one for one, dirty in await self.summaries.segments(state.id) if not dirty]
        before = sum(message.tokens for message in old if message.seq <= made[-1].last)
        count = sum(message.seq <= made[-1].last for message in old)
        done = self._done(made, [*every, *made], count, before, model, work)
        if not await self.summaries.commit(state, done):
            log.info("compaction repeated: the channel changed meanwhile", channel=state.id)
            await self._charge(state, work)
            return 0
        return len(made)

    async def _mend(self, state: ChannelState, old: Segment | None, every: list[Segment]) -> int:
        """Make one segment again, or without one the digest; returns how many segments it made."""
        work = Work()
        model = self.models.named(state.model)
        fresh: list[Segment] = []
        if old:
            async with self._accounted(state, work):
                fresh.append(await self._rebuilt(state, old, model, work))
        now = {one.first: one for one in (*every, *fresh)}
        before = old.tokens if old else 0
        done = self._done(fresh, list(now.values()), 0, before, model, work)
        if not await self.summaries.recommit(state, done):
            await self._charge(state, work)
            return 0
        return len(fresh)

    def _done(
        self, made: Sequence[Segment], every: Sequence[Segment], count: int, before: int,
        model: Model, work: Work,
    ) -> Compacted:  # fmt: skip
        """A compaction ready to be committed, with the digest of what is then there."""
        newest: list[Segment] = []
        for one in reversed(every):
            if sum(segment.tokens for segment in newest) + one.tokens > DIGESTED:
                break
            newest.insert(0, one)
        digest = segments.digest_of(newest, self.windows.budget.digest)
        return Compacted(
            tuple(made), digest, count, before, model.name, tuple(work.calls), work.flagged.total()
        )

    @asynccontextmanager
    async def _accounted(self, state: ChannelState, work: Work) -> AsyncIterator[None]:
        """What a model cannot do costs all the same, and leaves the channel alone for a while.

        So does a budget that is used up. Raises LimitReached.
        """
        try:
            await self.limits.spend(state.id)
            yield
        except (ModelError, LimitReached):
            await self.postpone(state.id)
            await self._charge(state, work)
            raise

    async def postpone(self, channel_id: int) -> None:
        """Leave a channel alone for a while, the longer the more often it has failed."""
        await self.summaries.postpone(channel_id, POSTPONED, LONGEST)

    async def _charge(self, state: ChannelState, work: Work) -> None:
        """Record what came to nothing."""
        await self.usage.add(state.id, work.calls, "compaction")

    async def _oldest(self, state: ChannelState) -> list[Message]:
        """The oldest messages of the window, as many as leave its low mark and fit one pass."""
        room = min(state.window_tokens - self.windows.budget.low, PASS)
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
        self, state: ChannelState, old: Sequence[Message], model: Model, work: Work
    ) -> list[Segment]:
        made: list[Segment] = []
        first = state.watermark + 1
        blocks = segments.cut(old, min(segments.SOURCE, self._room() * 3 // 4))
        known = await self._at_once(state, blocks, model, work)
        for block, told in zip(blocks, known, strict=True):
            try:
                statements = told or await self._asked(state, block, model, work)
            except ModelError:
                if not made:
                    raise
                break  # what was made is kept; the next pass fails with the rest, if it must
            made.append(segments.segment(block, statements, first))
            first = block[-1].seq + 1
        return made

    async def _rebuilt(
        self, state: ChannelState, old: Segment, model: Model, work: Work
    ) -> Segment:
        walk = self.messages.walk(state.channel, state.id, first=old.first, last=old.last)
        block = [message async for message in walk]
        if not block:
            return Segment(old.first, old.last, (), (), old.began, old.ended, 0)
        statements = await self._asked(state, block, model, work)
        return replace(segments.segment(block, statements, old.first), last=old.last)

    async def _at_once(
        self, state: ChannelState, blocks: Sequence[Sequence[Message]], model: Model, work: Work
    ) -> list[Sequence[Statement]]:
        """All blocks' statements by one call, where the window is in a cache; else none.

        None also for a block that this call told nothing of.
        """
        found: list[Sequence[Statement]] = [() for _ in blocks]
        window = await self._in_cache(state, model)
        if window is None or window.seqs[0] > blocks[0][0].seq:
            return found
        said = system(state.persona or self.persona, window.digest or "", self.windows.budget)
        lines = "\n".join(window.lines)
        prompt = segments.ask_here(blocks, said, lines, f"nellie:{state.id}")
        text = await self._said(model, prompt, work)
        for number, part in enumerate(segments.parted(text, blocks)):
            with suppress(EmptyAnswer):
                found[number] = self._understood(part, blocks[number], model, work)
        return found

    async def _in_cache(self, state: ChannelState, model: Model) -> Window | None:
        """The window, where the last prompt was so lately that a server may still have it.

        None after an import, after an hour's silence, and where it would not fit.
        """
        budget = self.windows.budget
        most = budget.high + budget.recall + budget.conversation
        if not budget.high < state.window_tokens <= most or model.name in self.shares:
            return None
        window = await self.windows.read(state.id)
        if window.state.epoch != state.epoch or not window.seqs:
            return None
        if window.digest is None:
            window.digest = await self.summaries.digest(state.id)
        return window

    async def _asked(
        self, state: ChannelState, block: Sequence[Message], model: Model, work: Work
    ) -> Sequence[Statement]:
        """A block's statements, by a call of its own."""
        prompt = segments.ask(block, self._room(), f"nellie:{state.id}")
        return self._understood(await self._said(model, prompt, work), block, model, work)

    async def _said(self, model: Model, prompt: Prompt, work: Work) -> str:
        """One call of the model, whole or not at all."""
        text, finish = "", None
        enough = prompt.max_output * segments.CHARACTERS + 1
        try:
            async for chunk in model.stream(prompt):
                text = (text + chunk.text)[:enough]
                finish = chunk.finish or finish
                if chunk.usage:
                    work.calls.append(chunk.usage)
        except ContextOverflow:
            self.shares[model.name] = self.shares.get(model.name, 1.0) * TIGHTER
            raise
        if finish is None or finish == "length":
            raise IncompleteAnswer(model=model.name)
        if not text.strip():
            raise EmptyAnswer(model=model.name)
        return text

    def _understood(
        self, text: str, block: Sequence[Message], model: Model, work: Work
    ) -> Sequence[Statement]:
        limit = segments.output(block)
        found = segments.understand(text, block, limit=limit, model=model.name)
        work.flagged.update(found.flagged)
        for kind, count in found.flagged.items():
            metrics.flagged_statements.add(kind, by=count)
        return found.statements

    def _room(self) -> int:
        """Tokens of source that one call may hold."""
        budget = self.windows.budget.scaled(min(self.shares.values(), default=1.0))
        return max(200, budget.total - segments.SUMMARY - 200)
