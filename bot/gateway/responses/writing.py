"""Chunks of a chat -> the events of a response, in their order; pure."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.domain.api import ApiError, Body
from bot.gateway.responses.output_items import (
    CallItem,
    Event,
    MessageItem,
    OutputItem,
    ThoughtItem,
    new_id,
)
from bot.gateway.responses.resource import begin_resource, to_usage

THOUGHTS = ("reasoning_content", "reasoning", "thinking")
_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}
TOO_MANY = 429
NEVER_FINISHED = "The model's server broke off before the answer was finished."


class Writing:
    """One response: feed it every chunk, then finish it, or tell it what failed."""

    def __init__(self, body: Body, model: str) -> None:
        self._resource = begin_resource(
            body, id=new_id("resp"), model=model, created_at=int(time.time())
        )
        self._count = 0
        self._items: list[OutputItem] = []
        self._open: list[OutputItem] = []
        self._message: MessageItem | None = None
        self._thought: ThoughtItem | None = None
        self._calls: dict[Any, CallItem] = {}
        """They stay open to the end: some servers send several at once."""
        self._finish = ""

    @property
    def resource(self) -> dict[str, Any]:
        """The response as it stands."""
        return {**self._resource, "output": [item.body() for item in self._items]}

    def begun(self) -> Iterator[Event]:
        """The first events."""
        for kind in ("response.created", "response.in_progress"):
            yield self._numbered({"type": kind, "response": self.resource})

    def feed(self, chunk: Body) -> Iterator[Event]:
        """What a chunk adds. Raises ApiError where it holds an error in place of an answer."""
        if error := chunk.get("error"):
            raise _to_error(error)
        self._note(chunk)
        for choice in chunk.get("choices") or ():
            if isinstance(choice, Mapping) and choice.get("index") in (0, None):
                for event in self._choice(choice):
                    yield self._numbered(event)

    def finished(self) -> Iterator[Event]:
        """The last events of a chat that has ended. Raises ApiError where it was cut off."""
        if not self._finish:
            raise ApiError(NEVER_FINISHED, status=502, type="server_error", code="server_error")
        if not self._items:  # what says nothing is an answer too
            yield from map(self._numbered, self._say("", None))
        reason = _INCOMPLETE.get(self._finish)
        status = "incomplete" if reason else "completed"
        yield from map(self._numbered, self._all_closed(status))
        self._resource["incomplete_details"] = {"reason": reason} if reason else None
        yield self._ended(status)

    def failed(self, error: ApiError) -> Iterator[Event]:
        """The last events of one that broke off."""
        told = {"code": error.code or "server_error", "message": str(error), "param": error.param}
        yield from map(self._numbered, self._all_closed("incomplete"))
        # One shape for each generation of clients: fields of the event, and an object in it.
        yield self._numbered({"type": "error", **told, "error": {"type": error.type, **told}})
        code = "rate_limit_exceeded" if error.status == TOO_MANY else "server_error"
        self._resource["error"] = {"code": code, "message": str(error)}
        yield self._ended("failed")

    def _note(self, chunk: Body) -> None:
        """What a chunk says beside the answer."""
        if usage := to_usage(chunk.get("usage")):
            self._resource["usage"] = usage
        if isinstance(tier := chunk.get("service_tier"), str):
            self._resource["service_tier"] = tier

    def _choice(self, choice: Mapping[str, Any]) -> Iterator[Event]:
        said = choice.get("delta") or choice.get("message") or {}
        if thought := next((text for key in THOUGHTS if (text := _text(said.get(key)))), ""):
            yield from self._think(thought)
        if text := _text(said.get("content")):
            yield from self._say(text, (choice.get("logprobs") or {}).get("content"))
        if refusal := _text(said.get("refusal")):
            yield from self._in_message(lambda message: message.refusal(refusal))
        for annotation in said.get("annotations") or ():
            yield from self._cite(annotation)
        for at, call in enumerate(said.get("tool_calls") or ()):
            yield from self._call(call, at)
        self._finish = choice.get("finish_reason") or self._finish

    def _think(self, thought: str) -> Iterator[Event]:
        if self._thought is None:
            yield from self._words_closed()
            self._thought = ThoughtItem(len(self._items))
            yield from self._opened(self._thought)
        yield from self._thought.more(thought)

    def _say(self, text: str, logprobs: Any) -> Iterator[Event]:
        yield from self._in_message(lambda message: message.text(text, logprobs))

    def _cite(self, annotation: Any) -> Iterator[Event]:
        cited = annotation.get("url_citation") if isinstance(annotation, Mapping) else None
        if isinstance(cited, Mapping):
            source = {"type": "url_citation", **cited}
            yield from self._in_message(lambda message: message.annotated(source))

    def _call(self, call: Any, at: int) -> Iterator[Event]:
        if not isinstance(call, Mapping):
            return
        key, function = call.get("index", at), call.get("function") or {}
        known, call_id = self._calls.get(key), _text(call.get("id"))
        if known is None or (call_id and not known.is_same(call_id)):
            yield from self._words_closed()
            known = self._calls[key] = CallItem(len(self._items), call_id)
            known.name = _text(function.get("name"))
            yield from self._opened(known)
        known.name = known.name or _text(function.get("name"))
        if arguments := _arguments(function.get("arguments")):
            yield from known.more(arguments)

    def _in_message(self, says: Callable[[MessageItem], Iterator[Event]]) -> Iterator[Event]:
        """More of the message that is open, or of a new one."""
        message = self._message
        if message is None:
            yield from self._words_closed()
            message = self._message = MessageItem(len(self._items))
            yield from self._opened(message)
        yield from says(message)

    def _opened(self, item: OutputItem) -> Iterator[Event]:
        self._items.append(item)
        self._open.append(item)
        yield from item.opened()

    def _words_closed(self) -> Iterator[Event]:
        """What the model said or thought is whole before something else begins."""
        for item in (self._thought, self._message):
            if item:
                self._open.remove(item)
                yield from item.closed("completed")
        self._thought = self._message = None

    def _all_closed(self, status: str) -> Iterator[Event]:
        last = self._open[-1:]
        for item in self._open:
            yield from item.closed(status if [item] == last else "completed")
        self._open.clear()

    def _ended(self, status: str) -> Event:
        self._resource["status"] = status
        if status == "completed":
            self._resource["completed_at"] = int(time.time())
        return self._numbered({"type": f"response.{status}", "response": self.resource})

    def _numbered(self, event: Event) -> Event:
        numbered = {**event, "sequence_number": self._count}
        self._count += 1
        return numbered


def _text(value: Any) -> str:
    """A text, also where it comes in parts."""
    if isinstance(value, list):
        return "".join(_text(part.get("text")) for part in value if isinstance(part, Mapping))
    return value if isinstance(value, str) else ""


def _arguments(value: Any) -> str:
    return json.dumps(value) if isinstance(value, Mapping) else _text(value)


def _to_error(error: Any) -> ApiError:
    """What a server says in place of the rest of an answer."""
    said = error if isinstance(error, Mapping) else {"message": error}
    message = _text(said.get("message")) or "The model's server failed."
    code = said.get("code")
    return ApiError(
        message,
        status=502,
        type=_text(said.get("type")) or "server_error",
        code=str(code) if code else "server_error",
    )
