"""Models tried in order, each behind a circuit breaker, with limits on its silence and time."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import structlog

from bot.config.settings import Settings
from bot.domain.errors import (
    AnswerFiltered,
    ContextOverflow,
    EmptyAnswer,
    IncompleteAnswer,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
    OnlyThoughts,
)
from bot.domain.model import Chunk, Prompt, Purpose, Usage
from bot.domain.ports import Model
from bot.llm.circuit_breaker import CircuitBreaker, Clock
from bot.llm.model_loading import load_model
from bot.telemetry import metrics
from bot.text.tokens import estimate

WINDOWS_KEPT = 60.0  # seconds: a server may come back with another context window

_READ_NOTHING = (ContextOverflow, ModelOverloaded, ModelRejected, ModelUnavailable)

log = structlog.get_logger(__name__)


def load_models(names: Sequence[str], settings: Settings) -> "Fallback":
    """The models of that name, in that order. Raises PluginError and SettingsError."""
    return Fallback([load_model(name, settings) for name in names], settings)


class Fallback(Model):
    """The first model that answers. After its first word there is no going back.

    Text comes in chunks of its own; the last chunk of a whole answer has `finish`. Every call,
    also a failed one, leaves one chunk with `usage`: estimated where the model reported none.
    Whoever closes the iterator before its end estimates that one.
    """

    def __init__(
        self, models: Sequence[Model], settings: Settings, clock: Clock = time.monotonic
    ) -> None:
        self.name = ",".join(model.name for model in models)
        self._models = [(model, _Breakers(clock)) for model in models]
        self._settings = settings
        self._clock = clock
        self._windows: dict[str, int] = {}
        self._ask_windows_after = clock()

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        now = asyncio.get_running_loop().time
        deadline = now() + self._settings.turn_timeout
        error: ModelError = ModelUnavailable(model="", reason="none is configured")
        for model, breakers in self._models:
            breaker = breakers.of(prompt.purpose)
            if not breaker.admit():
                reason = "it failed too often just now and is spared for half a minute"
                error = ModelUnavailable(model=model.name, reason=reason)
                continue
            call = _Call(model, prompt, self._settings, deadline)
            async with aclosing(call.chunks()) as chunks:
                async for chunk in chunks:
                    yield chunk
            breaker.record(call.error)
            if call.error is None:
                return
            error = call.error
            log.warning("model_failed", model=model.name, error=type(error).__name__)
            metrics.retries.add("model")
            if call.has_begun or isinstance(error, ContextOverflow) or now() >= deadline:
                break
        raise error

    async def context_window(self) -> int | None:
        """What NELLIE_CONTEXT_WINDOW says, else the smallest window that a model knows of."""
        if self._settings.context_window:
            return self._settings.context_window
        return min((await self._ask_windows()).values(), default=None)

    async def window_of(self, name: str) -> int | None:
        """The same of one of its models."""
        if self._settings.context_window:
            return self._settings.context_window
        return (await self._ask_windows()).get(name)

    def open_circuits(self) -> dict[str, bool]:
        """By model, whether it failed too often just now and is spared."""
        return {model.name: breakers.answers.is_open for model, breakers in self._models}

    async def close(self) -> None:
        for model, _ in self._models:
            await model.close()

    async def _ask_windows(self) -> dict[str, int]:
        """The context windows that its models know of, by their names."""
        if self._clock() >= self._ask_windows_after:
            models = [model for model, _ in self._models]
            answers = await asyncio.gather(
                *(model.context_window() for model in models), return_exceptions=True
            )
            self._windows = {
                model.name: answer
                for model, answer in zip(models, answers, strict=True)
                if isinstance(answer, int)
            }
            self._ask_windows_after = self._clock() + WINDOWS_KEPT
        return self._windows


class _Breakers:
    """The circuit breakers of one model: what fails in the background keeps no person waiting."""

    def __init__(self, clock: Clock) -> None:
        self.answers = CircuitBreaker(clock)
        self._background = CircuitBreaker(clock)

    def of(self, purpose: Purpose) -> CircuitBreaker:
        """The one that calls of this purpose go through."""
        return self.answers if purpose == "answer" else self._background


class _Call:
    """One call of one model: what came of it, and what it cost."""

    def __init__(self, model: Model, prompt: Prompt, settings: Settings, deadline: float) -> None:
        self.error: ModelError | None = None
        self._model = model
        self._prompt = prompt
        self._settings = settings
        self._deadline = deadline
        self._texts: list[str] = []
        self._blank = ""
        self._thought = False
        self._finish: str | None = None
        self._note = ""
        self._usage: Usage | None = None

    @property
    def has_begun(self) -> bool:
        return bool(self._texts)

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        """Text as it comes, then one chunk with the usage. Raises nothing: see `error`."""
        try:
            async with _closing_at_once(self._model.stream(self._prompt)) as stream:
                while (chunk := await self._next(stream)) is not None:
                    text = self._take(chunk)
                    if text or chunk.thought:
                        yield Chunk(text=text, thought=chunk.thought)
        except ModelError as error:
            self.error = self._named(error)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            self.error = ModelError(model=self._model.name, reason=reason)
        except BaseException:  # whoever listened has gone
            self._count("Stopped")
            raise
        self._judge()
        self._count(type(self.error).__name__ if self.error else "ok")
        finish, note = (None, "") if self.error else (self._finish, self._note)
        yield Chunk(finish=finish, usage=self._estimate_usage(), note=note)

    def _named(self, error: ModelError) -> ModelError:
        """The error, with the model's name as NELLIE_MODEL has it; a plugin may say another."""
        error.details["model"] = self._model.name
        return error

    def _count(self, outcome: str) -> None:
        usage, name = self._estimate_usage(), self._model.name
        metrics.model_calls.add(name, outcome)
        counts = {
            "input": usage.input,
            "cached": usage.cached or 0,
            "cache_write": usage.cache_write or 0,
            "output": usage.output,
        }
        for kind, count in counts.items():
            metrics.tokens.add(self._prompt.purpose, name, kind, by=count)

    async def _next(self, stream: AsyncIterator[Chunk]) -> Chunk | None:
        silent_until = asyncio.get_running_loop().time() + self._settings.read_timeout
        try:
            async with asyncio.timeout_at(min(silent_until, self._deadline)):
                return await anext(stream, None)
        except TimeoutError:
            raise self._timeout_error(is_deadline=self._deadline < silent_until) from None

    def _timeout_error(self, *, is_deadline: bool) -> ModelError:
        if is_deadline and self.has_begun:
            return IncompleteAnswer(model=self._model.name)
        seconds = self._settings.turn_timeout if is_deadline else self._settings.read_timeout
        return ModelTimeout(model=self._model.name, seconds=f"{seconds:g}")

    def _take(self, chunk: Chunk) -> str:
        self._finish = chunk.finish or self._finish
        self._note = chunk.note or self._note
        self._usage = chunk.usage or self._usage
        self._thought = self._thought or chunk.thought > 0
        text = self._blank + chunk.text
        if not self.has_begun and not text.strip():
            self._blank = text  # nobody sees it, unless it stands at a seam
            return ""
        self._blank = ""
        if not (self.has_begun or self._prompt.goes_on):
            text = text.lstrip()
        if text:
            self._texts.append(text)
        return text

    def _judge(self) -> None:
        """What breaks after the end does no harm; what ends without an end is no answer."""
        if self.has_begun and self._finish:
            self.error = None
        elif self.error is None:
            self.error = self._kind_of_nothing()(model=self._model.name)

    def _kind_of_nothing(self) -> type[ModelError]:
        if not self._finish:
            return IncompleteAnswer
        if self._finish == "content_filter":
            return AnswerFiltered
        return OnlyThoughts if self._thought else EmptyAnswer

    def _estimate_usage(self) -> Usage:
        """What the model reported, or else our own estimate."""
        if self._usage:
            return replace(self._usage, model=self._model.name)
        read = 0 if isinstance(self.error, _READ_NOTHING) else self._prompt.tokens
        written = estimate("".join(self._texts))
        return Usage(self._model.name, read, written, estimated=True)


@asynccontextmanager
async def _closing_at_once(stream: AsyncIterator[Chunk]) -> AsyncIterator[AsyncIterator[Chunk]]:
    """Not every iterator of a plugin's model can be closed."""
    try:
        yield stream
    finally:
        if close := getattr(stream, "aclose", None):
            await close()
