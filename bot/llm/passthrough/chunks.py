"""Chunks and whole answers of Chat Completions as they pass: read, and mended where clients trip.

Bytes stay as the server wrote them, but where a chunk lacks what clients rely on (`choices`, an id,
a model), or where it holds characters at which some clients end a line.
"""

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from typing import Any

from bot.domain.model import Usage
from bot.llm.answers.usage import read_usage
from bot.llm.openai.events import raise_error, read_json, read_piece
from bot.llm.passthrough.events import Event

_LINE_ENDS = {"\u2028": b"\\u2028", "\u2029": b"\\u2029", "\x85": b"\\u0085"}
_ESCAPES = tuple((end.encode(), escape) for end, escape in _LINE_ENDS.items())
CHUNK, WHOLE = "chat.completion.chunk", "chat.completion"


def wants_usage(body: Mapping[str, Any]) -> bool:
    """Whether a stream is to end with what it cost: who did not ask may trip over that."""
    options = body.get("stream_options")
    return isinstance(options, dict) and bool(options.get("include_usage"))


class ChunkReader:
    """Reads one answer on its way, and knows what it cost and whether it has ended."""

    def __init__(self, model: str, *, wants_usage: bool) -> None:
        """`model` is <provider>/<name>; `wants_usage`: whoever asked wants the chunk with usage."""
        self.usage: Usage | None = None
        self.has_ended = False
        """A reason to finish has come."""
        self.texts: list[str] = []
        """What was written, to be counted where no usage comes."""
        self._model = model
        self._wants_usage = wants_usage
        self._id = ""
        self._created = 0

    def read(self, event: Event) -> bytes | None:
        """What to hand on; None where there is nothing. Raises ServerError, and ValueError."""
        text = event.data.decode("utf-8", "replace")
        body = _object_in(text)
        if not body:
            return None
        choices = body.get("choices")
        if event.name == b"error" and not choices:
            raise_error(body)
        if not (type(choices) is list and choices and self._read_choices(choices, body)):
            read_piece(body)  # which finds errors, wherever they stand
        if usage := body.get("usage") or _hidden_usage(body):
            self.usage = read_usage(self._model, usage) or self.usage
            if not (choices or self._wants_usage):
                return None
        return write(body) if self._mend(body) else as_line(event.data, text)

    def read_whole(self, answer: bytes) -> bytes:
        """The same for an answer that is not streamed. Raises ServerError, and ValueError."""
        body = _as_answer(answer)
        self._note(body)
        return write(body) if self._mend(body, WHOLE) else answer

    def split_whole(self, answer: bytes) -> Iterator[bytes]:
        """The chunks of an answer that came whole, though a stream was asked for."""
        body = _as_answer(answer)
        self._note(body)
        head = {name: value for name, value in body.items() if name not in ("choices", "usage")}
        head["object"] = CHUNK
        self._mend(head | {"choices": []})
        for number, choice in enumerate(body["choices"]):
            message = choice.get("message") or {}
            said = {**choice, "index": choice.get("index", number), "delta": _delta(message)}
            said.pop("message", None)
            said.setdefault("finish_reason", "stop")
            yield write(self._filled(head | {"choices": [said]}))
        if self._wants_usage and body.get("usage"):
            yield write(self._filled(head | {"choices": [], "usage": body["usage"]}))
        self.has_ended = True

    def _read_choices(self, choices: list[Any], body: Mapping[str, Any]) -> bool:
        """Note what they say. False where something of them is no usual choice."""
        if body.get("error"):
            return False
        for choice in choices:
            if type(choice) is not dict or "error" in choice:
                return False
            delta, finish = choice.get("delta"), choice.get("finish_reason")
            if finish:
                if finish == "error":
                    return False
                self.has_ended = True
            if type(delta) is dict:
                self._note_text(delta)
        return True

    def _note(self, body: Mapping[str, Any]) -> None:
        usage = body.get("usage") or _hidden_usage(body)
        self.usage = read_usage(self._model, usage) if usage else None
        self.has_ended = True
        for choice in body["choices"]:
            if isinstance(message := choice.get("message"), dict):
                self._note_text(message)

    def _note_text(self, said: Mapping[str, Any]) -> None:
        content = said.get("content")
        if type(content) is str:
            self.texts.append(content)
        elif content:
            self.texts.append(json.dumps(content))
        for name in ("tool_calls", "reasoning_content", "reasoning", "refusal"):
            if found := said.get(name):
                self.texts.append(found if type(found) is str else json.dumps(found))

    def _mend(self, body: dict[str, Any], kind: str = CHUNK) -> bool:
        """Fill in what clients rely on. Whether anything was missing."""
        if not self._id:
            given = body.get("id")
            self._id = (
                given if given and type(given) is str else f"chatcmpl-{secrets.token_hex(12)}"
            )
            self._created = body.get("created") or int(time.time())
        if (
            body.get("id")
            and body.get("model")
            and body.get("object")
            and type(body.get("choices")) is list
            and "created" in body
        ):
            return False
        self._filled(body, kind)
        return True

    def _filled(self, body: dict[str, Any], kind: str = CHUNK) -> dict[str, Any]:
        body["id"] = body.get("id") or self._id
        body["object"] = body.get("object") or kind
        body.setdefault("created", self._created)
        body["model"] = body.get("model") or self._model.partition("/")[2] or self._model
        if not isinstance(body.get("choices"), list):
            body["choices"] = []
        return body


def write(body: Mapping[str, Any]) -> bytes:
    """JSON on one line, of ASCII alone."""
    return json.dumps(body, separators=(",", ":")).encode()


def as_line(data: bytes, text: str) -> bytes:
    """JSON as it came, if it is one line of letters; else the same in another writing."""
    if "\n" in text or "\r" in text or "\ufffd" in text:
        return write(json.loads(text))
    return escape_line_ends(data)


def escape_line_ends(data: bytes) -> bytes:
    """The same JSON without characters at which some clients end a line: they stand in texts."""
    if b"\xe2\x80" in data or b"\xc2\x85" in data:
        for end, escape in _ESCAPES:
            data = data.replace(end, escape)
    return data


def _as_answer(answer: bytes) -> dict[str, Any]:
    body = read_json(answer)
    read_piece(body)  # which finds errors, wherever they stand
    if not isinstance(body, dict) or not isinstance(body.get("choices"), list):
        raise ValueError("no answer")
    if not all(isinstance(choice, dict) for choice in body["choices"]):
        raise ValueError("no choices")
    return body


def _object_in(text: str) -> dict[str, Any] | None:
    body = json.loads(text)
    if isinstance(body, list) and body:  # Gemini's errors stand in a list
        body = body[0]
    return body if isinstance(body, dict) else None


def _hidden_usage(body: Mapping[str, Any]) -> Any:
    """Where some servers put it."""
    for place in (body.get("x_groq"), *(body.get("choices") or ())[:1]):
        if isinstance(place, dict) and (usage := place.get("usage")):
            return usage
    return None


def _delta(message: Mapping[str, Any]) -> dict[str, Any]:
    """A whole message as one piece: what it calls has numbers there."""
    delta = dict(message)
    if isinstance(calls := delta.get("tool_calls"), list):
        delta["tool_calls"] = [
            {"index": number, **call} for number, call in enumerate(calls) if isinstance(call, dict)
        ]
    return delta
