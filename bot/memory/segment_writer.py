"""Asks a model for the summaries of messages, and makes segments of what it answers."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from bot.domain.errors import ContextOverflow, EmptyAnswer, IncompleteAnswer, ModelError
from bot.domain.model import Message, Prompt, Segment, Statement, Usage
from bot.llm.fallback import Fallback
from bot.memory.local_times import LocalTimes
from bot.memory.segments import build_segment, split_into_blocks
from bot.memory.summary_parsing import MAX_CHARACTERS_PER_TOKEN, parse_summary, split_by_block
from bot.memory.window import Window, Windows, moment_of
from bot.prompting.cache_marks import find_ends
from bot.prompting.model_budgets import ModelBudgets
from bot.prompting.prompt import build_digest_text, build_memory, build_system_text
from bot.prompting.summary_prompt import (
    BLOCK_LIMIT,
    SUMMARY_LIMIT,
    build_appended_summary_prompt,
    build_summary_prompt,
    summary_limit,
)
from bot.store.channels import ChannelState
from bot.store.messages import Messages
from bot.telemetry import metrics

SMALLEST_ROOM = 200  # tokens of messages in one call, however little a model takes


@dataclass(slots=True, kw_only=True)
class SegmentWriter:
    """Writes the segments of one pass over a channel, by one model."""

    state: ChannelState
    model: Fallback
    persona: str
    windows: Windows
    messages: Messages
    budgets: ModelBudgets
    local_times: LocalTimes
    usage: list[Usage] = field(default_factory=list)
    """Every call so far, those that came to nothing included."""
    flagged: Counter[str] = field(default_factory=Counter)
    """By kind, statements left out because something in them was never said."""

    async def write(self, old: Sequence[Message]) -> list[Segment]:
        """The segments of messages that stand in the order of time.

        Raises ModelError when there is not even one; where a later one fails, there are fewer.
        """
        made: list[Segment] = []
        blocks = split_into_blocks(old, min(BLOCK_LIMIT, self._room() * 3 // 4))
        known = await self._summarize_in_cache(blocks)
        for block, statements in zip(blocks, known, strict=True):
            try:
                made.append(build_segment(block, statements or await self._summarize(block)))
            except ModelError:
                if not made:
                    raise
                break  # what was made is kept; the next pass fails with the rest, if it must
        return made

    async def rewrite(self, old: Segment) -> Segment:
        """A segment made again from what its messages are now. Raises ModelError."""
        found = await self.messages.get(self.state.channel, self.state.id, old.numbers)
        if not found:
            return replace(old, statements=(), participants=(), tokens=0)
        block = sorted(found, key=moment_of)
        made = build_segment(block, await self._summarize(block))
        return replace(made, first=old.first, last=old.last, seqs=old.seqs)

    async def _summarize_in_cache(
        self, blocks: Sequence[Sequence[Message]]
    ) -> list[Sequence[Statement]]:
        """All blocks' statements by one call, where the window is in a server's cache.

        None for each block where it is not, and for a block of which this call said nothing.
        """
        found: list[Sequence[Statement]] = [() for _ in blocks]
        window = await self._read_cached_window()
        if window is None or window.moments[0] > moment_of(blocks[0][0]):
            return found
        digest = await self.windows.read_digest(window)
        persona = self.state.persona or self.persona
        memory = build_memory(
            build_digest_text(digest, self.windows.budget),
            "\n".join(window.lines),
            find_ends(window.lines, window.starts, window.total),
        )
        prompt = build_appended_summary_prompt(
            blocks,
            system=build_system_text(persona, self.windows.budget, self.state.answer_style),
            memory=memory.text,
            ends=memory.ends,
            cache_key=self._cache_key,
            wanted=self.state.summary_wanted,
        )
        text = await self._complete(prompt)
        for number, part in enumerate(split_by_block(text, blocks)):
            with suppress(EmptyAnswer):
                found[number] = await self._parse(part, blocks[number])
        return found

    async def _read_cached_window(self) -> Window | None:
        """The window, where the last prompt was so lately that a server may still have it.

        None after an import, after an hour's silence, and where it would not fit.
        """
        budget = self.windows.budget
        most = budget.high + budget.recall + budget.conversation
        if not budget.high < self.state.window_tokens <= most:
            return None
        if self.budgets.is_limited(self.model.name):
            return None
        window = await self.windows.read(self.state.id)
        if window.state.epoch != self.state.epoch or not window.seqs:
            return None
        return window

    async def _summarize(self, block: Sequence[Message]) -> Sequence[Statement]:
        """A block's statements, by a call of its own."""
        prompt = build_summary_prompt(
            block, self._room(), self._cache_key, wanted=self.state.summary_wanted
        )
        return await self._parse(await self._complete(prompt), block)

    async def _complete(self, prompt: Prompt) -> str:
        """One call of the model, whole or not at all."""
        text, finish, answered_by = "", None, self.model.name
        longest = prompt.max_output * MAX_CHARACTERS_PER_TOKEN + 1
        try:
            async for chunk in self.model.stream(prompt):
                text = (text + chunk.text)[:longest]
                finish = chunk.finish or finish
                if chunk.usage:
                    self.usage.append(chunk.usage)
                    answered_by = chunk.usage.model
        except ContextOverflow as error:
            await self._learn_refusal(error, prompt)
            raise
        if finish is None or finish == "length":
            raise IncompleteAnswer(model=self.model.name)
        if not text.strip():
            raise EmptyAnswer(model=self.model.name)
        self.budgets.answered([answered_by], prompt)
        if self.budgets.is_limited(answered_by):
            self.budgets.states(answered_by, await self.model.window_of(answered_by))
        return text

    async def _learn_refusal(self, error: ContextOverflow, prompt: Prompt) -> None:
        refusing = str(error.details["model"])
        window = await self.model.window_of(refusing)
        self.budgets.refused(refusing, prompt.tokens, window)

    async def _parse(self, text: str, block: Sequence[Message]) -> Sequence[Statement]:
        said = await self.local_times.show(block)
        parsed = parse_summary(text, said, limit=summary_limit(block), model=self.model.name)
        self.flagged.update(parsed.flagged)
        for kind, count in parsed.flagged.items():
            metrics.flagged_statements.add(kind, by=count)
        return parsed.statements

    def _room(self) -> int:
        """Tokens of messages that one call of the model may hold."""
        budget = self.budgets.for_model(self.model.name)
        return max(SMALLEST_ROOM, budget.total - SUMMARY_LIMIT - 200)

    @property
    def _cache_key(self) -> str:
        return f"nellie:{self.state.id}"
