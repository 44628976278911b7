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
    billed, shown = len(run.usage), _Shown(prompt)
    started = time.monotonic()
    run.require_lease()
    run.calls = ()
    try:
        async with aclosing(_texts(run, model, prompt)) as texts:
            async for text in texts:
                if piece := shown.feed(text):
                    yield piece
        if rest := shown.finish():
            yield rest
    except ModelError:
        if rest := shown.finish():
            yield rest
        raise
    finally:
        took = time.monotonic() - started
        metrics.stages.observe("model", took)
        run.trace.add("model", took)
        shown.note_citations()
        if len(run.usage) == billed:
            run.usage.append(Usage(model.name, prompt.tokens, estimate(shown.text), None, True))
    if not (shown.text.strip() or run.calls or run.stopped):
        raise EmptyAnswer(model=model.name)


async def _texts(run: TurnRun, model: Model, prompt: Prompt) -> AsyncGenerator[str]:
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


class _Shown:
    """A model's text, piece by piece as it may be shown.

    The marks of passages become their files and pages, with links. Then it is made safe: it can be
    stored and pings nobody, also where a mention comes in pieces. In this order, for what is taken
    out could keep the halves of a mention apart.
    """

    def __init__(self, prompt: Prompt) -> None:
        self.text = ""
        """What was given of it."""
        cites = prompt.purpose == "answer"
        cited = [one.citation for one in prompt.passages]
        self._citations = Citations(cited) if cites else None
        self._held = ""

    def feed(self, text: str) -> str:
        """What of it can be shown, whatever comes next."""
        cited = self._citations.feed(text) if self._citations else text
        safe, self._held = take_stable(self._held + cited)
        self.text += safe
        return safe

    def finish(self) -> str:
        """What is left at the end."""
        rest = self._citations.finish() if self._citations else ""
        held, self._held = self._held + rest, ""
        safe = defuse(clean(held))
        self.text += safe
        return safe

    def note_citations(self) -> None:
        """Count how well the model cited."""
        if self._citations:
            metrics.citations.add("given", by=self._citations.given)
            metrics.citations.add("not_given", by=self._citations.not_given)
