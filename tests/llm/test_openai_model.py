"""The OpenAI model against a loopback server: what it sends, reads, and makes of failures."""

import asyncio
import socket
import time
import traceback
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace

import pytest
from aiohttp import connector, web
from doubles.canned_responses import EMPTY, HTML, OVERLOADED, CannedResponse, ReceivedRequest
from doubles.openai_server import OpenAIServer

from bot.domain.errors import (
    ContextOverflow,
    IncompleteAnswer,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
    SettingsError,
)
from bot.domain.model import Usage
from bot.domain.ports import Model
from bot.llm.openai.chat import OpenAI
from bot.testing import collect, prompt_of

Build = Callable[..., Model]


@pytest.fixture
def model(openai: OpenAIServer, build: Build) -> Model:
    return build(OpenAI, "tiny", OPENAI_BASE_URL=openai.url, read_timeout=5)


async def test_streams_the_text_its_end_and_its_cost(model: Model, openai: OpenAIServer) -> None:
    openai.respond_with(CannedResponse("Hello, Ada.", cached=3))

    output = await collect(model, prompt_of("Hi"))

    assert output.text == "Hello, Ada."
    assert output.finishes == ["stop"]
    assert output.usages == [Usage("openai/tiny", 13, 2, cached=3)]


async def test_passes_the_roles_on_and_sends_no_null(model: Model, openai: OpenAIServer) -> None:
    await collect(
        model, prompt_of("Hi", "Hello", "Who are you?", max_output=7, cache_key="channel")
    )

    assert openai.prompts == [
        {
            "model": "tiny",
            "messages": [
                {"role": "system", "content": "You are Nellie."},
                {"role": "user", "content": "Hi"},
                {"role": "assistant", "content": "Hello"},
                {"role": "user", "content": "Who are you?"},
            ],
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": 7,
        }
    ]


async def test_speaks_openai_s_own_dialect_to_openai(
    openai: OpenAIServer,
    build: Build,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = int(openai.url.split(":")[2].removesuffix("/v1"))
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)
    address = f"http://eu.api.openai.com:{port}/v1"
    model = build(OpenAI, "gpt-x", OPENAI_BASE_URL=address, OPENAI_API_KEY="sk-1")

    output = await collect(model, prompt_of(max_output=7, cache_key="channel"))

    assert output.finishes == ["stop"]
    assert openai.prompts[0]["max_completion_tokens"] == 7
    assert openai.prompts[0]["prompt_cache_key"] == "channel"
    assert "max_tokens" not in openai.prompts[0]
    assert openai.requests[0].headers["Authorization"] == "Bearer sk-1"
    assert await model.context_window() is None


async def test_hides_reasoning_but_shows_a_sign_of_life(model: Model, openai: OpenAIServer) -> None:
    openai.respond_with(
        CannedResponse("Yes.", deltas=({"reasoning_content": "hm"}, {"reasoning": "so"}))
    )

    output = await collect(model, prompt_of())

    assert output.text == "Yes."
    assert [chunk.text for chunk in output.chunks][:3] == ["", "", ""]


async def test_shows_a_refusal(model: Model, openai: OpenAIServer) -> None:
    openai.respond_with(CannedResponse("", deltas=({"refusal": "I would rather not."},)))

    output = await collect(model, prompt_of())

    assert output.text == "I would rather not."


async def test_reports_no_usage_where_the_server_reports_none(
    model: Model, openai: OpenAIServer
) -> None:
    openai.respond_with(CannedResponse(usage=False))

    output = await collect(model, prompt_of())

    assert output.usages == []


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (OVERLOADED, ModelOverloaded),
        (CannedResponse(status=404, error="no such model"), ModelRejected),
        (CannedResponse(status=500, error="CUDA error"), ModelUnavailable),
        (HTML, ModelUnavailable),
        (CannedResponse(page="<html>Please log in</html>"), ModelError),
        (CannedResponse(ending="garbage"), ModelError),
        (CannedResponse(ending="error", error="CUDA error"), ModelError),
        (CannedResponse(ending="error", error="The engine is overloaded"), ModelOverloaded),
        (CannedResponse(ending="cut"), IncompleteAnswer),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
async def test_says_in_our_terms_what_went_wrong(
    model: Model, openai: OpenAIServer, response: CannedResponse, kind: type[ModelError]
) -> None:
    openai.respond_with(response)

    output = await collect(model, prompt_of())

    assert type(output.error) is kind
    assert "openai/tiny" in str(output.error)
    assert len(openai.requests) == 1


async def test_gives_up_on_a_silent_server(openai: OpenAIServer, build: Build) -> None:
    model = build(OpenAI, "tiny", OPENAI_BASE_URL=openai.url, read_timeout=0.05)
    openai.respond_with(CannedResponse("One moment", ending="stall"))

    output = await collect(model, prompt_of())

    assert output.text == "One moment"
    assert isinstance(output.error, ModelTimeout)
    assert "0.05 s" in str(output.error)


async def test_tells_how_long_the_prompt_is_for_the_server(
    openai: OpenAIServer, model: Model
) -> None:
    openai.context_tokens = 100

    output = await collect(model, prompt_of("word " * 50))

    assert isinstance(output.error, ContextOverflow)
    assert output.error.details["needed"] == 63
    assert output.error.details["window"] == 100


async def test_asks_a_server_that_dropped_its_error_for_the_reason(
    model: Model, openai: OpenAIServer
) -> None:
    openai.respond_with(
        CannedResponse("", ending="unfinished"),
        CannedResponse(status=400, error="exceeds context size"),
    )

    output = await collect(model, prompt_of())

    assert isinstance(output.error, ContextOverflow)


async def test_lets_a_stream_end_that_has_no_reason_to_tell(
    model: Model, openai: OpenAIServer
) -> None:
    openai.respond_with(CannedResponse("", ending="unfinished"))

    output = await collect(model, prompt_of())

    assert output.chunks == []
    assert output.error is None


async def test_tries_a_stale_connection_once_more(model: Model, openai: OpenAIServer) -> None:
    broken = CannedResponse("", ending="cut")
    openai.respond_with(CannedResponse("One."), broken, CannedResponse("Two."), broken, broken)

    output = [await collect(model, prompt_of()) for _ in range(3)]

    assert [answer.text for answer in output] == ["One.", "Two.", ""]
    assert isinstance(output[2].error, IncompleteAnswer)


async def test_a_question_of_a_minute_later_takes_the_same_connection(
    model: Model, openai: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    peers, receive = [], openai.receive

    async def noting(request: web.Request) -> ReceivedRequest:
        assert request.transport
        peers.append(request.transport.get_extra_info("peername"))
        return await receive(request)

    monkeypatch.setattr(openai, "receive", noting)
    await collect(model, prompt_of())
    monkeypatch.setattr(connector, "monotonic", lambda: time.monotonic() + 60)
    await collect(model, prompt_of())

    assert len(peers) == 2
    assert len(set(peers)) == 1


async def test_says_where_nobody_answers(build: Build) -> None:
    model = build(OpenAI, "tiny", OPENAI_BASE_URL="http://127.0.0.1:1/v1")

    output = await collect(model, prompt_of())

    assert isinstance(output.error, ModelUnavailable)
    assert "127.0.0.1" in str(output.error)


async def test_hangs_up_when_it_is_closed(model: Model, openai: OpenAIServer) -> None:
    openai.respond_with(CannedResponse("One moment", ending="stall"))

    async with aclosing(model.stream(prompt_of())) as chunks:
        async for chunk in chunks:
            if chunk.text:
                break

    await asyncio.wait_for(openai.requests[0].hung_up.wait(), 5)


async def test_shows_its_key_to_nobody_but_the_server(build: Build) -> None:
    async with OpenAIServer(key="sk-right") as double:
        model = build(OpenAI, "tiny", OPENAI_BASE_URL=double.url, OPENAI_API_KEY="sk-wrong")

        output = await collect(model, prompt_of())

    assert isinstance(output.error, ModelRejected)
    assert "Incorrect API key provided: ***." in str(output.error)
    shown = "".join(traceback.format_exception(output.error))
    assert "sk-wrong" not in shown + repr(output.error) + repr(output.error.details) + repr(model)


def test_needs_a_key_for_openai(build: Build) -> None:
    with pytest.raises(SettingsError, match=r"^OPENAI_API_KEY: "):
        build(OpenAI, "gpt-x")


def test_needs_a_model_s_name(build: Build) -> None:
    with pytest.raises(SettingsError, match=r"^NELLIE_MODEL: .*openai/<name>"):
        build(OpenAI, "", OPENAI_API_KEY="sk-1")


@pytest.mark.parametrize("address", ["localhost:8080", "http://", "http://[::1", "ftp://host/v1"])
def test_needs_a_real_address(build: Build, address: str) -> None:
    with pytest.raises(SettingsError, match=r"^OPENAI_BASE_URL: "):
        build(OpenAI, "tiny", OPENAI_BASE_URL=address)


async def test_knows_the_window_that_vllm_tells(build: Build) -> None:
    models = [{"id": "other", "max_model_len": 1}, {"id": "tiny", "max_model_len": 4096}]
    async with OpenAIServer(models=models) as double:
        model = build(OpenAI, "tiny", OPENAI_BASE_URL=double.url)

        assert await model.context_window() == 4096


async def test_knows_the_window_that_llama_cpp_tells(model: Model, openai: OpenAIServer) -> None:
    openai.props = {"default_generation_settings": {"n_ctx": 2048}}

    assert await model.context_window() == 2048


async def test_knows_no_window_where_nobody_tells(model: Model) -> None:
    assert await model.context_window() is None


async def test_leaves_an_empty_answer_to_be_judged(model: Model, openai: OpenAIServer) -> None:
    openai.respond_with(EMPTY)

    output = await collect(model, prompt_of())

    assert output.text == ""
    assert output.finishes == ["stop"]


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "socks://127.0.0.1:9", "socks4://x:1"])
def test_says_what_a_socks_proxy_needs(
    build: Build, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", "example.org")

    with pytest.raises(SettingsError, match=r"^ALL_PROXY: .*socksio"):
        build(OpenAI, "tiny", OPENAI_BASE_URL="http://models.example.com/v1")


async def test_leaves_a_proxy_alone_where_the_server_is_excepted(
    openai: OpenAIServer, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    output = await collect(build(OpenAI, "tiny", OPENAI_BASE_URL=openai.url), prompt_of())

    assert output.finishes == ["stop"]


@pytest.mark.parametrize(
    ("said", "stops", "shown"),
    [
        ("one two END", ["END"], "one two "),
        ("one\n\nUser:", ["Human:", "\n\nUser:"], "one"),
        ("a, b,", [", b,", ","], "a"),
        ("<think>so,</think>Friday,", [","], "Friday"),
        ("one EN", ["END"], "one EN"),
        ("one END of it", ["END"], "one END of it"),
        ("一、二。", ["。"], "一、二"),
    ],
)
async def test_a_stop_text_that_a_server_leaves_at_the_end_is_taken_out(
    openai: OpenAIServer, build: Build, said: str, stops: list[str], shown: str
) -> None:
    openai.respond_with(CannedResponse(said))

    prompt = replace(prompt_of(), generation={"stop": stops})
    output = await collect(build(OpenAI, "m", openai_base_url=openai.url), prompt)

    assert (output.text, output.finishes) == (shown, ["stop"])


async def test_an_answer_that_was_cut_keeps_its_end(openai: OpenAIServer, build: Build) -> None:
    openai.respond_with(CannedResponse("one, two,", finish="length"))

    prompt = replace(prompt_of(), generation={"stop": [","]})
    output = await collect(build(OpenAI, "m", openai_base_url=openai.url), prompt)

    assert (output.text, output.finishes) == ("one, two,", ["length"])


@pytest.mark.parametrize(
    "name", ["qwen3-8b", "ggml-org/gemma-3-4b-it-GGUF:Q4_K_M", "R&D 2", "50% #2", "weiß?model=x"]
)
async def test_a_router_of_llama_cpp_is_asked_for_the_window_of_this_model(
    openai: OpenAIServer, build: Build, name: str
) -> None:
    openai.props = {"default_generation_settings": {"n_ctx": 0}, "role": "router"}
    openai.props_of = {name: {"default_generation_settings": {"n_ctx": 6144}}}

    assert await build(OpenAI, name, OPENAI_BASE_URL=openai.url).context_window() == 6144
    assert await build(OpenAI, "other", OPENAI_BASE_URL=openai.url).context_window() is None
