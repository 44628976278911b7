"""The OpenAI model against a loopback server: what it sends, reads, and makes of failures."""

import asyncio
import socket
import traceback
from collections.abc import Callable
from contextlib import aclosing

import pytest
from doubles.model import ask, hear
from doubles.openai import EMPTY, HTML, OVERLOADED, OpenAIDouble, Play

from bot.conversation import Usage
from bot.errors import (
    ContextOverflow,
    IncompleteAnswer,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
    SettingsError,
)
from bot.llm.openai import OpenAI
from bot.ports import Model

Build = Callable[..., Model]


@pytest.fixture
def model(openai: OpenAIDouble, build: Build) -> Model:
    return build(OpenAI, "tiny", OPENAI_BASE_URL=openai.url, read_timeout=5)


async def test_streams_the_text_its_end_and_its_cost(model: Model, openai: OpenAIDouble) -> None:
    openai.play(Play("Hello, Ada.", cached=3))

    heard = await hear(model, ask("Hi"))

    assert heard.text == "Hello, Ada."
    assert heard.finishes == ["stop"]
    assert heard.usages == [Usage("openai/tiny", 13, 2, cached=3)]


async def test_passes_the_roles_on_and_sends_no_null(model: Model, openai: OpenAIDouble) -> None:
    await hear(model, ask("Hi", "Hello", "Who are you?", max_output=7, cache_key="channel"))

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
    openai: OpenAIDouble,
    build: Build,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = int(openai.url.split(":")[2].removesuffix("/v1"))
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)
    address = f"http://eu.api.openai.com:{port}/v1"
    model = build(OpenAI, "gpt-x", OPENAI_BASE_URL=address, OPENAI_API_KEY="sk-1")

    heard = await hear(model, ask(max_output=7, cache_key="channel"))

    assert heard.finishes == ["stop"]
    assert openai.prompts[0]["max_completion_tokens"] == 7
    assert openai.prompts[0]["prompt_cache_key"] == "channel"
    assert "max_tokens" not in openai.prompts[0]
    assert openai.requests[0].headers["Authorization"] == "Bearer sk-1"
    assert await model.context_window() is None


async def test_hides_reasoning_but_shows_a_sign_of_life(model: Model, openai: OpenAIDouble) -> None:
    openai.play(Play("Yes.", deltas=({"reasoning_content": "hm"}, {"reasoning": "so"})))

    heard = await hear(model, ask())

    assert heard.text == "Yes."
    assert [chunk.text for chunk in heard.chunks][:3] == ["", "", ""]


async def test_shows_a_refusal(model: Model, openai: OpenAIDouble) -> None:
    openai.play(Play("", deltas=({"refusal": "I would rather not."},)))

    heard = await hear(model, ask())

    assert heard.text == "I would rather not."


async def test_reports_no_usage_where_the_server_reports_none(
    model: Model, openai: OpenAIDouble
) -> None:
    openai.play(Play(usage=False))

    heard = await hear(model, ask())

    assert heard.usages == []


@pytest.mark.parametrize(
    ("play", "kind"),
    [
        (OVERLOADED, ModelOverloaded),
        (Play(status=404, error="no such model"), ModelRejected),
        (Play(status=500, error="CUDA error"), ModelUnavailable),
        (HTML, ModelUnavailable),
        (Play(page="<html>Please log in</html>"), ModelError),
        (Play(ending="garbage"), ModelError),
        (Play(ending="error", error="CUDA error"), ModelError),
        (Play(ending="error", error="The engine is overloaded"), ModelOverloaded),
        (Play(ending="cut"), IncompleteAnswer),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
async def test_says_in_our_terms_what_went_wrong(
    model: Model, openai: OpenAIDouble, play: Play, kind: type[ModelError]
) -> None:
    openai.play(play)

    heard = await hear(model, ask())

    assert type(heard.error) is kind
    assert "openai/tiny" in str(heard.error)
    assert len(openai.requests) == 1


async def test_gives_up_on_a_silent_server(openai: OpenAIDouble, build: Build) -> None:
    model = build(OpenAI, "tiny", OPENAI_BASE_URL=openai.url, read_timeout=0.05)
    openai.play(Play("One moment", ending="stall"))

    heard = await hear(model, ask())

    assert heard.text == "One moment"
    assert isinstance(heard.error, ModelTimeout)
    assert "0.05 seconds" in str(heard.error)


async def test_tells_how_long_the_prompt_is_for_the_server(
    openai: OpenAIDouble, model: Model
) -> None:
    openai.window = 100

    heard = await hear(model, ask("word " * 50))

    assert isinstance(heard.error, ContextOverflow)
    assert heard.error.details["needed"] == 63
    assert heard.error.details["window"] == 100


async def test_asks_a_server_that_dropped_its_error_for_the_reason(
    model: Model, openai: OpenAIDouble
) -> None:
    openai.play(Play("", ending="unfinished"), Play(status=400, error="exceeds context size"))

    heard = await hear(model, ask())

    assert isinstance(heard.error, ContextOverflow)


async def test_lets_a_stream_end_that_has_no_reason_to_tell(
    model: Model, openai: OpenAIDouble
) -> None:
    openai.play(Play("", ending="unfinished"))

    heard = await hear(model, ask())

    assert heard.chunks == []
    assert heard.error is None


async def test_tries_a_stale_connection_once_more(model: Model, openai: OpenAIDouble) -> None:
    broken = Play("", ending="cut")
    openai.play(Play("One."), broken, Play("Two."), broken, broken)

    heard = [await hear(model, ask()) for _ in range(3)]

    assert [answer.text for answer in heard] == ["One.", "Two.", ""]
    assert isinstance(heard[2].error, IncompleteAnswer)


async def test_says_where_nobody_answers(build: Build) -> None:
    model = build(OpenAI, "tiny", OPENAI_BASE_URL="http://127.0.0.1:1/v1")

    heard = await hear(model, ask())

    assert isinstance(heard.error, ModelUnavailable)
    assert "127.0.0.1" in str(heard.error)


async def test_hangs_up_when_it_is_closed(model: Model, openai: OpenAIDouble) -> None:
    openai.play(Play("One moment", ending="stall"))

    async with aclosing(model.stream(ask())) as chunks:
        async for chunk in chunks:
            if chunk.text:
                break

    await asyncio.wait_for(openai.requests[0].left.wait(), 5)


async def test_shows_its_key_to_nobody_but_the_server(build: Build) -> None:
    async with OpenAIDouble(key="sk-right") as double:
        model = build(OpenAI, "tiny", OPENAI_BASE_URL=double.url, OPENAI_API_KEY="sk-wrong")

        heard = await hear(model, ask())

    assert isinstance(heard.error, ModelRejected)
    assert "Incorrect API key provided: ***." in str(heard.error)
    shown = "".join(traceback.format_exception(heard.error))
    assert "sk-wrong" not in shown + repr(heard.error) + repr(heard.error.details) + repr(model)


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
    async with OpenAIDouble(models=models) as double:
        model = build(OpenAI, "tiny", OPENAI_BASE_URL=double.url)

        assert await model.context_window() == 4096


async def test_knows_the_window_that_llama_cpp_tells(model: Model, openai: OpenAIDouble) -> None:
    openai.props = {"default_generation_settings": {"n_ctx": 2048}}

    assert await model.context_window() == 2048


async def test_knows_no_window_where_nobody_tells(model: Model) -> None:
    assert await model.context_window() is None


async def test_leaves_an_empty_answer_to_be_judged(model: Model, openai: OpenAIDouble) -> None:
    openai.play(EMPTY)

    heard = await hear(model, ask())

    assert heard.text == ""
    assert heard.finishes == ["stop"]
