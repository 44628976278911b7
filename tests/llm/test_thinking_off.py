"""Short calls to a model that thinks: without thoughts, where the server can do that."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from doubles.canned_responses import CannedResponse
from doubles.openai_server import OpenAIServer

from bot.domain.model import Purpose
from bot.domain.ports import Model
from bot.llm.model_loading import load_model
from bot.testing import collect, prompt_of

THOUGHT = CannedResponse("Red.", deltas=({"reasoning_content": "hm"},))
OFF = {"chat_template_kwargs": {"enable_thinking": False}}


@pytest.fixture
def at(
    openai: OpenAIServer, build: Callable[..., Model], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Model]:
    """A model of this provider, at the loopback server."""

    def make(provider: str) -> Model:
        monkeypatch.setenv(f"NELLIE_PROVIDER_{provider.upper()}_URL", openai.url)
        monkeypatch.setenv(f"NELLIE_PROVIDER_{provider.upper()}_KEY", "sk-12345678")
        return build(load_model, f"{provider}/double")

    return make


async def ask(model: Model, purpose: Purpose) -> str:
    return (await collect(model, replace(prompt_of(), purpose=purpose))).text


@pytest.mark.parametrize(
    ("provider", "sent"),
    [
        ("vllm", OFF),
        ("sglang", OFF),
        ("llamacpp", OFF),
        ("together", OFF),
        ("ollama", {"reasoning_effort": "none"}),
        ("groq", {"reasoning_effort": "none"}),
        ("openrouter", {"reasoning": {"enabled": False}}),
        ("deepseek", {"thinking": {"type": "disabled"}}),
        ("zebra", {}),
    ],
)
async def test_a_short_call_is_sent_what_the_server_knows(
    at: Callable[[str], Model], openai: OpenAIServer, provider: str, sent: dict[str, Any]
) -> None:
    model = at(provider)
    openai.respond_with(THOUGHT)

    for purpose in ("answer", "compaction", "answer", "digest", "catchup"):
        assert await ask(model, purpose)

    names = {"reasoning_effort", "reasoning", "thinking", "chat_template_kwargs"}
    found = [{name: one[name] for name in names & one.keys()} for one in openai.prompts]
    assert found == [{}, sent, {}, sent, sent]


async def test_a_model_that_was_not_seen_to_think_is_sent_nothing(
    at: Callable[[str], Model], openai: OpenAIServer
) -> None:
    model = at("vllm")

    for _ in range(2):
        await ask(model, "compaction")

    assert not any("chat_template_kwargs" in one for one in openai.prompts)


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        ("vllm", "Extra inputs are not permitted: chat_template_kwargs"),
        ("groq", "reasoning_effort is not supported with this model"),
        ("deepseek", "Unknown parameter: 'thinking'."),
    ],
)
async def test_who_refuses_it_is_asked_without_from_then_on(
    at: Callable[[str], Model], openai: OpenAIServer, provider: str, words: str
) -> None:
    model = at(provider)
    openai.respond_with(THOUGHT, CannedResponse(status=400, error=words))

    for purpose in ("answer", "compaction", "digest"):
        assert await ask(model, purpose)

    counted = [len(one) for one in openai.prompts]
    assert len(counted) == 4
    assert counted[1] > counted[2] == counted[3]


async def test_what_thinks_unseen_is_asked_once_more_with_room(
    at: Callable[[str], Model], openai: OpenAIServer
) -> None:
    model = at("zebra")
    openai.respond_with(CannedResponse("", finish="length"), CannedResponse("- red [1]"))

    assert await ask(model, "compaction") == "- red [1]"
    await ask(model, "compaction")

    assert [one["max_tokens"] for one in openai.prompts] == [100, 4100, 4100]
