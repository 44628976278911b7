"""Calls of a model while prompts are tuned: so many at a time, and what each used is kept."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from bot.domain.model import Prompt, Usage
from bot.limits.call_queue import CallQueue
from bot.llm.fallback import Fallback

Keep = Callable[[Sequence[Usage]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said, to its end."""

    text: str
    usage: tuple[Usage, ...] = ()


Ask = Callable[[Prompt], Awaitable[Said]]


async def keep_nothing(usage: Sequence[Usage]) -> None:
    """Where there is no channel whose usage it could be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """One model."""

    model: Fallback
    queue: CallQueue
    keep: Keep = keep_nothing
    used: list[Usage] = field(default_factory=list)
    """All calls so far."""

    async def ask(self, prompt: Prompt) -> Said:
        """Its whole answer. Raises ModelError; what was used is kept all the same."""
        texts, usage = list[str](), list[Usage]()
        async with self.queue.slot():
            try:
                async with aclosing(self.model.stream(prompt)) as chunks:
                    async for chunk in chunks:
                        texts.append(chunk.text)
                        if chunk.usage:
                            usage.append(chunk.usage)
            finally:
                self.used.extend(usage)
                await self.keep(usage)
        return Said("".join(texts), tuple(usage))
