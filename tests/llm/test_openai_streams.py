"""What real servers stream, as bytes: whatever its form, the same answer is read from it."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from doubles.raw_stream_server import RawStreamServer

from bot.config.settings import Settings
from bot.domain.errors import (
    AnswerFiltered,
    ContextOverflow,
    IncompleteAnswer,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    OnlyThoughts,
)
from bot.domain.ports import Model
from bot.llm.fallback import load_models
from bot.llm.openai.chat import OpenAI
from bot.testing import collect, prompt_of

Build = Callable[..., Model]
Configure = Callable[..., Settings]


def chunk(delta: Any = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    """An event of Chat Completions."""
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return {"id": "1", "object": "chat.completion.chunk", "choices": [choice]} | more


def stream(*events: Any, done: bool = True) -> bytes:
    """Events as a server sends them; bytes stand as they are."""
    lines = [
        one if isinstance(one, bytes) else b"data: " + json.dumps(one).encode() + b"\n\n"
        for one in events
    ]
    return b"".join([*lines, b"data: [DONE]\n\n" if done else b""])


RED, STOP = chunk({"content": "Red."}), chunk(finish="stop")
WHOLE = {
    "plain": stream(RED, STOP),
    "a ping": stream(b"event: ping\n\n", RED, STOP),
    "a ping with empty data": stream(b"event: ping\ndata: \n\n", RED, b"data:\n\n", STOP),
    "ids, comments, a retry": stream(
        b"retry: 3000\n\n: hello\n\nid: 7\n", RED, b": ping\n\n", STOP
    ),
    "a byte order mark": b"\xef\xbb\xbf" + stream(RED, STOP),
    "Windows line ends": stream(RED, STOP).replace(b"\n", b"\r\n"),
    "old Mac line ends": stream(RED, STOP).replace(b"\n", b"\r"),
    "no space after the colon": stream(RED, STOP).replace(b"data: ", b"data:"),
    "data in two lines": b'data: {"choices": [{\ndata: "delta": {"content": "Red."}}]}\n\n'
    + stream(STOP),
    "no empty line at the end": stream(RED, STOP).rstrip(),
    "a word that is no JSON": stream(b"data: OK\n\n", RED, STOP),
    "content in parts": stream(chunk({"content": [{"type": "text", "text": "Red."}]}), STOP),
    "one part": stream(chunk({"content": {"type": "text", "text": "Red."}}), STOP),
    "parts of a thought": stream(
        chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]}),
        RED,
        STOP,
    ),
    "a message for a delta": stream(
        {"choices": [{"index": 0, "message": {"content": "Red."}, "finish_reason": "stop"}]}
    ),
    "text for a delta": stream({"choices": [{"text": "Red.", "finish_reason": "stop"}]}),
    "a second answer": stream(
        {"choices": [{"index": 1, "delta": {"content": "Blue."}}]}, RED, STOP
    ),
    "no choices, null, a list": stream(chunk() | {"choices": None}, {"id": "x"}, [], RED, STOP),
    "null in every field": stream(chunk({"content": None, "role": None}), RED, STOP),
    "wrong types": stream(chunk({"content": 5}), {"choices": "none"}, {"choices": [7]}, RED, STOP),
    "no finish, but done": stream(RED),
    "an empty finish": stream(chunk({"content": "Red."}, "")),
    "another word for the end": stream(chunk({"content": "Red."}, "eos")),
    "no done": stream(RED, STOP, done=False),
    "reasoning_content": stream(chunk({"reasoning_content": "hm"}), RED, STOP),
    "reasoning": stream(chunk({"reasoning": "hm"}), RED, STOP),
    "reasoning details": stream(
        chunk({"reasoning_details": [{"type": "reasoning.text", "text": "hm"}]}), RED, STOP
    ),
    "a thought in tags": stream(
        chunk({"content": "<think>h"}), chunk({"content": "m</think>Red."}), STOP
    ),
    "broken letters in a comment": stream(b": \xff\xfe\n\n", RED, STOP),
}
FAILED = {
    "an object": (stream({"error": {"message": "CUDA error"}}), ModelError),
    "a text": (stream({"error": "CUDA error"}), ModelError),
    "an event": (stream(b"event: error\ndata: CUDA error\n\n"), ModelError),
    "an event of JSON": (stream(b'event: error\ndata: {"message": "CUDA error"}\n\n'), ModelError),
    "FastAPI's": (stream({"detail": "CUDA error"}), ModelError),
    "FastAPI's list": (stream({"detail": [{"loc": ["body"], "msg": "CUDA error"}]}), ModelError),
    "vLLM's": (stream({"object": "error", "message": "CUDA error", "code": 400}), ModelRejected),
    "a finish": (stream(chunk({"content": "CUDA error"}, "error")), ModelError),
    "in a choice": (
        stream({"choices": [{"index": 0, "error": {"message": "CUDA error"}}]}),
        ModelError,
    ),
    "of another type": (stream({"type": "error", "error": {"message": "CUDA error"}}), ModelError),
    "a list of several": (
        stream({"errors": [{"message": "CUDA error"}, {"message": "x"}]}),
        ModelError,
    ),
    "Gemini's, in a list": (
        stream([{"error": {"message": "CUDA error", "code": 400}}]),
        ModelRejected,
    ),
    "a success that is none": (stream({"success": False, "message": "CUDA error"}), ModelError),
    "a gateway's": (stream({"message": "CUDA error", "request_id": "7"}), ModelError),
    "Apigee's": (stream({"fault": {"faultstring": "CUDA error", "detail": {}}}), ModelError),
    "JSON where an event should be": (b'{"error": {"message": "CUDA error"}}\n', ModelError),
    "JSON after what came before": (
        stream(RED, done=False) + b'{"error": "CUDA error"}\n\n',
        ModelError,
    ),
    "a busy server's": (stream({"error": {"message": "CUDA error", "code": 503}}), ModelOverloaded),
    "an overflow": (
        stream({"error": {"message": "CUDA error", "type": "exceed_context_size_error"}}),
        ContextOverflow,
    ),
}


@pytest.mark.parametrize("body", WHOLE.values(), ids=WHOLE)
async def test_reads_the_answer(build: Build, body: bytes) -> None:
    async with RawStreamServer(body) as server:
        output = await collect(build(OpenAI, "m", OPENAI_BASE_URL=server.url), prompt_of())

    assert (output.error, output.text, output.finishes) == (None, "Red.", ["stop"])


@pytest.mark.parametrize("seed", range(3))
async def test_reads_the_same_however_the_bytes_are_cut(build: Build, seed: int) -> None:
    random_ = random.Random(seed)
    for body in WHOLE.values():
        pieces = random_.sample(range(1, len(body)), min(9, len(body) - 1))
        async with RawStreamServer(body, pieces=pieces) as server:
            output = await collect(build(OpenAI, "m", OPENAI_BASE_URL=server.url), prompt_of())

        assert (output.error, output.text) == (None, "Red."), (body, pieces)


@pytest.mark.parametrize(("body", "kind"), FAILED.values(), ids=FAILED)
async def test_tells_the_server_s_own_words(
    build: Build, body: bytes, kind: type[ModelError]
) -> None:
    async with RawStreamServer(body) as server:
        output = await collect(build(OpenAI, "m", OPENAI_BASE_URL=server.url), prompt_of())

    assert type(output.error) is kind
    assert "CUDA error" in str(output.error)
    assert "{" not in str(output.error)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"choices": [{"message": {"content": "Red."}, "finish_reason": "stop"}]}, "Red."),
        ({"choices": [{"message": {"content": [{"text": "Red."}]}}]}, "Red."),
        ({"choices": [{"message": {"content": "Red.", "reasoning_content": "hm"}}]}, "Red."),
    ],
)
async def test_takes_a_whole_answer_in_place_of_a_stream(
    build: Build, body: object, text: str
) -> None:
    raw = json.dumps(body).encode()
    async with RawStreamServer(raw, content_type="application/json") as server:
        output = await collect(build(OpenAI, "m", OPENAI_BASE_URL=server.url), prompt_of())

    assert (output.error, output.text, output.finishes) == (None, text, ["stop"])


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b'{"error": {"message": "model is loading", "code": 503}}', ModelOverloaded),
        (b'{"message": "model is loading"}', ModelError),
        (b'{"Message": "model is loading", "__type": "Refused"}', ModelError),
        (b'"model is loading"', ModelError),
        (b'[{"error": {"message": "model is loading"}}]', ModelError),
        (b'{"errors": ["model is loading"]}', ModelError),
        (b'\xef\xbb\xbf{"detail": "model is loading"}', ModelError),
    ],
)
async def test_takes_an_error_in_place_of_a_stream(
    build: Build, raw: bytes, kind: type[ModelError]
) -> None:
    async with RawStreamServer(raw, content_type="application/json") as server:
        output = await collect(build(OpenAI, "m", OPENAI_BASE_URL=server.url), prompt_of())

    assert isinstance(output.error, kind)
    assert "model is loading" in str(output.error)
    assert "{" not in str(output.error)


async def test_a_stream_without_any_end_is_incomplete(configure: Configure) -> None:
    async with RawStreamServer(stream(RED, done=False)) as server:
        models = load_models(["openai/m"], configure(OPENAI_BASE_URL=server.url))
        output = await collect(models, prompt_of())
        await models.close()

    assert output.text == "Red."
    assert isinstance(output.error, IncompleteAnswer)


@pytest.mark.parametrize(
    ("events", "kind"),
    [
        ((chunk({"reasoning": "hm"}), chunk(finish="length")), OnlyThoughts),
        ((chunk({"content": "<think>hm"}), chunk(finish="length")), OnlyThoughts),
        ((chunk({"reasoning_content": "hm"}), STOP), OnlyThoughts),
        ((chunk(finish="content_filter"),), AnswerFiltered),
        ((chunk(finish="SAFETY"),), AnswerFiltered),
    ],
)
async def test_says_why_there_is_no_answer(
    configure: Configure, events: tuple[object, ...], kind: type[ModelError]
) -> None:
    async with RawStreamServer(stream(*events)) as server:
        models = load_models(["openai/m"], configure(OPENAI_BASE_URL=server.url))
        output = await collect(models, prompt_of())
        await models.close()

    assert type(output.error) is kind


async def test_asks_once_more_with_room_for_thoughts(build: Build) -> None:
    used_up = stream(
        chunk({"reasoning": "hm"}),
        chunk(finish="length"),
        {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 7}},
    )
    async with RawStreamServer(used_up) as server:
        model = build(OpenAI, "m", OPENAI_BASE_URL=server.url)
        output = await collect(model, prompt_of(max_output=7))
        await collect(model, prompt_of(max_output=7))

    assert [request["max_tokens"] for request in server.requests] == [7, 4_007, 4_007]
    assert [(usage.input, usage.output) for usage in output.usages] == [(18, 14)]


async def test_holds_back_thoughts_that_only_a_closing_tag_ends(build: Build) -> None:
    body = stream(chunk({"content": "They ask."}), chunk({"content": "</think>Red."}), STOP)
    async with RawStreamServer(body) as server:
        model = build(OpenAI, "m", OPENAI_BASE_URL=server.url)
        outputs = [await collect(model, prompt_of()) for _ in range(3)]

    assert [output.text for output in outputs] == ["Red."] * 3


@pytest.mark.parametrize("query", ["api-version=2024-10-21", "key=1&version=2"])
async def test_keeps_the_query_of_an_address(build: Build, query: str) -> None:
    async with RawStreamServer(stream(RED, STOP)) as server:
        model = build(OpenAI, "m", OPENAI_BASE_URL=f"{server.url}?{query}")
        output = await collect(model, prompt_of())

    assert output.text == "Red."
    assert server.queries == [dict(part.split("=") for part in query.split("&"))]


REFUSED = {
    "OpenAI's": (
        400,
        {"error": {"message": "Unsupported parameter: 'max_tokens' is not supported with this"
         " model. Use 'max_completion_tokens' instead.", "param": "max_tokens"}},
        "max_tokens",
        "max_completion_tokens",
    ),
    "Mistral's": (
        422,
        {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]},
        "stream_options",
        "",
    ),
    "a proxy's": (
        400,
        {"error": {"message": "Unrecognized request argument supplied: stream_options"}},
        "stream_options",
        "",
    ),
    "a text": (400, {"error": "unknown field stream_options"}, "stream_options", ""),
}  # fmt: skip


@pytest.mark.parametrize(("status", "body", "gone", "instead"), REFUSED.values(), ids=REFUSED)
async def test_leaves_out_what_is_refused_by_name_and_remembers(
    build: Build, status: int, body: object, gone: str, instead: str
) -> None:
    async with RawStreamServer(stream(RED, STOP), refusals=[(status, body)]) as server:
        model = build(OpenAI, "m", OPENAI_BASE_URL=server.url)
        outputs = [await collect(model, prompt_of()) for _ in range(2)]

    assert [output.text for output in outputs] == ["Red.", "Red."]
    assert [gone in request for request in server.requests] == [True, False, False]
    assert not instead or all(instead in request for request in server.requests[1:])


async def test_lowers_a_limit_that_is_too_high(build: Build) -> None:
    words = "max_tokens is too large: 9000. This model supports at most 4096 completion tokens."
    refusal = (400, {"error": {"message": words}})
    async with RawStreamServer(stream(RED, STOP), refusals=[refusal]) as server:
        model = build(OpenAI, "m", OPENAI_BASE_URL=server.url)
        output = await collect(model, prompt_of(max_output=9_000))

    assert output.text == "Red."
    assert server.requests[1]["max_tokens"] == 4_096


async def test_gives_up_where_everything_is_refused(build: Build) -> None:
    refusal = (400, {"error": {"message": "messages: unknown"}})
    async with RawStreamServer(stream(RED, STOP), refusals=[refusal]) as server:
        output = await collect(build(OpenAI, "m", OPENAI_BASE_URL=server.url), prompt_of())

    assert isinstance(output.error, ModelRejected)
    assert len(server.requests) == 1


async def test_sends_how_to_generate_and_leaves_out_what_is_refused(build: Build) -> None:
    words = "Unsupported value: 'temperature' does not support 0.2 with this model."
    refusal = (400, {"error": {"message": words, "param": "temperature"}})
    async with RawStreamServer(stream(RED, STOP), refusals=[refusal]) as server:
        model = build(OpenAI, "m", OPENAI_BASE_URL=server.url)
        prompt = replace(prompt_of(), generation={"temperature": 0.2, "seed": 7, "stop": ["END"]})
        outputs = [await collect(model, prompt) for _ in range(2)]

    assert [output.text for output in outputs] == ["Red.", "Red."]
    sent = [
        {name: request.get(name) for name in ("temperature", "seed", "stop")}
        for request in server.requests
    ]
    without = {"temperature": None, "seed": 7, "stop": ["END"]}
    assert sent == [{"temperature": 0.2, "seed": 7, "stop": ["END"]}, without, without]
