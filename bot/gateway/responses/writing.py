"""Chunks of a chat -> the events of a response, in their order; pure."""

import time
from collections.abc import Callable, Iterator
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
from bot.gateway.responses.reading import (
    Object,
    arguments_of,
    index_of,
    object_of,
    objects_in,
    text_of,
    to_error,
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
        self._calls: dict[int, CallItem] = {}
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
            raise to_error(error)
        self._note(chunk)
        for choice in objects_in(chunk.get("choices")):
            if choice.get("index") in (0, None):
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

    def _choice(self, choice: Object) -> Iterator[Event]:
        said = object_of(choice.get("delta") or choice.get("message"))
        if thought := next((text for key in THOUGHTS if (text := text_of(said.get(key)))), ""):
            yield from self._think(thought)
        if text := text_of(said.get("content")):
            yield from self._say(text, object_of(choice.get("logprobs")).get("content"))
        if refusal := text_of(said.get("refusal")):
            yield from self._in_message(lambda message: message.refusal(refusal))
        for annotation in objects_in(said.get("annotations")):
            yield from self._cite(annotation)
        for at, call in enumerate(objects_in(said.get("tool_calls"))):
            yield from self._call(call, at)
        self._finish = text_of(choice.get("finish_reason")) or self._finish

    def _think(self, thought: str) -> Iterator[Event]:
        if self._thought is None:
            yield from self._words_closed()
            self._thought = ThoughtItem(len(self._items))
            yield from self._opened(self._thought)
        yield from self._thought.more(thought)

    def _say(self, text: str, logprobs: Any) -> Iterator[Event]:
        yield from self._in_message(lambda message: message.text(text, logprobs))

    def _cite(self, annotation: Object) -> Iterator[Event]:
        if cited := object_of(annotation.get("url_citation")):
            source = {"type": "url_citation", **cited}
            yield from self._in_message(lambda message: message.annotated(source))

    def _call(self, call: Object, at: int) -> Iterator[Event]:
        key, function = index_of(call.get("index"), at), object_of(call.get("function"))
        known, call_id = self._calls.get(key), text_of(call.get("id"))
        if known is None or (call_id and not known.is_same(call_id)):
            yield from self._words_closed()
            known = self._calls[key] = CallItem(len(self._items), call_id)
            known.name = text_of(function.get("name"))
            yield from self._opened(known)
        known.name = known.name or text_of(function.get("name"))
        if arguments := arguments_of(function.get("arguments")):
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
