"""How servers are asked to keep the beginning of a prompt, and what they then say of it."""

import socket
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any

import pytest
from doubles.caching_openai_server import CachingOpenAIServer
from doubles.canned_responses import CannedResponse
from doubles.openai_server import OpenAIServer, read_text
from doubles.raw_stream_server import RawStreamServer

from bot.config.settings import Settings
from bot.domain.model import ChatMessage, Image, Prompt, Usage
from bot.domain.ports import Model
from bot.llm.fallback import Fallback, load_models
from bot.llm.openai.cache_requests import find_mark_style
from bot.llm.openai.chat import OpenAI
from bot.llm.providers.finding import find_provider
from bot.prompting.cache_marks import find_ends
from bot.prompting.prompt import build_memory, build_system_message
from bot.testing import collect

Build = Callable[..., Model]
Configure = Callable[..., Settings]
Connect = Callable[[OpenAIServer, str], Model]

ANSWER = b'data: {"choices": [{"delta": {"content": "Red."}, "finish_reason": "stop"}]}\n\n'
SYSTEM = "You are Nellie, and you remember. " * 30
DIGEST = "- ana: the disk is red\n" * 40


def prompt_with(lines: Sequence[str], question: str = "Which disk?") -> Prompt:
    """A channel's prompt, with a transcript of these lines."""
    starts = [0, *accumulate(len(line) // 4 for line in lines)]
    memory = build_memory(DIGEST, "\n".join(lines), find_ends(lines, starts[:-1], starts[-1]))
    messages = (
        build_system_message(SYSTEM),
        replace(memory, text=f"{memory.text}\n\nIt is noon.\n\nana: {question}"),
    )
    return Prompt("answer", messages, max_output=50, cache_key="nellie:7")


LINES = [f"[2026-11-29 10:{number % 60:02}] ana: line {number} of many" for number in range(200)]


@pytest.fixture
async def openai() -> AsyncIterator[CachingOpenAIServer]:
    async with CachingOpenAIServer() as double:
        yield double


@pytest.fixture
def connect(build: Build, monkeypatch: pytest.MonkeyPatch) -> Connect:
    """A model at OpenAI's own address, which leads to a double."""

    def connect(server: OpenAIServer, name: str) -> Model:
        port = int(server.url.split(":")[2].removesuffix("/v1"))
        here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)
        address = f"http://eu.api.openai.com:{port}/v1"
        return build(OpenAI, name, OPENAI_BASE_URL=address, OPENAI_API_KEY="sk-1")

    return connect


def marked(body: dict[str, Any], mark: str) -> list[str]:
    """The whole text up to each marked part."""
    text, found = "", []
    for message in body["messages"]:
        content = message["content"]
        for part in content if isinstance(content, list) else [{"text": content}]:
            text += part["text"]
            if mark in part:
                found.append(text)
    return found


@pytest.mark.parametrize("name", ["gpt-5.6", "gpt-6-luna", "gpt-5.10-mini", "ft:gpt-5.6-sol:acme"])
async def test_each_question_finds_what_the_one_before_it_wrote(
    openai: CachingOpenAIServer, connect: Connect, name: str
) -> None:
    model = connect(openai, name)
    usages: list[Usage] = []
    for count in (150, 158, 161, 190, 200):
        output = await collect(model, prompt_with(LINES[:count], f"what of {count}?"))
        assert output.error is None
        usages += output.usages

    assert usages[0].cached == 0
    for before, usage in pairwise(usages):
        assert usage.cached == (before.cached or 0) + (before.cache_write or 0)
        assert usage.cached + (usage.cache_write or 0) > 0.97 * usage.input


async def test_openai_is_told_where_the_stable_parts_end(
    openai: CachingOpenAIServer, connect: Connect
) -> None:
    prompt = prompt_with(LINES)

    await collect(connect(openai, "gpt-6-luna"), prompt)

    [body] = openai.prompts
    assert body["prompt_cache_key"] == "nellie:7"
    assert body["prompt_cache_options"] == {"mode": "explicit", "ttl": "30m"}
    assert "prompt_cache_retention" not in body
    assert [read_text(one["content"]) for one in body["messages"]] == [
        one.text for one in prompt.messages
    ]
    ends = marked(body, "prompt_cache_breakpoint")
    assert ends[:2] == [SYSTEM, SYSTEM + DIGEST]
    assert ends[-1].endswith(LINES[-1])
    assert len(ends) <= 80
    assert body["messages"][1]["content"][-1] == {
        "type": "text",
        "text": "\n\nIt is noon.\n\nana: Which disk?",
    }


async def test_what_nobody_asks_again_is_not_written_at_openai(
    openai: CachingOpenAIServer, connect: Connect
) -> None:
    summary = Prompt(
        "catchup", (ChatMessage("system", "Sum up."), ChatMessage("user", "\n".join(LINES))), 50
    )

    output = await collect(connect(openai, "gpt-5.6"), replace(summary, cache_key="nellie:7"))

    assert output.usages[0].cache_write == 0
    assert openai.prompts[0]["prompt_cache_options"]["mode"] == "explicit"


@pytest.mark.parametrize("name", ["gpt-5.5", "gpt-5", "gpt-4.1-mini", "o3", "gpt-oss-120b", "tiny"])
async def test_older_models_at_openai_get_texts_and_a_key(
    openai: CachingOpenAIServer, connect: Connect, name: str
) -> None:
    await collect(connect(openai, name), prompt_with(LINES))

    [body] = openai.prompts
    assert all(isinstance(one["content"], str) for one in body["messages"])
    assert body["prompt_cache_key"] == "nellie:7"
    assert "prompt_cache_options" not in body


@pytest.mark.parametrize(
    ("provider", "name"), [("anthropic", "claude-x"), ("openrouter", "anthropic/claude-x")]
)
async def test_anthropic_gets_four_marks_from_which_it_sees_all_parts(
    provider: str, name: str, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with RawStreamServer(ANSWER) as server:
        models = ask_provider(provider, name, server, configure, monkeypatch)
        output = await collect(models, prompt_with(LINES))
        await models.close()

    assert output.text == "Red."
    [body] = server.requests
    ends = marked(body, "cache_control")
    assert len(ends) == 4
    assert ends[0] == SYSTEM
    assert ends[-1].endswith(LINES[-1])
    parts = [part for message in body["messages"] for part in message["content"]]
    assert all(part["text"].strip() for part in parts)
    places = [number for number, part in enumerate(parts) if "cache_control" in part]
    assert all(later - former <= 20 for former, later in pairwise(places[1:]))
    assert not body.keys() & {"prompt_cache_key", "prompt_cache_options"}


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("openrouter", "meta/llama"),
        ("groq", "gpt-5.6"),
        ("azure", "gpt-5.6"),
        ("ollama", "anthropic/claude-x"),
        ("vllm", "claude-x"),
        ("deepseek", "deepseek-chat"),
    ],
)
async def test_others_get_texts_and_nothing_more(
    provider: str, name: str, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with RawStreamServer(ANSWER) as server:
        models = ask_provider(provider, name, server, configure, monkeypatch)
        await collect(models, prompt_with(LINES))
        await models.close()

    [body] = server.requests
    assert all(isinstance(one["content"], str) for one in body["messages"])
    assert not any("cache" in field for field in body)


def ask_provider(
    provider: str,
    name: str,
    server: RawStreamServer,
    configure: Configure,
    monkeypatch: pytest.MonkeyPatch,
) -> Fallback:
    """A model of this provider, at a double's address."""
    monkeypatch.setenv(f"NELLIE_PROVIDER_{provider.upper()}_URL", server.url)
    monkeypatch.setenv(f"NELLIE_PROVIDER_{provider.upper()}_KEY", "secret-key")
    return load_models([f"{provider}/{name}"], configure())


REFUSALS = {
    "by the mark's name": "Unknown parameter: 'messages[0].content[0].cache_control'.",
    "as pydantic does": "messages.1.content: Input should be a valid string",
    "as OpenAI does": "Invalid type for 'messages[0].content': expected a string, but got an array"
    " instead.",
    "as serde does": "messages[0].content: invalid type: sequence, expected a string",
    "in its own words": "Content parts are not supported by this model",
    "as too many": "A maximum of 4 blocks with cache_control may be provided. Found 5.",
}


@pytest.mark.parametrize("words", REFUSALS.values(), ids=REFUSALS)
async def test_who_refuses_parts_gets_texts_from_then_on(
    words: str, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = (400, {"error": {"message": words}})
    async with RawStreamServer(ANSWER, refusals=[refusal]) as server:
        models = ask_provider("anthropic", "claude-x", server, configure, monkeypatch)
        prompt = prompt_with(LINES)
        outputs = [await collect(models, prompt) for _ in range(2)]
        await models.close()

    assert [output.text for output in outputs] == ["Red.", "Red."]
    first, *later = server.requests
    assert isinstance(first["messages"][0]["content"], list)
    for body in later:
        assert [one["content"] for one in body["messages"]] == [one.text for one in prompt.messages]


@pytest.mark.parametrize("field", ["prompt_cache_options", "prompt_cache_breakpoint"])
async def test_openai_is_not_told_to_keep_nothing_where_marks_are_refused(
    field: str, openai: CachingOpenAIServer, connect: Connect
) -> None:
    openai.respond_with(CannedResponse(status=400, error=f"Unknown parameter: '{field}'."))
    model = connect(openai, "gpt-5.6-private")

    outputs = [await collect(model, prompt_with(LINES)) for _ in range(2)]

    assert [output.error for output in outputs] == [None, None]
    for body in openai.prompts[1:]:
        assert all(isinstance(one["content"], str) for one in body["messages"])
        assert "prompt_cache_options" not in body
        assert body["prompt_cache_key"] == "nellie:7"


async def test_a_refusal_of_something_else_leaves_the_marks(
    openai: CachingOpenAIServer, connect: Connect
) -> None:
    words = "Unsupported value: 'temperature' does not support 0.2 with this model."
    openai.respond_with(CannedResponse(status=400, error=words))
    prompt = replace(prompt_with(LINES), generation={"temperature": 0.2})

    await collect(connect(openai, "gpt-5.6"), prompt)

    refused, accepted = openai.prompts
    assert "temperature" in refused
    assert "temperature" not in accepted
    assert accepted["messages"] == refused["messages"]


def test_anthropic_is_known_by_its_address_as_well() -> None:
    environ = {"NELLIE_PROVIDER_CLAUDE_URL": "https://api.anthropic.com/v1"}
    provider = find_provider("claude", environ)

    assert provider
    assert find_mark_style(provider, "claude-x") == "cache_control"


async def test_a_picture_stands_behind_what_is_stable(
    openai: CachingOpenAIServer, connect: Connect
) -> None:
    prompt = prompt_with(LINES)
    system, memory = prompt.messages
    picture = Image(b"\x89PNG\r\n\x1a\n", "image/png", 8, 8)
    shown = replace(prompt, messages=(system, replace(memory, images=(picture,))))
    model = connect(openai, "gpt-5.6")
    await collect(model, prompt)
    await collect(model, shown)

    before, body = openai.prompts
    content = body["messages"][1]["content"]
    assert [part["type"] for part in content[-3:]] == ["text", "image_url", "text"]
    assert content[:-2] == before["messages"][1]["content"][:-1]


@pytest.mark.parametrize("refuses_parts", [False, True])
async def test_a_server_that_is_sent_no_marks_reads_the_same_beginning(
    refuses_parts: bool, openai: OpenAIServer, build: Build
) -> None:
    prompt = prompt_with(LINES)
    system, memory = prompt.messages
    picture = Image(b"\x89PNG\r\n\x1a\n", "image/png", 8, 8)
    shown = replace(prompt, messages=(system, replace(memory, images=(picture,))))
    if refuses_parts:
        openai.refusals["image_url"] = (400, "m is not a multimodal model")
    model = build(OpenAI, "m", openai_base_url=openai.url)
    await collect(model, prompt)
    await collect(model, shown)

    before, after = openai.prompts[0]["messages"], openai.prompts[-1]["messages"]
    assert before[0] == after[0]
    stable = before[1]["content"][: memory.stable]
    content = after[1]["content"]
    if refuses_parts:
        assert content.startswith(f"{stable}[a picture (image/png, 8 x 8) that you do not see")
    else:
        assert content[0] == {"type": "text", "text": stable}
        assert [part["type"] for part in content] == ["text", "image_url", "text"]


async def test_a_picture_stays_in_its_place_where_marks_are_refused(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = (400, {"error": {"message": "cache_control: Extra inputs are not permitted"}})
    picture = Image(b"\x89PNG\r\n\x1a\n", "image/png", 8, 8)
    async with RawStreamServer(ANSWER, refusals=[refusal]) as server:
        models = ask_provider("anthropic", "claude-x", server, configure, monkeypatch)
        system, memory = prompt_with(LINES).messages
        messages = (system, replace(memory, images=(picture,)))
        await collect(models, replace(prompt_with(LINES), messages=messages))
        await models.close()

    content = server.requests[-1]["messages"][1]["content"]
    assert [part["type"] for part in content] == ["text", "image_url", "text"]
    assert content[0]["text"] == memory.text[: memory.stable]
    assert content[2]["text"] == memory.text[memory.stable :]
