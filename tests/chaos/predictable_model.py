"""The model of the chaos runs: every answer can be foreseen from the question's id."""

import asyncio
import re
import time
from dataclasses import replace
from typing import Any

from aiohttp import web
from doubles.openai_server import HTML, OVERLOADED, OpenAIServer, Play, Seen, pieces

ANSWERING = 0.6  # seconds that an answer takes, about
READ_TIMEOUT = 2  # seconds of silence that Nellie bears here
TROUBLES = {
    "silent": Play(text="", delay=READ_TIMEOUT * 2),
    "stalled": Play(ending="stall"),
    "overloaded": OVERLOADED,
    "unavailable": Play(status=503, error="The server is overloaded"),
    "cut": Play(ending="cut"),
    "refused": Play(text="", ending="cut"),
    "garbage": Play(ending="garbage"),
    "nothing": Play(text=""),
    "page": HTML,
}
_ID = re.compile(r"\bq\d+\b")
_WORDS = "harbour", "crane", "lifts", "every", "container", "night", "shift", "left", "quay"


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
        self.troubled: set[str] = set()
        """The questions whose answers went wrong at least once."""

    def trouble(self, kind: str, times: int) -> None:
        """The next answers go wrong like this."""
        self.play(*[TROUBLES[kind]] * times)

    def end_trouble(self) -> None:
        """From now on, all goes well."""
        self._queue.clear()

    async def fail(self, request: web.Request, seen: Seen, play: Play) -> web.StreamResponse:
        """Fail as told, and note whose answer it was."""
        self.troubled.add(_asked_id(seen))
        return await super().fail(request, seen, play)

    async def _stream(self, request: web.Request, seen: Seen, play: Play) -> web.StreamResponse:
        id_, began = _asked_id(seen), time.monotonic()
        text = answer_to(id_) if id_ else "- all of it was about the harbour"
        if play is not self.always:
            self.troubled.add(id_)
            text = play.text and text[: len(text) * 2 // 3]
        await asyncio.sleep(self.delay)
        pause = ANSWERING / len(pieces(text)) if text else play.delay
        response = await super()._stream(request, seen, replace(play, text=text, delay=pause))
        if play is self.always:
            self.seconds_taken[id_] = time.monotonic() - began
        return response

    async def see(self, request: web.Request) -> Seen:
        """Keep the newest requests only: a run has many."""
        seen = await super().see(request)
        del self.requests[:-100]
        del self.answers[:-100]
        return seen


def _asked_id(seen: Seen) -> str:
    """The id of what is asked; empty where a summary is."""
    messages: list[dict[str, Any]] = seen.body["messages"]
    system = messages[0]["content"]
    if system.startswith("Summarize") or "summarize a channel" in system:
        return ""
    found = _ID.findall(messages[-1]["content"])
    return found[-1] if found else ""
