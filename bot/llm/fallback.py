"""Models tried in order, each behind a circuit breaker, with limits on its silence and time."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

import structlog

from bot.config.settings import Settings
from bot.domain.errors import (
    ContextOverflow,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
    NeedsModel,
)
from bot.domain.generation import parse_generations
from bot.domain.model import Chunk, Prompt
from bot.domain.ports import Model
from bot.llm.answers.thoughtless import thoughtless
from bot.llm.circuit_breaker import Breakers, CircuitBreaker, Clock
from bot.llm.model_call import ModelCall
from bot.llm.model_loading import load_model
from bot.llm.model_prompts import prompt_for
from bot.llm.pictures import can_see, fit_pictures
from bot.llm.tool_messages import without_tools
from bot.telemetry import metrics

WINDOWS_KEPT = 60.0  # seconds: a server may come back with another context window

log = structlog.get_logger(__name__)


def load_models(names: Sequence[str], settings: Settings) -> "Fallback":
    """The models of that name, in that order. Raises PluginError and SettingsError."""
    return Fallback([load_model(name, settings) for name in names], settings)


_REASONS: dict[type[ModelError], str] = {
    ModelUnavailable: "cannot be reached just now",
    ModelOverloaded: "is too busy just now",
    ModelTimeout: "took too long",
    ModelRejected: "refused the request",
}


def _tell(failures: Sequence[tuple[str, ModelError]]) -> str:
    """Which models failed, in a sentence of ours: what a server said may quote the prompt."""
    if not failures:
        return ""
    if len(failures) > 1:
        return f"The models {' and '.join(name for name, _ in failures)} failed just now."
    [(name, error)] = failures
    return f"The model {name} {_REASONS.get(type(error), 'failed just now')}."


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
        patience = min(settings.read_timeout, settings.turn_timeout)
        self._models = [(thoughtless(model, patience), Breakers(clock)) for model in models]
        self._settings = settings
        self._generations = parse_generations(settings.generation)
        self._clock = clock
        self._windows: dict[str, int] = {}
        self._ask_windows_after = clock()

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        now = asyncio.get_running_loop().time
        deadline = now() + self._settings.turn_timeout
        error: ModelError = ModelUnavailable(model="", reason="none is configured")
        failures: list[tuple[str, ModelError]] = []
        for model, breakers in self._models:
            breaker = breakers.of(prompt.purpose)
            if not breaker.admit():
                reason = "it failed too often just now and is spared for half a minute"
                error = ModelUnavailable(model=model.name, reason=reason)
                failures.append((model.name, error))
                continue
            for_it = prompt_for(model.name, prompt, self._generations)
            for_it = replace(for_it, failed=_tell(failures))
            if not getattr(model, "calls_tools", False):  # a plugin may be of another class
                for_it = without_tools(for_it)
            for_it, unseen = await fit_pictures(model, for_it, self._settings.sees(model.name))
            call = ModelCall(model, for_it, self._settings, deadline)
            async with aclosing(_ask(call, breaker)) as chunks:
                async for chunk in chunks:
                    yield replace(chunk, note=chunk.note or unseen) if chunk.finish else chunk
            if call.error is None:
                return
            if isinstance(call.error, NeedsModel):  # nothing failed: it was never able to
                error = error if failures else call.error
                continue
            error = call.error
            failures.append((model.name, error))
            log.warning("model_failed", model=model.name, error=type(error).__name__)
            metrics.retries.add("model")
            if call.has_begun or isinstance(error, ContextOverflow) or now() >= deadline:
                break
        raise error

    async def can_see(self) -> bool | None:
        """Whether any of its models sees pictures; None where only trying shows it."""
        told = [(model, self._settings.sees(model.name)) for model, _ in self._models]
        known = await asyncio.gather(*(can_see(model, says) for model, says in told))
        return True if True in known else None if None in known else False

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

    @property
    def members(self) -> list[tuple[Model, Breakers]]:
        """Its models in their order, each with what spares it."""
        return list(self._models)

    @property
    def without_tools(self) -> list[str]:
        """Those of its models that call none."""
        names = [(one.name, getattr(one, "calls_tools", False)) for one, _ in self._models]
        return [name for name, calls in names if not calls]

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


async def _ask(call: ModelCall, breaker: CircuitBreaker) -> AsyncGenerator[Chunk, None]:
    """One model's answer; how that went is noted."""
    try:
        async with aclosing(call.chunks()) as chunks:
            async for chunk in chunks:
                yield chunk
    except GeneratorExit:  # whoever listened has gone; the model was well
        if call.has_begun:
            breaker.record(None)
        raise
    breaker.record(call.error)
