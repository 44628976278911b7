"""Events and whole answers of Responses as they pass: read for what they cost, never changed."""

import json
from collections.abc import Mapping
from typing import Any

from bot.domain.model import Usage
from bot.llm.answers.usage import read_usage
from bot.llm.openai.events import raise_error, read_json
from bot.llm.passthrough.chunks import as_line
from bot.llm.passthrough.events import Event

_LAST = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")


class ResponseReader:
    """Reads one answer on its way."""

    def __init__(self, model: str) -> None:
        self.usage: Usage | None = None
        self.has_ended = False
        self.texts: list[str] = []
        """What was written, to be counted where no usage comes."""
        self._model = model
        self._has_begun = False

    def read(self, event: Event) -> bytes | None:
        """What to hand on. Raises ServerError for an error in place of an answer."""
        text = event.data.decode("utf-8", "replace")
        body = json.loads(text)
        if not isinstance(body, dict):
            return None
        kind = body.get("type")
        if (body.get("error") and not kind) or (kind == "error" and not self._has_begun):
            raise_error(body)
        self._has_begun = True
        if kind in _LAST:
            self.has_ended = True
            self._note_usage(body.get("response"))
        elif isinstance(delta := body.get("delta"), str):
            self.texts.append(delta)
        return as_line(event.data, text)

    def read_whole(self, answer: bytes) -> bytes:
        """The same for an answer that is not streamed. Raises ServerError, and ValueError."""
        body = read_json(answer)
        if not isinstance(body, dict):
            raise ValueError("no answer")
        if body.get("error") and not isinstance(body.get("output"), list):
            raise_error(body)
        self._note_usage(body)
        self.texts.append(json.dumps(body.get("output")))
        return answer

    def split_whole(self, answer: bytes) -> list[bytes]:
        """None: nobody sends one whole where its events were asked for. Raises ValueError."""
        self.read_whole(answer)
        raise ValueError("no events")

    def _note_usage(self, response: Any) -> None:
        if isinstance(response, Mapping):
            self.usage = read_usage(self._model, response.get("usage")) or self.usage
