"""One call of a model for a turn: its text as it may be shown, and what it cost."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from bot import metrics
from bot.conversation import Prompt, Usage
from bot.errors import EmptyAnswer, ModelError
from bot.ports import Model
from bot.text import clean, defuse, settled
from bot.tokens import estimate
from bot.turns import Run


async def called(run: Run, model: Model, prompt: Prompt) -> AsyncGenerator[str]:
    """The text as it comes; a call that is cut off leaves a bill too. Raises ModelError, Fenced."""
    paid, said = len(run.usage), ""
    begun = time.monotonic()
    run.allow()
    try:
        async with aclosing(_safe(_reading(run, model, prompt))) as texts:
            async for text in texts:
                said += text
                yield text
    finally:
        metrics.stages.observe("model", time.monotonic() - begun)
        if len(run.usage) == paid:
            run.usage.append(Usage(model.name, prompt.tokens, estimate(said), None, True))
    if not said.strip() and not run.stopped:
        raise EmptyAnswer(model=model.name)


async def _reading(run: Run, model: Model, prompt: Prompt) -> AsyncGenerator[str]:
    """What the model says, until it ends or is stopped."""
    async with aclosing(model.stream(prompt)) as chunks:  # type: ignore[type-var]  # generators close
        while not run.stopped:
            try:
                chunk = await run.next(chunks)
            except StopAsyncIteration:
                return
            if chunk is None:
                return
            if chunk.usage:
                run.usage.append(chunk.usage)
            if chunk.text:
                yield chunk.text


async def _safe(texts: AsyncGenerator[str]) -> AsyncGenerator[str]:
    """Text that can be stored and pings nobody, also where a mention comes in pieces."""
    held = ""
    try:
        async with aclosing(texts):
            async for text in texts:
                held += text
                ready = settled(held)
                if safe := defuse(clean(held[:ready])):
                    yield safe
                held = held[ready:]
    except ModelError:
        if held:
            yield defuse(clean(held))
        raise
    if held:
        yield defuse(clean(held))
