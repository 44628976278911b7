"""Going on with an answer in place, at servers that can, and by asking for it at all others."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from doubles.canned_responses import CannedResponse
from doubles.openai_server import OpenAIServer
from doubles.tgi_server import TGIServer

from bot.domain.model import ChatMessage, Prompt
from bot.domain.ports import Model
from bot.llm.model_loading import load_model
from bot.llm.openai.chat import OpenAI
from bot.llm.tgi.model import TGI
from bot.testing import collect

Build = Callable[..., Model]
SO_FAR = "Stop the server, then pull the"
PROMPT = Prompt(
    "answer",
    (
        ChatMessage("system", "You are Nellie."),
        ChatMessage("user", "how?"),
        ChatMessage("assistant", SO_FAR),
        ChatMessage("user", "Go on."),
    ),
    max_output=50,
    goes_on=True,
)


@pytest.fixture
def at(openai: OpenAIServer, build: Build, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Model]:
    """A model of this provider, at the loopback server."""

    def make(provider: str) -> Model:
        name = provider.upper().replace("-", "_")
        monkeypatch.setenv(f"NELLIE_PROVIDER_{name}_URL", openai.url)
        monkeypatch.setenv(f"NELLIE_PROVIDER_{name}_KEY", "sk-12345678")
        return build(lambda name, settings: load_model(name, settings), f"{provider}/double")

    return make


@pytest.mark.parametrize(
    ("provider", "extra"),
    [
        ("vllm", {"continue_final_message": True, "add_generation_prompt": False}),
        ("sglang", {"continue_final_message": True, "add_generation_prompt": False}),
        ("llamacpp", {"continue_final_message": True, "add_generation_prompt": False}),
        ("ollama", {}),
        ("groq", {}),
        ("openrouter", {}),
        ("oobabooga", {"continue_": True}),
        ("mistral", {}),
    ],
)
async def test_a_server_that_can_goes_on_in_place(
    at: Callable[..., Model], openai: OpenAIServer, provider: str, extra: dict[str, bool]
) -> None:
    openai.respond_with(CannedResponse(" disk out."))

    output = await collect(at(provider), PROMPT)

    [sent] = openai.prompts
    prefix = {"prefix": True} if provider == "mistral" else {}
    assert output.text == " disk out."
    assert sent["messages"][-1] == {"role": "assistant", "content": SO_FAR, **prefix}
    assert {name: sent.get(name) for name in extra} == extra


@pytest.mark.parametrize("provider", ["together", "deepseek", "transformers", "lmstudio", "zebra"])
async def test_any_other_is_asked_to_go_on(
    at: Callable[..., Model], openai: OpenAIServer, provider: str
) -> None:
    await collect(at(provider), PROMPT)

    [sent] = openai.prompts
    assert [one["role"] for one in sent["messages"]] == ["system", "user", "assistant", "user"]
    assert sent["messages"][-1]["content"] == "Go on."


@pytest.mark.parametrize(
    "words",
    [
        "Assistant response prefill is incompatible with enable_thinking.",
        "This model does not support assistant message prefill. It must end with a user message.",
        "Extra inputs are not permitted: continue_final_message",
    ],
)
async def test_who_refuses_is_asked_instead_and_from_then_on(
    at: Callable[..., Model], openai: OpenAIServer, words: str
) -> None:
    model = at("vllm")
    openai.respond_with(CannedResponse(status=400, error=words), CannedResponse("disk out."))

    outputs = [await collect(model, PROMPT), await collect(model, PROMPT)]

    assert outputs[0].text == "disk out."
    assert [one["messages"][-1]["role"] for one in openai.prompts] == ["assistant", "user", "user"]


async def test_who_says_nothing_in_place_is_asked(
    at: Callable[..., Model], openai: OpenAIServer
) -> None:
    openai.respond_with(CannedResponse(""), CannedResponse("disk out."))

    output = await collect(at("ollama"), PROMPT)

    assert output.text == "disk out."
    assert output.finishes == ["stop"]


async def test_a_first_prompt_is_sent_as_ever(openai: OpenAIServer, build: Build) -> None:
    await collect(build(OpenAI, "double", OPENAI_BASE_URL=openai.url), PROMPT)

    assert [len(one["messages"]) for one in openai.prompts] == [4]


@pytest.mark.parametrize("so_far", [SO_FAR, "One.\n\n```\ncode", "Шаг первый: останови"])
async def test_tgi_goes_on_in_place_within_its_limits(
    tgi: TGIServer, build: Build, so_far: str
) -> None:
    model = build(TGI, "", tgi_url=tgi.url)
    messages = (*PROMPT.messages[:2], ChatMessage("assistant", so_far), PROMPT.messages[3])
    tgi.respond_with(CannedResponse(" disk out."))

    output = await collect(model, replace(PROMPT, messages=messages))

    sent = tgi.prompts[-1]
    assert output.text == " disk out."
    assert sent["inputs"].endswith(f"<|assistant|>{so_far}")
    assert "Go on." not in sent["inputs"]
