"""One call of a model for a turn: its text as it may be shown, and what it cost."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from bot.core.turn_run import TurnRun
from bot.domain.errors import EmptyAnswer, ModelError
from bot.domain.model import Prompt, Usage
from bot.domain.ports import Model
from bot.telemetry import metrics
from bot.text.citations import Citations
from bot.text.sanitize import clean, defuse, take_stable
from bot.text.tokens import estimate


async def generate(run: TurnRun, model: Model, prompt: Prompt) -> AsyncGenerator[str]:
    """The text as it comes; a call that is cut off is billed too. Raises ModelError, Fenced."""
    billed, text = len(run.usage), ""
    started = time.monotonic()
    run.require_lease()
    run.calls = ()
    try:
        chunks = _chunks(run, model, prompt)
        if prompt.purpose == "answer":
            chunks = _cited(chunks, prompt)
        async with aclosing(_safe(chunks)) as pieces:
            async for piece in pieces:
                text += piece
                yield piece
    finally:
        took = time.monotonic() - started
        metrics.stages.observe("model", took)
        run.trace.add("model", took)
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


async def _cited(pieces: AsyncGenerator[str], prompt: Prompt) -> AsyncGenerator[str]:
    """Text in which the marks of passages have become their files and pages, with links.

    Before it is made safe: what is taken out could keep the halves of a mention apart.
    """
    citations = Citations([one.citation for one in prompt.passages])
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                if shown := citations.feed(piece):
                    yield shown
    except ModelError:
        if rest := citations.finish():
            yield rest
        raise
    finally:
        metrics.citations.add("given", by=citations.given)
        metrics.citations.add("not_given", by=citations.not_given)
    if rest := citations.finish():
        yield rest


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
