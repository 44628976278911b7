"""The model of the chaos runs: every answer can be foreseen from the question's id."""

import asyncio
import re
import time
from dataclasses import replace
from typing import Any

from aiohttp import web
from doubles.openai import HTML, OVERLOADED, OpenAIDouble, Play, Seen, pieces

SPOKEN = 0.6  # seconds that an answer takes, about
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


def answer(id: str) -> str:
    """What the model says to this question; some answers take several messages."""
    number = int(id[1:])
    length = 420 if number % 23 == 0 else 6 + number * 7 % 30
    words = " ".join(_WORDS[(number + place) % len(_WORDS)] for place in range(length))
    return f"To {id}: {words}. That was {id}."


class Oracle(OpenAIDouble):
    """Answers by the id in the question, and notes how long it took."""

    def __init__(self, thinking: float = 0) -> None:
        self.thinking = thinking
        """Seconds before its first word."""
        super().__init__(models=[{"id": name, "object": "model"} for name in ("double", "spare")])
        self.took: dict[str, float] = {}
        """Seconds that the last whole answer to a question took."""
        self.troubled: set[str] = set()
        """The questions whose answers went wrong at least once."""

    def trouble(self, kind: str, times: int) -> None:
        """The next answers go wrong like this."""
        self.play(*[TROUBLES[kind]] * times)

    def forgive(self) -> None:
        """From now on, all goes well."""
        self._queue.clear()

    async def fail(self, request: web.Request, seen: Seen, play: Play) -> web.StreamResponse:
        self.troubled.add(_question(seen))
        return await super().fail(request, seen, play)

    async def _stream(self, request: web.Request, seen: Seen, play: Play) -> web.StreamResponse:
        id, began = _question(seen), time.monotonic()
        text = answer(id) if id else "- all of it was about the harbour"
        if play is not self.always:
            self.troubled.add(id)
            text = play.text and text[: len(text) * 2 // 3]
        await asyncio.sleep(self.thinking)
        pause = SPOKEN / len(pieces(text)) if text else play.delay
        done = await super()._stream(request, seen, replace(play, text=text, delay=pause))
        if play is self.always:
            self.took[id] = time.monotonic() - began
        return done

    async def see(self, request: web.Request) -> Seen:
        seen = await super().see(request)
        del self.requests[:-100]
        del self.answers[:-100]
        return seen


def _question(seen: Seen) -> str:
    """The id of what is asked; nothing where a summary is."""
    said: list[dict[str, Any]] = seen.body["messages"]
    if said[0]["content"].startswith("Summarize") or "summarize a channel" in said[0]["content"]:
        return ""
    found = _ID.findall(said[-1]["content"])
    return found[-1] if found else ""
