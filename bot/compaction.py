"""Window -> segments -> digest, never on the reply path. Messages themselves always stay."""

from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import structlog

from bot import segments
from bot.context import Budget
from bot.conversation import Message, Prompt, Segment, Statement, Usage
from bot.errors import EmptyAnswer, IncompleteAnswer, ModelError
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
Progress = Callable[[int, int | None], None]


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
        made = 0
        async with self.database.holding(LOCK, channel_id) as alone:
            for _ in range(passes if alone else 0):
                state = await self.channels.state(channel_id)
                count = await self._one_pass(state)
                if count is None:
                    break
                made += count
                if progress:
                    progress(made, max(0, state.window_tokens - self.budget.low))
        return made

    async def wholly(self, channel_id: int, *, progress: Progress | None = None) -> int:
        """Repair what is dirty and compact all there is, however long it takes."""
        made = await self.repair(channel_id) if channel_id in await self.summaries.dirty() else 0
        return made + await self.compact(channel_id, passes=1_000_000, progress=progress)

    async def repair(self, channel_id: int) -> int:
        """Make again what rested on a message that was edited or forgotten."""
        async with self.database.holding(LOCK, channel_id) as alone:
            if not alone:
                return 0
            state = await self.channels.state(channel_id)
            every = await self.summaries.segments(channel_id)
            calls: list[Usage] = []
            model = self.models.named(state.model)
            again = [one for one, dirty in every if dirty]
            fresh = [await self._rebuilt(state, one, model, calls) for one in again]
            new = {one.first: one for one in fresh}
            digest, digest_calls = await self._digest(
                state, [new.get(one.first, one) for one, _ in every], model
            )
            done = Compacted(
                tuple(fresh), digest, 0, sum(one.tokens for one in again), model.name,
                tuple(calls), tuple(digest_calls),
            )  # fmt: skip
            return len(fresh) if await self.summaries.recommit(state, done) else 0

    async def rebuild(self, channel_id: int, *, progress: Progress | None = None) -> int:
        """Throw all summaries of a channel away and make them again from its messages."""
        await self.summaries.reset(channel_id)
        return await self.compact(channel_id, passes=1_000_000, progress=progress)

    async def _one_pass(self, state: ChannelState) -> int | None:
        """One transaction's worth; None when there is nothing (more) to compact."""
        old = await self._oldest(state)
        if not old:
            return None
        calls: list[Usage] = []
        model = self.models.named(state.model)
        try:
            made = await self._summarized(state, old, model, calls)
            left = state.window_tokens - sum(message.tokens for message in old)
            digest, digest_calls = None, list[Usage]()
            if left <= self.budget.high:  # a backlog needs no digest between its passes
                every = [one for one, dirty in await self.summaries.segments(state.id) if not dirty]
                digest, digest_calls = await self._digest(state, [*every, *made], model)
        except ModelError:
            await self.summaries.postpone(state.id, POSTPONED)
            await self.usage.add(state.id, calls, "compaction")
            raise
        before = sum(message.tokens for message in old)
        done = Compacted(
            tuple(made), digest, len(old), before, model.name, tuple(calls), tuple(digest_calls)
        )
        if not await self.summaries.commit(state, done):
            log.info("compaction repeated: the channel changed meanwhile", channel=state.id)
            return 0
        return len(made)

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
        for block in segments.cut(old, min(segments.SOURCE, self._room())):
            prompt = segments.ask(block, self._room(), f"nellie:{state.id}")
            statements = await self._asked(model, prompt, [one.seq for one in block], calls)
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
        self, state: ChannelState, every: Sequence[Segment], model: Model
    ) -> tuple[str, list[Usage]]:
        """The digest of the newest segments; they stand for themselves while they are short."""
        newest: list[Segment] = []
        for one in reversed(every):
            if sum(segment.tokens for segment in newest) + one.tokens > min(DIGESTED, self._room()):
                break
            newest.insert(0, one)
        size, calls = self.budget.digest, list[Usage]()
        if sum(one.tokens + 8 for one in newest) <= size or not newest:
            return segments.digest_of(newest, size), calls
        prompt = segments.ask_digest(newest, size, f"nellie:{state.id}")
        known = [seq for one in prompt.statements for seq in one.sources]
        try:
            statements = await self._asked(model, prompt, known, calls)
        except ModelError as error:
            log.warning("digest failed", channel=state.id, reason=str(error))
            return segments.digest_of(newest, size), calls
        return "\n".join(f"- {one.text}" for one in statements), calls

    async def _asked(
        self, model: Model, prompt: Prompt, known: Sequence[int], calls: list[Usage]
    ) -> list[Statement]:
        """One call of the model, whole or not at all."""
        text, finish = "", None
        async for chunk in model.stream(prompt):
            text += chunk.text
            finish = chunk.finish or finish
            if chunk.usage:
                calls.append(chunk.usage)
        if finish is None or finish == "length":
            raise IncompleteAnswer(model=model.name)
        if not text.strip():
            raise EmptyAnswer(model=model.name)
        return segments.understand(text, known, limit=prompt.max_output, model=model.name)

    def _room(self) -> int:
        """Tokens of source that one call may hold."""
        return max(200, self.budget.total - segments.SUMMARY - 200)
