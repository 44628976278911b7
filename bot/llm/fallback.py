"""Models tried in order, each behind a circuit breaker, with limits on its silence and time."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import structlog

from bot import metrics, plugins
from bot.conversation import Chunk, Prompt, Usage
from bot.errors import (
    ContextOverflow,
    EmptyAnswer,
    IncompleteAnswer,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
)
from bot.ports import Model
from bot.settings import Settings
from bot.tokens import estimate

Clock = Callable[[], float]
log = structlog.get_logger(__name__)

_WINDOW_HOLDS = 60.0  # seconds: a server may come back with another window

_READ_NOTHING = (ContextOverflow, ModelOverloaded, ModelRejected, ModelUnavailable)


def load(names: Sequence[str], settings: Settings) -> "Fallback":
    """The models of that name, in that order. Raises PluginError and SettingsError."""
    return Fallback([_load(name, settings) for name in names], settings)


def _load(name: str, settings: Settings) -> Model:
    kind, _, rest = name.partition("/")
    model: Model = plugins.load("model", kind)(rest, settings)
    return model


class Breaker:
    """Spares a model that keeps failing: three times in a row, and it rests for half a minute."""

    FAILURES = 3
    REST = 30.0

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._rests_until = 0.0

    def admits(self) -> bool:
        """Whether to call; once the rest is over, this lets one call through as a test."""
        if self._failures < self.FAILURES:
            return True
        if self._clock() < self._rests_until:
            return False
        self._rests_until = self._clock() + self.REST
        return True

    @property
    def open(self) -> bool:
        """Whether it spares its model now."""
        return self._failures >= self.FAILURES and self._clock() < self._rests_until

    def record(self, error: ModelError | None) -> None:
        """How a call ended. An overflow is the prompt's fault, and shows that the model lives."""
        if error is None or isinstance(error, ContextOverflow):
            self._failures = 0
            return
        self._failures += 1
        self._rests_until = self._clock() + self.REST


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
        self._models = [(model, Breaker(clock)) for model in models]
        self._settings = settings
        self._clock = clock
        self._window: int | None = None
        self._ask_after = clock()

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        now = asyncio.get_running_loop().time
        deadline = now() + self._settings.turn_timeout
        error: ModelError = ModelUnavailable(model="", reason="none is configured")
        for model, breaker in self._models:
            if not breaker.admits():
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
            log.warning("model failed", model=model.name, error=type(error).__name__)
            metrics.retries.add("model")
            if call.begun or isinstance(error, ContextOverflow) or now() >= deadline:
                break
        raise error

    async def context_window(self) -> int | None:
        """What NELLIE_CONTEXT_WINDOW says, else the smallest window that a model knows of."""
        if self._settings.context_window:
            return self._settings.context_window
        if self._clock() >= self._ask_after:
            asked = (model.context_window() for model, _ in self._models)
            answers = await asyncio.gather(*asked, return_exceptions=True)
            self._window = min((size for size in answers if isinstance(size, int)), default=None)
            self._ask_after = self._clock() + _WINDOW_HOLDS
        return self._window

    def resting(self) -> dict[str, bool]:
        """By model, whether it failed too often just now and is spared."""
        return {model.name: breaker.open for model, breaker in self._models}

    async def close(self) -> None:
        for model, _ in self._models:
            await model.close()


class _Call:
    """One call of one model: what came of it, and what it cost."""

    def __init__(self, model: Model, prompt: Prompt, settings: Settings, deadline: float) -> None:
        self.error: ModelError | None = None
        self._model = model
        self._prompt = prompt
        self._settings = settings
        self._deadline = deadline
        self._said: list[str] = []
        self._finish: str | None = None
        self._usage: Usage | None = None

    @property
    def begun(self) -> bool:
        return bool(self._said)

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        """Text as it comes, then one chunk with the usage. Raises nothing: see `error`."""
        try:
            async with _closed_at_once(self._model.stream(self._prompt)) as stream:
                while (chunk := await self._next(stream)) is not None:
                    if text := self._take(chunk):
                        yield Chunk(text=text)
        except ModelError as error:
            self.error = error
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            self.error = ModelError(model=self._model.name, reason=reason)
        except BaseException:  # whoever listened has gone
            self._count("Stopped")
            raise
        self._judge()
        self._count(type(self.error).__name__ if self.error else "ok")
        yield Chunk(finish=None if self.error else self._finish, usage=self._bill())

    def _count(self, outcome: str) -> None:
        bill, name = self._bill(), self._model.name
        metrics.model_calls.add(name, outcome)
        for kind, count in (
            ("input", bill.input), ("cached", bill.cached or 0), ("output", bill.output),
        ):  # fmt: skip
            metrics.tokens.add(self._prompt.purpose, name, kind, by=count)

    async def _next(self, stream: AsyncIterator[Chunk]) -> Chunk | None:
        silent = asyncio.get_running_loop().time() + self._settings.read_timeout
        try:
            async with asyncio.timeout_at(min(silent, self._deadline)):
                return await anext(stream, None)
        except TimeoutError:
            raise self._too_slow(self._deadline < silent) from None

    def _too_slow(self, in_all: bool) -> ModelError:
        if in_all and self.begun:
            return IncompleteAnswer(model=self._model.name)
        seconds = self._settings.turn_timeout if in_all else self._settings.read_timeout
        return ModelTimeout(model=self._model.name, seconds=f"{seconds:g}")

    def _take(self, chunk: Chunk) -> str:
        self._finish = chunk.finish or self._finish
        self._usage = chunk.usage or self._usage
        text = chunk.text if self.begun else chunk.text.lstrip()
        if text:
            self._said.append(text)
        return text

    def _judge(self) -> None:
        """What breaks after the end does no harm; what ends without an end is no answer."""
        if self.begun and self._finish:
            self.error = None
        elif self.error is None:
            fault = EmptyAnswer if self._finish else IncompleteAnswer
            self.error = fault(model=self._model.name)

    def _bill(self) -> Usage:
        if self._usage:
            return replace(self._usage, model=self._model.name)
        read = 0 if isinstance(self.error, _READ_NOTHING) else self._prompt.tokens
        written = estimate("".join(self._said))
        return Usage(self._model.name, read, written, estimated=True)


@asynccontextmanager
async def _closed_at_once(stream: AsyncIterator[Chunk]) -> AsyncIterator[AsyncIterator[Chunk]]:
    """Not every iterator of a stranger's model can be closed."""
    try:
        yield stream
    finally:
        if close := getattr(stream, "aclose", None):
            await close()
