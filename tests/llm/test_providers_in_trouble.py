"""Three providers in turn: one is killed, one overloaded, in mid-answer and in between."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
from doubles.canned_responses import OVERLOADED, CannedResponse
from doubles.openai_server import OpenAIServer

from bot.config.settings import Settings
from bot.domain.errors import IncompleteAnswer, ModelOverloaded, ModelUnavailable
from bot.llm.circuit_breaker import OPEN_SECONDS
from bot.llm.fallback import Fallback
from bot.llm.model_loading import load_model
from bot.testing import collect, prompt_of

Configure = Callable[..., Settings]

NAMES = ("vllm/a", "sglang/b", "ollama/c")
KILLED = CannedResponse("From the first", ending="cut")
KILLED_BEFOREHAND = CannedResponse("", ending="cut")
OVERLOADED_IN_THE_MIDDLE = CannedResponse(
    "From the second", ending="error", error="The engine is overloaded"
)


class Clock:
    """A clock that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class ThreeProviders:
    """Each answers with its own word, until it is told otherwise."""

    def __init__(self, servers: list[OpenAIServer], models: Fallback, clock: Clock) -> None:
        self.first, self.second, self.third = self.servers = servers
        self.models = models
        self.clock = clock

    async def ask(self) -> str:
        """What is said, and by whom; or what went wrong, after what was said until then."""
        output = await collect(self.models, prompt_of(max_output=9))
        error = f" ({type(output.error).__name__})" if output.error else ""
        return f"{output.usages[-1].model}: {output.text}{error}"

    def calls(self) -> list[int]:
        """How often each was asked for an answer."""
        return [len(server.prompts) for server in self.servers]


@pytest.fixture
async def three(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ThreeProviders]:
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(OpenAIServer()) for _ in NAMES]
        for server, name, word in zip(servers, NAMES, ("One.", "Two.", "Three."), strict=True):
            server.default_response = CannedResponse(word)
            provider = name.partition("/")[0].upper()
            monkeypatch.setenv(f"NELLIE_PROVIDER_{provider}_URL", server.url)
        settings, clock = configure(read_timeout=5, turn_timeout=10), Clock()
        models = Fallback([load_model(name, settings) for name in NAMES], settings, clock)
        stack.push_async_callback(models.close)
        yield ThreeProviders(servers, models, clock)


async def test_a_provider_killed_in_mid_answer_breaks_off_that_answer_alone(
    three: ThreeProviders,
) -> None:
    three.first.respond_with(KILLED)

    assert await three.ask() == f"vllm/a: From the first ({IncompleteAnswer.__name__})"
    assert await three.ask() == "vllm/a: One."
    assert three.calls() == [2, 0, 0]


async def test_the_second_answers_where_the_first_was_killed_and_the_third_where_both_fail(
    three: ThreeProviders,
) -> None:
    await three.first.__aexit__()
    answers = [await three.ask()]
    three.second.respond_with(OVERLOADED, OVERLOADED_IN_THE_MIDDLE)
    answers += [await three.ask() for _ in range(3)]

    assert answers == [
        "sglang/b: Two.",
        "ollama/c: Three.",
        f"sglang/b: From the second ({ModelOverloaded.__name__})",
        "sglang/b: Two.",
    ]


async def test_who_is_dead_is_spared_who_is_busy_is_not_and_both_come_back(
    three: ThreeProviders,
) -> None:
    three.first.respond_with(*[CannedResponse(status=500, error="CUDA error")] * 4)
    three.second.respond_with(*[OVERLOADED] * 5)

    answers = [await three.ask() for _ in range(5)]

    assert answers == ["ollama/c: Three."] * 5
    assert three.calls() == [3, 5, 5]
    assert three.models.open_circuits() == dict(zip(NAMES, (True, False, False), strict=True))

    three.clock.now += OPEN_SECONDS + 1
    assert await three.ask() == "sglang/b: Two."  # the first was tried once, and failed again
    three.clock.now += OPEN_SECONDS + 1
    assert await three.ask() == "vllm/a: One."
    assert three.calls() == [5, 6, 5]


async def test_all_three_at_once_say_what_was_wrong_with_the_last(three: ThreeProviders) -> None:
    await three.first.__aexit__()
    three.second.respond_with(OVERLOADED)
    three.third.respond_with(KILLED_BEFOREHAND, KILLED_BEFOREHAND)

    output = await collect(three.models, prompt_of())

    assert isinstance(output.error, IncompleteAnswer)
    assert "ollama/c" in str(output.error)
    assert [usage.model for usage in output.usages] == list(NAMES)
    assert not isinstance(output.error, ModelUnavailable)
