"""Bodies handed on to a provider: nothing but the model's name changes, in both directions."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from doubles.canned_responses import CannedResponse
from doubles.openai_server import OpenAIServer
from doubles.raw_stream_server import RawStreamServer
from pydantic import SecretStr

from bot.config.settings import Settings
from bot.domain.api import ApiError, read_body
from bot.domain.errors import IncompleteAnswer, ModelError, ModelTimeout, ModelUnavailable
from bot.llm.passthrough.answer import ModelAnswer
from bot.llm.passthrough.upstream import Upstream
from bot.llm.providers.provider import Provider

KEY = "sk-upstream-0123456789abcdef"
ASK: dict[str, Any] = {"model": "as-asked", "messages": [{"role": "user", "content": "hi"}]}
DONE = b"data: [DONE]\n\n"


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        **more,
    }


def sse(*events: Any) -> bytes:
    written = (one if isinstance(one, bytes) else json.dumps(one).encode() for one in events)
    return b"".join(b"data: " + one + b"\n\n" for one in written)


WHOLE = sse(chunk({"content": "Hello"}), chunk({}, "stop")) + DONE


@pytest.fixture
async def connect(configure: Callable[..., Settings]) -> AsyncIterator[Callable[..., Upstream]]:
    """Makes upstreams, and closes them in the end."""
    made: list[Upstream] = []

    def make(url: str, **settings: Any) -> Upstream:
        provider = Provider(name="own", url=httpx2.URL(f"{url}/"), key=SecretStr(KEY))
        made.append(Upstream(provider, configure(**{"read_timeout": 5, **settings})))
        return made[-1]

    yield make
    for upstream in made:
        await upstream.close()


async def read_all(answer: ModelAnswer) -> list[bytes]:
    assert answer.events is not None
    found = [event async for event in answer.events]
    assert all(isinstance(event, bytes) for event in found)
    return found  # type: ignore[return-value]  # as was just seen


async def stream(
    connect: Callable[..., Upstream], body: bytes, *, pieces: Any = (), **asked: Any
) -> tuple[list[bytes], ModelAnswer]:
    async with RawStreamServer(body, pieces=pieces) as server:
        answer = await connect(server.url).chat("m", {**ASK, "stream": True, **asked})
        return await read_all(answer), answer


async def test_only_the_model_of_a_request_changes(connect: Callable[..., Upstream]) -> None:
    asked = {
        "messages": [{"role": "wizard", "content": None, "x": [1, {"y": 2.5e-9}]}],
        "model": "as-asked",
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "é", "schema": {}}},
        "logprobs": True,
        "a_field_of_tomorrow": {"deep": [None, True]},
        "temperature": 0.1,
    }
    async with RawStreamServer(b'{"choices": []}', content_type="application/json") as server:
        await connect(server.url).chat("theirs", asked)

    assert server.requests == [{**asked, "model": "theirs"}]
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


async def test_every_delta_keeps_its_bytes(connect: Callable[..., Upstream]) -> None:
    odd = (
        b'{"id":"c1", "object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index"'
        b':0,"delta":{"content":"\xc3\xa9 \\u00e9"},"logprobs":{"content":[{"logprob":-1.5E-7}]},'
        b'"finish_reason":null}],"unknown":{"a":1.50}}'
    )

    found, _ = await stream(connect, sse(odd, chunk({}, "stop")) + DONE)

    assert found[0] == odd


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"])
async def test_bytes_may_come_in_any_pieces(
    connect: Callable[..., Upstream], size: int, ends: bytes
) -> None:
    body = b"\xef\xbb\xbf: hello\n\n" + WHOLE
    body = body.replace(b"\n", ends)

    found, _ = await stream(connect, body, pieces=range(size, len(body), size))

    assert [json.loads(one)["choices"][0]["delta"] for one in found] == [{"content": "Hello"}, {}]


async def test_usage_is_asked_for_and_kept_from_who_did_not_ask(
    connect: Callable[..., Upstream],
) -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
    counted = {**chunk({}), "choices": [], "usage": usage}
    body = sse(chunk({"content": "Hi"}), chunk({}, "stop"), counted) + DONE

    async with RawStreamServer(body) as server:
        upstream = connect(server.url)
        unasked = await upstream.chat("m", {**ASK, "stream": True})
        without = await read_all(unasked)
        options = {"include_usage": True, "include_obfuscation": False}
        wanted = {**ASK, "stream": True, "stream_options": options}
        with_usage = await read_all(await upstream.chat("m", wanted))

    assert server.requests[0]["stream_options"] == {"include_usage": True}
    assert server.requests[1]["stream_options"] == options
    assert [json.loads(one)["choices"] != [] for one in without] == [True, True]
    assert json.loads(with_usage[-1])["usage"] == usage
    assert unasked.usage is not None
    assert (unasked.usage.input, unasked.usage.output, unasked.usage.estimated) == (7, 2, False)


async def test_a_server_that_knows_no_stream_options_is_asked_without_from_then_on(
    connect: Callable[..., Upstream],
) -> None:
    refusal = {"error": {"message": "Unknown field: stream_options"}}
    async with RawStreamServer(WHOLE, refusals=[(400, refusal)]) as server:
        upstream = connect(server.url)
        for _ in range(2):
            await read_all(await upstream.chat("m", {**ASK, "stream": True}))

    assert ["stream_options" in one for one in server.requests] == [True, False, False]


async def test_what_nobody_counted_is_estimated(connect: Callable[..., Upstream]) -> None:
    asked = [{"role": "user", "content": "How many words does this question have?"}]

    _, answer = await stream(connect, WHOLE, messages=asked)

    assert answer.usage is not None
    assert answer.usage.estimated
    assert answer.usage.input >= 7
    assert answer.usage.output == 1


@pytest.mark.parametrize(
    ("lacking", "filled"),
    [
        ({"choices": []}, {"id", "model", "object", "created"}),
        ({"id": "", "model": "", "choices": [{"index": 0, "delta": {"content": "a"}}]}, {"id"}),
        ({"id": "x", "object": "chat.completion.chunk", "model": "m", "created": 1}, {"choices"}),
    ],
)
async def test_chunks_have_what_clients_rely_on(
    connect: Callable[..., Upstream], lacking: dict[str, Any], filled: set[str]
) -> None:
    found, _ = await stream(connect, sse(lacking, chunk({}, "stop")) + DONE)

    first = json.loads(found[0])
    assert first.keys() >= {"id", "model", "object", "created", "choices"}
    assert all(first[name] or name in ("choices", "created") for name in first)
    assert isinstance(first["choices"], list)
    assert filled <= first.keys()


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85"])
async def test_no_text_of_a_model_ends_a_line_of_the_stream(
    connect: Callable[..., Upstream], end: str
) -> None:
    said = f'a{end}data: {{"error":1}}{end}{end}b'
    raw = json.dumps(chunk({"content": said}), ensure_ascii=False).encode()

    found, _ = await stream(connect, sse(raw, chunk({}, "stop")) + DONE)

    assert found[0].decode().splitlines() == [found[0].decode()]
    assert json.loads(found[0])["choices"][0]["delta"]["content"] == said


async def test_json_on_several_lines_is_written_on_one(connect: Callable[..., Upstream]) -> None:
    lines = json.dumps(chunk({"content": "a"}), indent=1).encode().replace(b"\n", b"\ndata: ")

    found, _ = await stream(connect, sse(lines, chunk({}, "stop")) + DONE)

    assert b"\n" not in found[0]
    assert json.loads(found[0]) == chunk({"content": "a"})


@pytest.mark.parametrize(
    "error",
    [
        {"error": {"message": "The engine is overloaded.", "code": 503}},
        {"object": "error", "message": "The engine is overloaded.", "code": 503},
        [{"error": {"code": 503, "message": "The engine is overloaded."}}],
        {"choices": [{"index": 0, "error": {"message": "The engine is overloaded.", "code": 503}}]},
    ],
)
async def test_an_error_in_a_stream_of_status_200_is_an_error(
    connect: Callable[..., Upstream], error: Any
) -> None:
    with pytest.raises(ApiError) as before:
        await stream(connect, sse(error))
    async with RawStreamServer(sse(chunk({"content": "Hel"}), error)) as server:
        answer = await connect(server.url).chat("m", {**ASK, "stream": True})
        assert answer.events is not None
        assert json.loads(await anext(answer.events))["choices"]  # type: ignore[arg-type]  # bytes
        with pytest.raises(ApiError) as later:
            await anext(answer.events)

    for one in (before.value, later.value):
        assert (one.status, str(one)) == (503, "The engine is overloaded.")


async def test_a_stream_that_breaks_off_is_not_whole(connect: Callable[..., Upstream]) -> None:
    for body in (sse(chunk({"content": "Hel"})), b""):
        with pytest.raises(IncompleteAnswer):
            await stream(connect, body)


@pytest.mark.parametrize("body", [sse(b"{oops"), sse(chunk({"content": "a"}), b"{oops")])
async def test_what_is_no_json_is_an_error(connect: Callable[..., Upstream], body: bytes) -> None:
    with pytest.raises(ModelError, match="no JSON"):
        await stream(connect, body)


async def test_an_answer_that_comes_whole_is_streamed_all_the_same(
    connect: Callable[..., Upstream],
) -> None:
    calls = [{"id": "t1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    message = {"role": "assistant", "content": "Hi", "tool_calls": calls}
    usage = {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}
    whole = {
        **chunk({}),
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": usage,
    }
    sent = json.dumps(whole).encode()
    async with RawStreamServer(sent, content_type="application/json") as server:
        asked = {**ASK, "stream": True, "stream_options": {"include_usage": True}}
        found = await read_all(await connect(server.url).chat("m", asked))

    first, last = map(json.loads, found)
    assert first["object"] == last["object"] == "chat.completion.chunk"
    assert first["choices"][0]["delta"]["tool_calls"] == [{"index": 0, **calls[0]}]
    assert first["choices"][0]["finish_reason"] == "tool_calls"
    assert (last["choices"], last["usage"]) == ([], usage)


@pytest.mark.parametrize(
    ("status", "sent", "words", "code"),
    [
        (
            400,
            {"error": {"message": "Bad tool", "code": "bad_tool", "param": "tools[0]"}},
            "Bad tool",
            "bad_tool",
        ),
        (422, {"detail": [{"loc": ["body"], "msg": "field required"}]}, "field required", None),
        (429, {"error": "slow down"}, "slow down", None),
        (500, [{"error": {"message": "Internal", "status": "INTERNAL"}}], "Internal", None),
    ],
)
async def test_a_refusal_keeps_its_status_and_words(
    connect: Callable[..., Upstream], status: int, sent: Any, words: str, code: str | None
) -> None:
    async with RawStreamServer(b"", refusals=[(status, sent)]) as server:
        with pytest.raises(ApiError) as caught:
            await connect(server.url).chat("m", {**ASK, "stream": True})

    assert (caught.value.status, str(caught.value), caught.value.code) == (status, words, code)


async def test_what_a_filter_found_is_told_too(connect: Callable[..., Upstream]) -> None:
    found = {"code": "content_filter", "innererror": {"content_filter_result": {"hate": 1}}}
    refusal = {"error": {"message": "Filtered", **found}}
    async with RawStreamServer(b"", refusals=[(400, refusal)]) as server:
        with pytest.raises(ApiError) as caught:
            await connect(server.url).chat("m", ASK)

    assert caught.value.more == {"innererror": found["innererror"]}


@pytest.mark.parametrize(
    "said",
    [
        f"Incorrect API key provided: {KEY}.",
        "Incorrect API key provided: sk-upstr*************cdef.",
        f"No such key ({KEY[:12]}****)",
    ],
)
async def test_no_caller_is_told_the_operators_key(
    connect: Callable[..., Upstream], said: str
) -> None:
    async with RawStreamServer(b"", refusals=[(401, {"error": {"message": said}})]) as server:
        with pytest.raises(ApiError) as caught:
            await connect(server.url).chat("m", ASK)

    assert (caught.value.status, caught.value.code) == (502, "provider_refused_key")
    told = f"{caught.value} {caught.value.more}"
    assert "sk-up" not in told
    assert "***" in told


async def test_a_web_page_is_no_answer(connect: Callable[..., Upstream]) -> None:
    page = b"<html><body>Sign in</body></html>"
    async with RawStreamServer(page, content_type="text/html") as server:
        for asked in (ASK, {**ASK, "stream": True}):
            with pytest.raises(ApiError, match="web page") as caught:
                await connect(server.url).chat("m", asked)
            assert caught.value.status == 502


async def test_a_server_that_is_not_there_is_named(connect: Callable[..., Upstream]) -> None:
    with pytest.raises(ModelUnavailable, match=r"no connection to 127\.0\.0\.1:9"):
        await connect("http://127.0.0.1:9/v1").chat("m", ASK)


async def test_silence_ends_a_call(connect: Callable[..., Upstream], openai: OpenAIServer) -> None:
    openai.default_response = CannedResponse(ending="stall")
    upstream = connect(openai.url, read_timeout=0.2, turn_timeout=0.2)

    answer = await upstream.chat("m", {**ASK, "stream": True})
    with pytest.raises(ModelTimeout):
        await read_all(answer)


async def test_leaving_closes_the_call_at_once(
    connect: Callable[..., Upstream], openai: OpenAIServer
) -> None:
    openai.default_response = CannedResponse(text="so many words here", ending="stall")
    answer = await connect(openai.url).chat("m", {**ASK, "stream": True})
    assert answer.events is not None
    await anext(answer.events)
    await anext(answer.events)

    await answer.events.aclose()

    await asyncio.wait_for(openai.requests[0].hung_up.wait(), 1)
    assert answer.usage is not None
    assert answer.usage.estimated
    assert answer.usage.output >= 1


async def test_leaving_before_the_first_byte_closes_the_call_too(
    connect: Callable[..., Upstream], openai: OpenAIServer
) -> None:
    openai.default_response = CannedResponse(delay=60)
    call = asyncio.create_task(connect(openai.url).chat("m", {**ASK, "stream": True}))
    while not openai.requests:  # noqa: ASYNC110  # the double tells nobody
        await asyncio.sleep(0.01)

    call.cancel()

    await asyncio.wait_for(openai.requests[0].hung_up.wait(), 1)


async def test_a_connection_is_used_again(connect: Callable[..., Upstream]) -> None:
    async with RawStreamServer(WHOLE) as server:
        upstream = connect(server.url)
        for _ in range(5):
            await read_all(await upstream.chat("m", {**ASK, "stream": True}))
        connector = upstream._connection._session.connector  # type: ignore[union-attr]  # it is open
        assert connector is not None
        assert len(connector._conns) == 1

    assert len(server.requests) == 5


async def test_vectors_pass_as_they_are(connect: Callable[..., Upstream]) -> None:
    sent = (
        b'{"object":"list","data":[{"embedding":"AAAAPw==","index":0}],"usage":{"prompt_tokens":3}}'
    )
    async with RawStreamServer(sent, content_type="application/json") as server:
        asked = {"model": "x", "input": [[1, 2, 3]], "encoding_format": "base64"}
        answer = await connect(server.url).embeddings("emb", asked)

    assert answer.body == sent
    assert server.requests == [{**asked, "model": "emb"}]
    assert answer.usage is not None
    assert (answer.usage.input, answer.usage.model) == (3, "own/emb")


async def test_an_answer_without_vectors_is_an_error(connect: Callable[..., Upstream]) -> None:
    for sent in (b'{"data": 7}', b"null", b"oops"):
        async with RawStreamServer(sent, content_type="application/json") as server:
            with pytest.raises(ModelError):
                await connect(server.url).embeddings("emb", {"model": "x", "input": "a"})


def test_bytes_are_read_where_a_body_is_wanted() -> None:
    assert read_body(b'{"a": 1}') == read_body({"a": 1}) == {"a": 1}
