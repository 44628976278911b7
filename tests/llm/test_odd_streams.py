"""Streams as nobody should send them, from Chat Completions, TGI and TGI's own chat alike."""

import asyncio
import gzip
import json
import zlib
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from aiohttp import web
from doubles.canned_responses import CannedResponse, ReceivedRequest
from doubles.loopback_server import LoopbackServer, stream
from doubles.tgi_server import TGIServer

from bot.domain.ports import Model
from bot.llm.answers import endings
from bot.llm.answers.characters import WholeCharacters
from bot.llm.openai.chat import OpenAI
from bot.llm.tgi.model import TGI
from bot.testing import collect, prompt_of

Build = Callable[..., Model]
DONE = b"data: [DONE]\n\n"
USAGE = {"prompt_tokens": 9, "completion_tokens": 3}


class OddServer(LoopbackServer):
    """Every question for an answer gets these bytes."""

    root = "/v1"

    def __init__(self, *pieces: bytes, headers: dict[str, str] | None = None) -> None:
        self.pieces, self.headers = pieces, headers

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/v1/chat/completions", self._answer)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        return await stream(request, *self.pieces, headers=self.headers)


class OddTGI(TGIServer):
    """A server of TGI that renders and counts as it should, and answers so."""

    def __init__(
        self, *pieces: bytes, headers: dict[str, str] | None = None, templates: bool = True
    ) -> None:
        super().__init__(templates=templates)
        self.pieces, self.headers = pieces, headers

    async def _generate(
        self, request: web.Request, received: ReceivedRequest, canned: CannedResponse
    ) -> web.StreamResponse:
        return await stream(request, *self.pieces, headers=self.headers)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        return await stream(request, *self.pieces, headers=self.headers)


def line(event: Any) -> bytes:
    return b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n"


def said(content: Any = None, finish: Any = None, **more: Any) -> bytes:
    delta = {"role": "assistant", "content": content} | more.pop("delta", {})
    return line({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]} | more)


def token(text: str = "", finish: str | None = None, **more: Any) -> bytes:
    """An event of TGI's own stream."""
    event: dict[str, Any] = {
        "index": 1,
        "token": {"id": 1, "text": text, "logprob": -0.5, "special": finish is not None},
        "generated_text": None,
        "details": None,
    }
    if finish is not None:
        event["details"] = {"finish_reason": finish, "generated_tokens": 3, "seed": None}
    return line(event | more)


LONG = "Red. " * 200_000  # a megabyte
RED, STOP = said("Red."), said(finish="stop")
CALL = {"index": 0, "id": "1", "function": {"name": "f", "arguments": "{}"}}
ODD_CHAT: dict[str, tuple[Iterable[bytes], str]] = {
    "characters cut anywhere": ([bytes([one]) for one in said("Röd 🎉.") + STOP + DONE], "Röd 🎉."),
    "a tool call that nobody asked for": (
        [RED, said(delta={"tool_calls": [CALL]}), said(finish="tool_calls"), DONE],
        "Red.",
    ),
    "a function call of old": (
        [RED, said(delta={"function_call": {"name": "f"}}), said(finish="function_call"), DONE],
        "Red.",
    ),
    "null everywhere": (
        [
            line(dict.fromkeys(("id", "choices", "usage", "model", "error"))),
            line({"choices": [dict.fromkeys(("index", "delta", "finish_reason", "logprobs"))]}),
            said(delta=dict.fromkeys(("role", "refusal", "tool_calls", "audio", "reasoning"))),
            RED,
            STOP,
            line({"choices": [], "usage": None}),
            DONE,
        ],
        "Red.",
    ),
    "roles alone": ([said(delta={"role": role}) for role in "abc"] + [RED, STOP, DONE], "Red."),
    "usage before content": (
        [line({"choices": [], "usage": USAGE}), RED, STOP, DONE],
        "Red.",
    ),
    "usage in every event": (
        [said("Re", usage=USAGE), said("d.", usage=USAGE), said(finish="stop", usage=USAGE), DONE],
        "Red.",
    ),
    "one event of a megabyte": ([said(LONG), STOP, DONE], LONG.strip()),
    "ten thousand empty deltas": ([said("")] * 10_000 + [RED, STOP, DONE], "Red."),
    "more after it is done": ([RED, STOP, DONE, b": bye\n\n", said("Blue."), DONE], "Red."),
    "two ends": ([RED, STOP, STOP, said(finish="length"), DONE], "Red."),
    "an end with the first word": ([said("Red.", "stop"), said("", "stop"), DONE], "Red."),
    "an end, and the rest": ([said("Re", "stop"), said("d."), DONE], "Red."),
    "an end that is a number": ([RED, said(finish=0), DONE], "Red."),
    "an end that is an object": ([RED, said(finish={"type": "stop"}), DONE], "Red."),
    "an index of text": (
        [line({"choices": [{"index": "0", "delta": {"content": "Red."}}]}), STOP],
        "Red.",
    ),
    "choices that are an object": (
        [line({"choices": {"delta": {"content": "Red."}, "finish_reason": "stop"}}), DONE],
        "Red.",
    ),
    "an array of events": ([line([{"choices": [{"delta": {"content": "Red."}}]}]), STOP], "Red."),
    "an empty array": ([line([]), RED, STOP], "Red."),
    "two events in one line each": ([RED.rstrip() + b"\n\n" + STOP.rstrip() + b"\n\n"], "Red."),
    "several names of events": ([b"event: delta\n" + RED, b"event: done\n" + STOP], "Red."),
    "a surrogate alone": (
        [b'data: {"choices":[{"delta":{"content":"Red\\ud83d."}}]}\n\n', STOP],
        "Red\ufffd.",
    ),
    "a zero character": ([said("Re\0d."), STOP], "Re\0d."),
    "spaces around the end": ([RED, STOP, b"data:   [DONE]  \r\n\r\n"], "Red."),
    "the end in small letters": ([RED, b"data: [done]\n\n"], "Red."),
    "deeply nested extras": ([line({"x": json.loads("[" * 500 + "]" * 500)}), RED, STOP], "Red."),
}
ODD_TGI: dict[str, tuple[Iterable[bytes], str]] = {
    "characters cut anywhere": (
        [bytes([one]) for one in token("Röd 🎉.") + token(finish="eos_token")],
        "Röd 🎉.",
    ),
    "null in every field": (
        [token("Red.", top_tokens=None, index=None), token(finish="eos_token", top_tokens=None)],
        "Red.",
    ),
    "fields that nobody knows": ([token("Red.", x=[1]), token(finish="eos_token", y={})], "Red."),
    "one event of a megabyte": ([token(LONG), token(finish="eos_token")], LONG.strip()),
    "ten thousand empty tokens": (
        [token("")] * 10_000 + [token("Red."), token(finish="eos_token")],
        "Red.",
    ),
    "more after it is done": (
        [token("Red."), token(finish="eos_token"), DONE, b": bye\n\n", DONE],
        "Red.",
    ),
    "two ends": ([token("Red."), token(finish="eos_token"), token(finish="length")], "Red."),
    "an end of another word": ([token("Red."), token(finish="stop")], "Red."),
    "an end that nobody knows": ([token("Red."), token(finish="tool_calls")], "Red."),
    "no number of tokens": (
        [token("Red."), token(details={"finish_reason": "eos_token"})],
        "Red.",
    ),
    "no index, no logprob": (
        [
            line({"token": {"id": 1, "text": "Red."}}),
            line({"token": {"text": ""}, "details": {"finish_reason": "eos_token"}}),
        ],
        "Red.",
    ),
    "the whole text at the end alone": (
        [
            line(
                {
                    "token": {"id": 2, "text": "</s>", "special": True},
                    "generated_text": "Red.",
                    "details": {"finish_reason": "eos_token", "generated_tokens": 1},
                }
            )
        ],
        "Red.",
    ),
    "an event of null": ([line(None), token("Red."), token(finish="eos_token")], "Red."),
    "an empty object": ([line({}), token("Red."), token(finish="eos_token")], "Red."),
    "a word that is no JSON": ([b"data: OK\n\n", token("Red."), token(finish="eos_token")], "Red."),
    "a list of one": (
        [b"data: [" + token("Red.")[6:-2] + b"]\n\n", token(finish="eos_token")],
        "Red.",
    ),
}


@pytest.mark.parametrize(("pieces", "text"), ODD_CHAT.values(), ids=ODD_CHAT)
@pytest.mark.parametrize("kind", ["openai", "tgi"])
async def test_chat_completions_are_read_however_odd(
    build: Build, pieces: Iterable[bytes], text: str, kind: str
) -> None:
    server = OddServer(*pieces) if kind == "openai" else OddTGI(*pieces, templates=False)
    async with server:
        address = {"OPENAI_BASE_URL": server.url} if kind == "openai" else {"tgi_url": server.url}
        model = build(OpenAI if kind == "openai" else TGI, "m", **address)
        outputs = [await collect(model, prompt_of()) for _ in range(2)]

    for output in outputs:
        assert (output.error, output.text.strip()) == (None, text)
        assert output.finishes[-1] in ("stop", "length", "tool_calls", "function_call")


@pytest.mark.parametrize(("pieces", "text"), ODD_TGI.values(), ids=ODD_TGI)
async def test_tgi_is_read_however_odd(build: Build, pieces: Iterable[bytes], text: str) -> None:
    async with OddTGI(*pieces) as server:
        output = await collect(build(TGI, "", tgi_url=server.url), prompt_of())

    assert (output.error, output.text.strip()) == (None, text)
    assert output.finishes[-1] in ("stop", "length")


TYPES = ["text/plain", "application/octet-stream", "text/event-stream; charset=latin-1", "nonsense"]


@pytest.mark.parametrize("kind", [*TYPES, "application/json", "application/x-ndjson"])
@pytest.mark.parametrize("factory", [OpenAI, TGI])
async def test_a_stream_under_another_type_is_read_all_the_same(
    build: Build, kind: str, factory: Callable[..., Model]
) -> None:
    headers = {"Content-Type": kind}
    chat = factory is OpenAI
    server = (
        OddServer(RED, STOP, DONE, headers=headers)
        if chat
        else OddTGI(token("Red."), token(finish="eos_token"), headers=headers)
    )
    async with server:
        address = {"OPENAI_BASE_URL" if chat else "tgi_url": server.url}
        output = await collect(build(factory, "m", **address), prompt_of())

    assert (output.error, output.text, output.finishes[-1]) == (None, "Red.", "stop")


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("factory", [OpenAI, TGI])
async def test_a_compressed_stream_is_read(
    build: Build, encoding: str, factory: Callable[..., Model]
) -> None:
    chat = factory is OpenAI
    body = RED + STOP + DONE if chat else token("Red.") + token(finish="eos_token")
    packed = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
    headers = {"Content-Encoding": encoding}
    halves = packed[:20], packed[20:]
    server = OddServer(*halves, headers=headers) if chat else OddTGI(*halves, headers=headers)
    async with server:
        address = {"OPENAI_BASE_URL" if chat else "tgi_url": server.url}
        output = await collect(build(factory, "m", **address), prompt_of())

    assert (output.error, output.text, output.finishes[-1]) == (None, "Red.", "stop")


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (("\ud83d", "\ude00!"), "\U0001f600!"),
        (("so \ud83d", "", "\ude00"), "so \U0001f600"),
        (("\ud83d", "oh"), "\ufffdoh"),
        (("\ude00oh",), "\ufffdoh"),
        (("oh\ud83d",), "oh\ufffd"),
        (("plain", "ä\U0001f600"), "plainä\U0001f600"),
    ],
)
def test_halves_of_a_character_meet_or_are_unreadable(pieces: tuple[str, ...], text: str) -> None:
    reading = WholeCharacters()

    assert "".join([*map(reading.feed, pieces), reading.finish()]) == text


async def stay_open(request: web.Request, *pieces: bytes) -> web.StreamResponse:
    """After these bytes, the connection stays open, with a sign of life now and then."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(b"".join(pieces))
    while True:
        await asyncio.sleep(0.02)
        await response.write(b": ping\n\n")


class StayingOpen(OddServer):
    async def _answer(self, request: web.Request) -> web.StreamResponse:
        return await stay_open(request, *self.pieces)


class TGIStayingOpen(OddTGI):
    async def _generate(
        self, request: web.Request, received: ReceivedRequest, canned: CannedResponse
    ) -> web.StreamResponse:
        return await stay_open(request, *self.pieces)


@pytest.mark.parametrize(
    ("pieces", "cost"),
    [
        ((RED, STOP), 0),
        ((RED, STOP, line({"choices": [], "usage": USAGE})), 1),
        ((said("Red.", "stop", usage=USAGE),), 1),
    ],
)
async def test_an_answer_whose_connection_stays_open_is_over_with_its_end(
    build: Build, monkeypatch: pytest.MonkeyPatch, pieces: tuple[bytes, ...], cost: int
) -> None:
    monkeypatch.setattr(endings, "AFTER_END", 0.2)
    async with StayingOpen(*pieces) as server:
        output = await collect(build(OpenAI, "m", OPENAI_BASE_URL=server.url), prompt_of())

    assert (output.error, output.text, output.finishes[-1]) == (None, "Red.", "stop")
    assert len(output.usages) == cost


async def test_so_is_one_of_tgi(build: Build) -> None:
    async with TGIStayingOpen(token("Red."), token(finish="eos_token")) as server:
        output = await collect(build(TGI, "", tgi_url=server.url), prompt_of())

    assert (output.error, output.text, output.finishes[-1]) == (None, "Red.", "stop")
