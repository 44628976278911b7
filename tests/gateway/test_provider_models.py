"""Every provider's models over the pure proxy: at its own address, with its own key."""

import json
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from doubles.provider_server import PROTOCOLS, ProviderServer
from doubles.raw_stream_server import RawStreamServer

from bot.config.environment import read_environment
from bot.config.settings import load, variables
from bot.domain.api import ApiError, Caller, Written
from bot.gateway.models.provider_models import ProviderModel, Providers
from bot.gateway.models.targets import TargetAnswer
from bot.llm.providers.known import ALL, KNOWN

CALLER = Caller(key_id=1, platform="", workspace="", person_id="ana", name="ana", team="red")
ASK = {"messages": [{"role": "user", "content": "Which colour?"}], "stream": True}
Connect = Callable[..., Any]


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Models of a provider whose host leads to a port of this machine, without encryption."""
    for name in (*variables(), *(key for known in ALL.values() for key in known.keys)):
        monkeypatch.delenv(name, raising=False)

    @asynccontextmanager
    async def connect(name: str, port: int, environ: dict[str, str]) -> AsyncIterator[Providers]:
        def plain(url: str) -> str:
            return re.sub(r"^https?://([^/:]+)(:\d+)?", rf"http://\1:{port}", url)

        here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)
        monkeypatch.setitem(KNOWN, name, replace(KNOWN[name], url=plain(KNOWN[name].url)))
        for variable, value in environ.items():
            monkeypatch.setenv(variable, plain(value))
        key = {"openai_api_key": "secret-key"} if name == "openai" else {}
        providers = Providers(load(model=(f"{name}/some-model",), **key), read_environment())
        yield providers
        await providers.close()

    return connect


def found(providers: Providers, name: str) -> ProviderModel:
    model = providers.find(name)
    assert model is not None
    return model


async def events_of(answer: TargetAnswer) -> list[Written]:
    assert answer.events is not None
    return [event async for event in answer.events]


@pytest.mark.parametrize("title", PROTOCOLS)
async def test_each_is_asked_at_its_address_with_its_key(title: str, connect: Connect) -> None:
    name = title.partition(" ")[0]
    async with ProviderServer(PROTOCOLS[title]) as server:
        protocol = server.protocol
        async with connect(name, server.port, dict(protocol.environ)) as providers:
            model = found(providers, f"{name}/some-model")
            body = {**ASK, "model": "x", protocol.limit: 7}
            answers = [await events_of(await model.chat(CALLER, body)) for _ in range(2)]

    for events in answers:
        chunks = [json.loads(one) for one in events if isinstance(one, bytes)]
        assert len(chunks) == len(events)
        deltas = [choice["delta"] for one in chunks for choice in one["choices"]]
        assert "d." in json.dumps(deltas)
    assert all(one["model"] == "some-model" for one in server.accepted)


async def test_openai_is_asked_for_responses_in_its_own_way(connect: Connect) -> None:
    usage = {"input_tokens": 9, "output_tokens": 4, "input_tokens_details": {"cached_tokens": 8}}
    sent = [
        {"type": "response.created", "response": {"id": "r1"}, "sequence_number": 0},
        {"type": "response.output_text.delta", "delta": "Red", "sequence_number": 1},
        {"type": "response.completed", "response": {"usage": usage}, "sequence_number": 2},
    ]
    body = b"".join(
        b"event: %b\ndata: %b\n\n" % (str(one["type"]).encode(), json.dumps(one).encode())
        for one in sent
    )
    async with RawStreamServer(body) as server, connect("openai", server.port, {}) as providers:
        asked = {"model": "x", "input": "Which?", "stream": True, "store": True, "odd": [1]}
        answer = await found(providers, "openai/gpt-6-luna").responses(CALLER, asked)
        assert answer is not None
        events = await events_of(answer)

    assert [json.loads(one) for one in events if isinstance(one, bytes)] == sent
    assert server.requests == [{**asked, "model": "gpt-6-luna"}]
    assert answer.usage is not None
    assert (answer.usage.input, answer.usage.output, answer.usage.cached) == (9, 4, 8)


async def test_whole_responses_keep_their_bytes(connect: Connect) -> None:
    sent = b'{"id": "r1", "output": [], "usage": {"input_tokens": 3, "output_tokens": 1.0}}'
    async with (
        RawStreamServer(sent, content_type="application/json") as server,
        connect("openai", server.port, {}) as providers,
    ):
        answer = await found(providers, "openai/gpt-6").responses(CALLER, {"input": "a"})

    assert answer is not None
    assert answer.body == sent


@pytest.mark.parametrize(
    "body",
    [
        b'event: error\ndata: {"type":"error","message":"Overloaded","code":"server_error"}\n\n',
        b'data: {"error":{"message":"Overloaded"}}\n\n',
    ],
)
async def test_an_error_in_place_of_responses_is_one(connect: Connect, body: bytes) -> None:
    async with RawStreamServer(body) as server, connect("openai", server.port, {}) as providers:
        model = found(providers, "openai/gpt-6")
        with pytest.raises(ApiError, match="Overloaded"):
            await model.responses(CALLER, {"input": "a", "stream": True})


async def test_a_response_that_failed_is_handed_on(connect: Connect) -> None:
    failed = {"type": "response.failed", "response": {"error": {"message": "Sorry"}}}
    body = b"data: " + json.dumps(failed).encode() + b"\n\n"
    async with RawStreamServer(body) as server, connect("openai", server.port, {}) as providers:
        asked = {"input": "a", "stream": True}
        answer = await found(providers, "openai/gpt-6").responses(CALLER, asked)
        assert answer is not None
        events = await events_of(answer)

    assert [json.loads(one) for one in events if isinstance(one, bytes)] == [failed]


async def test_others_have_no_responses_of_their_own(connect: Connect) -> None:
    async with connect("groq", 1, {"GROQ_API_KEY": "secret-key"}) as providers:
        assert await found(providers, "groq/x").responses(CALLER, {"input": "a"}) is None


async def test_who_was_not_set_up_is_not_found(connect: Connect) -> None:
    async with connect("groq", 1, {"GROQ_API_KEY": "secret-key"}) as providers:
        for name in ("openai/gpt-6", "mistral/x", "nobody/x", "groq", "groq/", "", "/"):
            assert providers.find(name) is None


async def test_marks_for_a_cache_are_taken_back_where_they_are_refused(connect: Connect) -> None:
    refusal = {"error": {"message": "Unknown parameter: 'prompt_cache_options'."}}
    answer = b'{"choices": [{"index": 0, "message": {"content": "Red."}, "finish_reason": "stop"}]}'
    long = [{"role": "system", "content": "the rules of the harbour " * 400}, *ASK["messages"]]  # type: ignore[misc]  # a list
    asked = {"model": "x", "messages": long}
    async with (
        RawStreamServer(
            answer, content_type="application/json", refusals=[(400, refusal)]
        ) as server,
        connect("openai", server.port, {}) as providers,
    ):
        for _ in range(2):
            await found(providers, "openai/gpt-5.6").chat(CALLER, asked)

    assert ["prompt_cache_key" in one for one in server.requests] == [True, False, False]
    assert server.requests[1] == {**asked, "model": "gpt-5.6"}
