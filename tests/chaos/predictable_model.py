"""The model of the chaos runs: every answer can be foreseen from the question's id."""

import asyncio
import re
import time
from dataclasses import replace
from typing import Any

from aiohttp import web
from doubles.canned_responses import (
    HTML,
    OVERLOADED,
    CannedResponse,
    EventStream,
    ReceivedRequest,
    pieces,
)
from doubles.openai_server import OpenAIServer, read_text
from doubles.remote_tools import BOOK, LOOK_UP

from bot.domain.tools import Tool

ANSWERING = 0.6  # seconds that an answer takes, about
READ_TIMEOUT = 2  # seconds of silence that Nellie bears here
TROUBLES = {
    "silent": CannedResponse(text="", delay=READ_TIMEOUT * 2),
    "stalled": CannedResponse(ending="stall"),
    "overloaded": OVERLOADED,
    "unavailable": CannedResponse(status=503, error="The server is overloaded"),
    "cut": CannedResponse(ending="cut"),
    "refused": CannedResponse(text="", ending="cut"),
    "garbage": CannedResponse(ending="garbage"),
    "nothing": CannedResponse(text=""),
    "page": HTML,
}
FIRST_PRIVATE = 900_001
"""From here on, questions are private ones (chaos.confidential)."""
_ROUNDS: tuple[tuple[tuple[Tool, ...], ...], ...] = (
    (),
    ((LOOK_UP,),),
    ((BOOK,),),
    (),
    ((LOOK_UP, LOOK_UP), (BOOK, LOOK_UP)),
    ((BOOK, BOOK), (LOOK_UP,), (BOOK,)),
)
_ID = re.compile(r"\bq\d+\b")
_TALK = re.compile(r"\bm\d+\b")
_WORDS = "harbour", "crane", "lifts", "every", "container", "night", "shift", "left", "quay"


def rounds_of(id_: str) -> tuple[tuple[Tool, ...], ...]:
    """What the model calls before it answers this question, round by round; often nothing."""
    number = int(id_[1:])
    return () if number >= FIRST_PRIVATE else _ROUNDS[number % len(_ROUNDS)]


def answer_to(id_: str) -> str:
    """What the model answers to this question; some answers take several messages."""
    number = int(id_[1:])
    length = 420 if number % 23 == 0 else 6 + number * 7 % 30
    words = " ".join(_WORDS[(number + position) % len(_WORDS)] for position in range(length))
    return f"To {id_}: {words}. That was {id_}."


class PredictableModel(OpenAIServer):
    """Answers by the id in the question, and notes how long it took."""

    def __init__(self, delay: float = 0) -> None:
        super().__init__(models=[{"id": name, "object": "model"} for name in ("double", "spare")])
        self.delay = delay
        """Seconds before its first word."""
        self.seconds_taken: dict[str, float] = {}
        """By question, the seconds that its last whole answer took."""

    def trouble(self, kind: str, times: int) -> None:
        """The next answers go wrong like this."""
        self.respond_with(*[TROUBLES[kind]] * times)

    def end_trouble(self) -> None:
        """From now on, all goes well."""
        self._queue.clear()

    async def _stream(
        self, request: web.Request, received: ReceivedRequest, canned: CannedResponse
    ) -> web.StreamResponse:
        id_, began = _asked_id(received), time.monotonic()
        if id_ and (tools := _next_round(id_, received)):
            return await self._call(request, received, canned, id_, tools)
        text = answer_to(id_) if id_ else _summary_of(received)
        if canned is not self.default_response:
            text = canned.text and text[: len(text) * 2 // 3]
        await asyncio.sleep(self.delay)
        pause = ANSWERING / len(pieces(text)) if text else canned.delay
        response = await super()._stream(request, received, replace(canned, text=text, delay=pause))
        if canned is self.default_response:
            self.seconds_taken[id_] = time.monotonic() - began
        return response

    async def _call(
        self,
        request: web.Request,
        received: ReceivedRequest,
        canned: CannedResponse,
        id_: str,
        tools: tuple[Tool, ...],
    ) -> web.StreamResponse:
        """Call tools; where something goes wrong, it does after the first half of that."""
        await asyncio.sleep(self.delay + canned.delay)
        stream = await EventStream.open(request, received.path, self.answers)
        made = _made(received)
        for index, tool in enumerate(tools):
            function = {"name": tool.name, "arguments": ""}
            call = {"index": index, "id": f"c{made}{index}", "type": "function"}
            await stream.send(self.chunk({"tool_calls": [{**call, "function": function}]}))
            if canned.ending != "done":
                return await self.end_badly(stream, canned)
            berth = {"arguments": f'{{"berth": "{id_}.{made}.{index}"}}'}
            await stream.send(self.chunk({"tool_calls": [{"index": index, "function": berth}]}))
        await stream.send(self.chunk({}, finish="tool_calls"))
        await stream.send(self.usage_chunk(10, canned))
        await stream.send_raw(b"data: [DONE]\n\n")
        return await stream.close()

    async def receive(self, request: web.Request) -> ReceivedRequest:
        """Keep the newest requests only: a run has many."""
        received = await super().receive(request)
        del self.requests[:-100]
        del self.answers[:-100]
        return received


def _summary_of(received: ReceivedRequest) -> str:
    """It names some of what was said, so that it must be made again when that is taken back."""
    named = _TALK.findall(received.body["messages"][-1]["content"])[:3]
    return "\n".join(["- all of it was about the harbour", *(f"- {id_} was said" for id_ in named)])


def _asked_id(received: ReceivedRequest) -> str:
    """The id of what is asked; empty where a summary is."""
    messages: list[dict[str, Any]] = received.body["messages"]
    system = messages[0]["content"]
    if system.startswith("Summarize") or "summarize a channel" in system:
        return ""
    found = _ID.findall(next(read_text(one["content"]) for one in _since_asked(received)))
    return found[-1] if found else ""


def _since_asked(received: ReceivedRequest) -> list[dict[str, Any]]:
    """The question, and what was called since."""
    messages: list[dict[str, Any]] = received.body["messages"]
    last = max(number for number, one in enumerate(messages) if one["role"] == "user")
    return messages[last:]


def _made(received: ReceivedRequest) -> int:
    return sum(bool(one.get("tool_calls")) for one in _since_asked(received))


def _next_round(id_: str, received: ReceivedRequest) -> tuple[Tool, ...]:
    """What is called now; nothing where it answers."""
    if not received.body.get("tools") or received.body.get("tool_choice") == "none":
        return ()
    return dict(enumerate(rounds_of(id_))).get(_made(received), ())
