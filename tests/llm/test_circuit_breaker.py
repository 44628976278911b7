"""The circuit breaker of each model: when it is spared, and when it is tried again."""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace

import pytest
from doubles.model_script import BUSY, TOO_LONG

from bot.config.settings import Settings
from bot.domain.errors import (
    EmptyAnswer,
    IncompleteAnswer,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
    OnlyThoughts,
)
from bot.domain.model import Chunk
from bot.llm.circuit_breaker import OPEN_SECONDS, CircuitBreaker
from bot.llm.fallback import Fallback
from bot.testing import SteppedModel, collect, prompt_of

HELLO = (Chunk("Hello", finish="stop"),)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def settings(configure: Callable[..., Settings]) -> Settings:
    return configure()


async def test_spares_a_model_that_keeps_failing(settings: Settings) -> None:
    clock = Clock()
    failing, second = SteppedModel((BUSY,), name="failing"), SteppedModel(HELLO)
    models = Fallback([failing, second], settings, clock)

    for _ in range(5):
        await collect(models, prompt_of())
    spared = failing.calls
    clock.now = 30.0
    for _ in range(5):
        await collect(models, prompt_of())

    assert spared == 3
    assert failing.calls == 4


async def test_says_so_when_every_model_is_spared(settings: Settings) -> None:
    models = Fallback([SteppedModel((BUSY,))], settings, Clock())

    heard = [await collect(models, prompt_of()) for _ in range(4)]

    assert heard[2].error is BUSY
    assert isinstance(heard[3].error, ModelUnavailable)
    assert heard[3].usages == []


def test_breaker_closes_again_after_a_good_call() -> None:
    clock = Clock()
    breaker = CircuitBreaker(clock)
    for error in (BUSY, BUSY, None, BUSY, BUSY):
        breaker.record(error)
    assert breaker.admit()

    breaker.record(BUSY)
    assert not breaker.admit()

    clock.now = 30.0
    assert breaker.admit()
    assert not breaker.admit()

    breaker.record(None)
    assert breaker.admit()


def test_breaker_does_not_blame_a_model_for_long_prompts() -> None:
    breaker = CircuitBreaker(Clock())

    for _ in range(5):
        breaker.record(TOO_LONG)

    assert breaker.admit()


@pytest.mark.parametrize(
    "error",
    [
        EmptyAnswer(model="m"),
        OnlyThoughts(model="m"),
        ModelError(model="m", reason="it sent what is no JSON"),
        ModelRejected(model="m", reason="bad escape", status=400),
        ModelRejected(model="m", reason="no system role", status=422),
        ModelOverloaded(model="m", reason="too many requests", status=429),
    ],
    ids=lambda error: f"{type(error).__name__} {error.details.get('status', '')}",
)
def test_breaker_does_not_blame_a_model_for_one_prompt(error: ModelError) -> None:
    breaker = CircuitBreaker(Clock())

    for _ in range(5):
        breaker.record(error)

    assert breaker.admit()


@pytest.mark.parametrize(
    "error",
    [
        ModelUnavailable(model="m", reason="no connection"),
        ModelTimeout(model="m", seconds=60),
        IncompleteAnswer(model="m"),
        ModelRejected(model="m", reason="no such key", status=401),
        ModelRejected(model="m", reason="no such model", status=404),
    ],
    ids=lambda error: f"{type(error).__name__} {error.details.get('status', '')}",
)
def test_breaker_spares_a_server_that_is_ill(error: ModelError) -> None:
    breaker = CircuitBreaker(Clock())

    for _ in range(3):
        breaker.record(error)

    assert not breaker.admit()


async def test_what_fails_in_the_background_keeps_nobody_waiting(settings: Settings) -> None:
    gone = ModelUnavailable(model="m", reason="no connection")
    models = Fallback([SteppedModel((gone,))], settings, Clock())

    for purpose in ("compaction", "catchup", "digest", "compaction"):
        await collect(models, replace(prompt_of(), purpose=purpose))
    output = await collect(models, prompt_of())

    assert output.error is gone


async def test_one_person_s_refused_and_empty_prompts_keep_nobody_waiting(
    settings: Settings,
) -> None:
    refused = ModelRejected(model="m", reason="bad escape", status=400)
    scripts = [(refused,), (Chunk(finish="stop"),), (TOO_LONG,), (refused,), (refused,), HELLO]
    fallback = Fallback([SteppedModel(*scripts)], settings)

    heard = [await collect(fallback, prompt_of()) for _ in scripts]

    assert heard[-1].text == "Hello"


async def test_who_stops_the_call_that_tests_a_model_frees_it(settings: Settings) -> None:
    now = [0.0]
    down = ModelUnavailable(model="m", reason="down")
    fallback = Fallback([SteppedModel((down,), (down,), (down,), HELLO)], settings, lambda: now[0])
    for _ in range(3):
        await collect(fallback, prompt_of())
    now[0] += OPEN_SECONDS

    async with aclosing(fallback.stream(prompt_of())) as chunks:
        assert (await anext(chunks)).text

    assert (await collect(fallback, prompt_of())).text == "Hello"
