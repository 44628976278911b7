"""Calls of tools as servers stream them: well, and in thirty other ways."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from doubles.loopback_server import LoopbackServer, stream

from bot.config.settings import Settings
from bot.domain.model import Prompt
from bot.domain.ports import Model
from bot.domain.tools import Tool, ToolCall
from bot.llm.fallback import Fallback
from bot.llm.openai.chat import OpenAI
from bot.testing import ModelOutput, collect, prompt_of

Build = Callable[..., Model]
Expected = list[tuple[str, str]]
OBJECT = {"type": "object", "properties": {}}
TOOLS = tuple(Tool(name, "", OBJECT) for name in ("search", "now", "get_weather"))
DONE = b"data: [DONE]\n\n"


class StreamServer(LoopbackServer):
    """Every question gets these bytes."""

    root = "/v1"

    def __init__(self, *pieces: bytes, kind: str = "text/event-stream") -> None:
        self.pieces, self.kind = pieces, kind

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/v1/chat/completions", self._answer)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        return await stream(request, *self.pieces, headers={"Content-Type": self.kind})


def line(event: Any) -> bytes:
    return b"data: " + json.dumps(event).encode() + b"\n\n"


def said(finish: str | None = None, **delta: Any) -> bytes:
    return line({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def called(*entries: dict[str, Any], finish: str | None = None) -> bytes:
    """One event with pieces of calls."""
    return said(finish, tool_calls=list(entries))


def piece(
    name: str | None = None, arguments: Any = None, *, bare: bool = False, **beside: Any
) -> dict[str, Any]:
    """A piece of one call."""
    function: dict[str, Any] = {}
    if name is not None:
        function["name"] = name
    if arguments is not None:
        function["arguments"] = arguments
    return {**beside, **function} if bare else {**beside, "function": function}


END = said("tool_calls")
STOP = said("stop")
Q1, Q2 = '{"query": "rent"}', '{"query": "heating"}'
TWO = [("search", Q1), ("search", Q2)]

STREAMS: dict[str, tuple[list[bytes], Expected]] = {
    "as OpenAI": (
        [
            called(piece("search", "", index=0, id="a", type="function")),
            called(piece(None, '{"query": ', index=0)),
            called(piece(None, '"rent"}', index=0)),
            END,
        ],
        [("search", Q1)],
    ),
    "two in parallel, interleaved": (
        [
            called(piece("search", "", index=0, id="a")),
            called(piece("search", "", index=1, id="b")),
            called(piece(None, '{"query": ', index=0)),
            called(piece(None, '{"query": ', index=1)),
            called(piece(None, '"heating"}', index=1)),
            called(piece(None, '"rent"}', index=0)),
            END,
        ],
        TWO,
    ),
    "one index for several calls, whole": (
        [
            called(piece("search", Q1, index=0, id="a")),
            called(piece("search", Q2, index=0, id="b")),
            END,
        ],
        TWO,
    ),
    "one index for several calls, in pieces": (
        [
            called(piece("search", "", index=0, id="a")),
            called(piece(None, Q1, index=0)),
            called(piece("search", "", index=0, id="b")),
            called(piece(None, Q2, index=0)),
            END,
        ],
        TWO,
    ),
    "one index for several calls in one event": (
        [called(piece("search", Q1, index=0, id="a"), piece("now", "{}", index=0, id="b")), END],
        [("search", Q1), ("now", "{}")],
    ),
    "one index, no ids": (
        [called(piece("search", Q1, index=0)), called(piece("search", Q2, index=0)), END],
        TWO,
    ),
    "no ids": (
        [
            called(piece("search", "", index=0)),
            called(piece(None, Q1, index=0)),
            called(piece("now", "", index=1)),
            END,
        ],
        [("search", Q1), ("now", "{}")],
    ),
    "no indexes": (
        [
            called(piece("search", "", id="a")),
            called(piece(None, '{"query": ')),
            called(piece(None, '"rent"}')),
            called(piece("search", "", id="b")),
            called(piece(None, Q2)),
            END,
        ],
        TWO,
    ),
    "neither ids nor indexes": (
        [
            called(piece("search", '{"query": ')),
            called(piece(None, '"rent"}')),
            called(piece("search", Q2)),
            END,
        ],
        TWO,
    ),
    "no indexes, interleaved by their ids": (
        [
            called(piece("search", "", id="a"), piece("search", "", id="b")),
            called(piece(None, Q2, id="b")),
            called(piece(None, Q1, id="a")),
            END,
        ],
        TWO,
    ),
    "null indexes and ids": (
        [
            called(piece("search", None, index=None, id=None)),
            called(piece(None, Q1, index=None, id=None)),
            END,
        ],
        [("search", Q1)],
    ),
    "indexes as texts": (
        [
            called(piece("search", "", index="0", id="a")),
            called(piece("now", "", index="1", id="b")),
            called(piece(None, Q1, index="0")),
            END,
        ],
        [("search", Q1), ("now", "{}")],
    ),
    "an index that counts pieces": (
        [
            called(piece("search", "", index=0, id="a")),
            called(piece(None, '{"query": ', index=1)),
            called(piece(None, '"rent"}', index=2)),
            END,
        ],
        [("search", Q1)],
    ),
    "a new id with every piece": (
        [
            called(piece("search", "", index=0, id="a")),
            called(piece(None, '{"query": ', index=0, id="b")),
            called(piece(None, '"rent"}', index=0, id="c")),
            END,
        ],
        [("search", Q1)],
    ),
    "the id only with the last piece": (
        [
            called(piece("search", '{"query": ', index=0)),
            called(piece(None, '"rent"}', index=0, id="a")),
            END,
        ],
        [("search", Q1)],
    ),
    "the name repeated in each piece": (
        [
            called(piece("search", "", index=0, id="a")),
            called(piece("search", '{"query": ', index=0, id="a")),
            called(piece("search", '"rent"}', index=0, id="a")),
            END,
        ],
        [("search", Q1)],
    ),
    "the name in pieces": (
        [
            called(piece("get_", "", index=0, id="a")),
            called(piece("weather", "", index=0)),
            called(piece(None, "{}", index=0)),
            END,
        ],
        [("get_weather", "{}")],
    ),
    "the name after the id": (
        [
            called(piece(None, None, index=0, id="a")),
            called(piece("search", None, index=0)),
            called(piece(None, Q1, index=0)),
            END,
        ],
        [("search", Q1)],
    ),
    "finish stop": ([called(piece("search", Q1, index=0, id="a")), STOP], [("search", Q1)]),
    "the finish in the event of the call": (
        [called(piece("search", Q1, index=0, id="a"), finish="tool_calls")],
        [("search", Q1)],
    ),
    "no finish but the end": (
        [called(piece("search", Q1, index=0, id="a"))],
        [("search", Q1)],
    ),
    "empty arguments": ([called(piece("now", "", index=0, id="a")), END], [("now", "{}")]),
    "null arguments": ([called(piece("now", None, index=0, id="a")), END], [("now", "{}")]),
    "broken arguments": (
        [called(piece("search", '{"query": "re', index=0, id="a")), said("length")],
        [("search", '{"query": "re')],
    ),
    "arguments as an object": (
        [called(piece("search", {"query": "rent"}, index=0, id="a")), END],
        [("search", Q1)],
    ),
    "arguments as a list": (
        [called(piece("search", ["rent"], index=0, id="a")), END],
        [("search", '["rent"]')],
    ),
    "an empty object before the arguments": (
        [
            called(piece("search", "{}", index=0, id="a")),
            called(piece(None, '{"query": ', index=0)),
            called(piece(None, '"rent"}', index=0)),
            END,
        ],
        [("search", Q1)],
    ),
    "arguments that come whole each time": (
        [
            called(piece("search", '{"query"', index=0, id="a")),
            called(piece("search", '{"query": "re', index=0, id="a")),
            called(piece("search", Q1, index=0, id="a")),
            END,
        ],
        [("search", Q1)],
    ),
    "all of them again at the end": (
        [
            called(piece("search", '{"query": ', index=0, id="a")),
            called(piece(None, '"rent"}', index=0)),
            called(piece("search", Q1, index=0, id="a"), finish="tool_calls"),
        ],
        [("search", Q1)],
    ),
    "a piece told twice behind the end": (
        [
            called(piece("search", '{"query": ', index=0, id="a")),
            called(piece(None, '"rent"}', index=0)),
            called(piece(None, '"rent"}', index=0)),
            END,
        ],
        [("search", Q1)],
    ),
    "a call told twice": (
        [called(piece("search", Q1, index=0)), called(piece("search", Q1, index=0)), END],
        [("search", Q1)],
    ),
    "the former function_call": (
        [
            said(function_call={"name": "search", "arguments": ""}),
            said(function_call={"arguments": '{"query": '}),
            said(function_call={"arguments": '"rent"}'}),
            said("function_call"),
        ],
        [("search", Q1)],
    ),
    "a whole message in the stream": (
        [
            line(
                {
                    "choices": [
                        {
                            "message": {
                                "role": "assistant",
                                "content": None,
                                "tool_calls": [
                                    piece("search", Q1, id="a", type="function"),
                                    piece("search", Q2, id="b", type="function"),
                                ],
                            },
                            "finish_reason": "tool_calls",
                        }
                    ]
                }
            )
        ],
        TWO,
    ),
    "an object for the list": (
        [said(tool_calls=piece("search", Q1, index=0, id="a")), END],
        [("search", Q1)],
    ),
    "no function around": (
        [called(piece("search", Q1, bare=True, index=0, id="a")), END],
        [("search", Q1)],
    ),
    "null and nonsense in the list": (
        [
            said(tool_calls=None),
            said(tool_calls=[None, 3, "search", []]),
            called(piece("search", Q1, index=0, id="a")),
            END,
        ],
        [("search", Q1)],
    ),
    "one id for two calls": (
        [
            called(piece("search", Q1, index=0, id="call_0")),
            called(piece("now", "{}", index=1, id="call_0")),
            END,
        ],
        [("search", Q1), ("now", "{}")],
    ),
    "a name with its namespace": (
        [called(piece("functions.search", Q1, index=0, id="a")), END],
        [("search", Q1)],
    ),
    "a name with a leaked template": (
        [called(piece("search<|channel|>commentary", Q1, index=0, id="a")), END],
        [("search", Q1)],
    ),
    "a name that nobody offered": (
        [called(piece("send mail!", "{}", index=0, id="a")), END],
        [("send_mail_", "{}")],
    ),
    "a number for the id": (
        [called(piece("search", Q1, index=0, id=7)), called(piece(None, "", index=0, id=7)), END],
        [("search", Q1)],
    ),
    "a nameless call beside another": (
        [
            called(piece(None, "{}", index=0, id="a")),
            called(piece("now", "", index=1, id="b")),
            END,
        ],
        [("now", "{}")],
    ),
}


async def ask(
    build: Build, settings: Settings, server: StreamServer, prompt: Prompt
) -> ModelOutput:
    model = build(OpenAI, "double", openai_base_url=server.url, read_timeout=2, turn_timeout=5)
    return await collect(Fallback([model], settings), prompt)


def prompt_with_tools() -> Prompt:
    prompt = prompt_of("How high is the rent?")
    return Prompt(prompt.purpose, prompt.messages, 100, tools=TOOLS)


def calls_of(output: ModelOutput) -> tuple[ToolCall, ...]:
    return tuple(call for chunk in output.chunks for call in chunk.calls)


def test_there_are_thirty_streams() -> None:
    assert len(STREAMS) >= 30


@pytest.mark.parametrize("name", STREAMS)
async def test_calls_are_put_together(build: Build, settings: Settings, name: str) -> None:
    pieces, expected = STREAMS[name]
    async with StreamServer(*pieces, DONE) as server:
        output = await ask(build, settings, server, prompt_with_tools())

    assert output.error is None
    assert [(call.name, call.arguments) for call in calls_of(output)] == expected
    assert output.finishes == ["tool_calls"]
    assert output.text == ""
    ids = [call.id for call in calls_of(output)]
    assert all(ids)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", STREAMS)
async def test_text_before_the_calls_is_kept(build: Build, settings: Settings, name: str) -> None:
    pieces, expected = STREAMS[name]
    async with StreamServer(said(content="Let me "), said(content="see."), *pieces, DONE) as server:
        output = await ask(build, settings, server, prompt_with_tools())

    assert output.text == "Let me see."
    assert [(call.name, call.arguments) for call in calls_of(output)] == expected


async def test_a_whole_answer_that_was_not_streamed_has_its_calls(
    build: Build, settings: Settings
) -> None:
    message = {"content": None, "tool_calls": [piece("search", Q1, id="a"), piece("now", id="b")]}
    body = json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    async with StreamServer(body.encode(), kind="application/json") as server:
        output = await ask(build, settings, server, prompt_with_tools())

    assert [call.name for call in calls_of(output)] == ["search", "now"]


@pytest.mark.parametrize(
    "entry",
    [piece(None, Q1, index=0), piece("", "", index=0), {"index": 0, "function": None}],
    ids=["only arguments", "an empty name", "null"],
)
async def test_a_call_without_a_name_is_an_empty_answer(
    build: Build, settings: Settings, entry: dict[str, Any]
) -> None:
    async with StreamServer(called(entry), STOP, DONE) as server:
        output = await ask(build, settings, server, prompt_with_tools())

    assert calls_of(output) == ()
    assert type(output.error).__name__ == "EmptyAnswer"


async def test_a_stream_that_breaks_off_in_a_call_calls_nothing(
    build: Build, settings: Settings
) -> None:
    async with StreamServer(called(piece("search", '{"que', index=0, id="a"))) as server:
        output = await ask(build, settings, server, prompt_with_tools())

    assert calls_of(output) == ()
    assert type(output.error).__name__ == "IncompleteAnswer"


async def test_calls_that_nobody_asked_for_are_not_made(build: Build, settings: Settings) -> None:
    pieces, _ = STREAMS["as OpenAI"]
    async with StreamServer(said(content="Hello."), *pieces, DONE) as server:
        output = await ask(build, settings, server, prompt_of("Hi"))

    assert (output.text, calls_of(output), output.finishes) == ("Hello.", (), ["tool_calls"])
