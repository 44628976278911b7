"""One call of a model for a turn: its text as it may be shown, and what it cost."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from bot.core.turn_run import TurnRun
from bot.domain.errors import EmptyAnswer, ModelError
from bot.domain.model import Prompt, Usage
from bot.domain.ports import Model
from bot.telemetry import metrics
from bot.text.sanitize import clean, defuse, take_stable
from bot.text.tokens import estimate


async def generate(run: TurnRun, model: Model, prompt: Prompt) -> AsyncGenerator[str]:
    """The text as it comes; a call that is cut off is billed too. Raises ModelError, Fenced."""
    billed, text = len(run.usage), ""
    started = time.monotonic()
    run.require_lease()
    run.calls = ()
    try:
        async with aclosing(_safe(_chunks(run, model, prompt))) as pieces:
            async for piece in pieces:
                text += piece
                yield piece
    finally:
        metrics.stages.observe("model", time.monotonic() - started)
        if len(run.usage) == billed:
            run.usage.append(Usage(model.name, prompt.tokens, estimate(text), None, True))
    if not (text.strip() or run.calls or run.stopped):
        raise EmptyAnswer(model=model.name)


async def _chunks(run: TurnRun, model: Model, prompt: Prompt) -> AsyncGenerator[str]:
    """The model's text, until it ends or is stopped."""
    thinking_since: float | None = None
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
            run.finish = chunk.finish or run.finish
            run.note = chunk.note or run.note
            run.calls = chunk.calls or run.calls
            if chunk.text:
                yield chunk.text
            elif chunk.thought:
                thinking_since = thinking_since or time.monotonic()
                run.status = f"thinking, {time.monotonic() - thinking_since:.0f} s"


async def _safe(pieces: AsyncGenerator[str]) -> AsyncGenerator[str]:
    """Text that can be stored and pings nobody, also where a mention comes in pieces."""
    held = ""
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                safe, held = take_stable(held + piece)
                if safe:
                    yield safe
    except ModelError:
        if held:
            yield defuse(clean(held))
        raise
    if held:
        yield defuse(clean(held))
