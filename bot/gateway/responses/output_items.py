"""Items of an answer while they are written, and the events that tell of them; pure."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import uuid4

from bot.gateway.responses.resource import to_logprobs

Event = dict[str, Any]


def new_id(prefix: str) -> str:
    """An id as OpenAI's look."""
    return f"{prefix}_{uuid4().hex}"


class OutputItem(ABC):
    """One item: `opened`, then what comes in pieces, then `closed`."""

    prefix: ClassVar[str]

    def __init__(self, index: int) -> None:
        self.id = new_id(self.prefix)
        self.index = index
        self.status = "in_progress"

    @abstractmethod
    def body(self) -> dict[str, Any]:
        """The item as it stands now."""

    def opened(self) -> Iterator[Event]:
        """It begins."""
        yield {
            "type": "response.output_item.added",
            "output_index": self.index,
            "item": self.body(),
        }

    def closed(self, status: str) -> Iterator[Event]:
        """It ends."""
        yield from self._ended()
        self.status = status
        yield {
            "type": "response.output_item.done",
            "output_index": self.index,
            "item": self.body(),
        }

    def _ended(self) -> Iterator[Event]:
        yield from ()

    def _event(self, kind: str, **more: Any) -> Event:
        return {
            "type": f"response.{kind}",
            "item_id": self.id,
            "output_index": self.index,
            **more,
        }


class MessageItem(OutputItem):
    """What the model says, in parts: text, and what it says where it refuses."""

    prefix = "msg"

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self._parts: list[dict[str, Any]] = []

    def body(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": "message",
            "status": self.status,
            "role": "assistant",
            "content": [dict(part) for part in self._parts],
        }

    def text(self, delta: str, logprobs: Any = None) -> Iterator[Event]:
        """More text."""
        yield from self._part("output_text", {"text": "", "annotations": [], "logprobs": []})
        said = to_logprobs(logprobs)
        self._parts[-1]["text"] += delta
        self._parts[-1]["logprobs"] += said
        yield self._in_part("output_text.delta", delta=delta, logprobs=said)

    def annotated(self, annotation: dict[str, Any]) -> Iterator[Event]:
        """A span of the text has a source."""
        yield from self._part("output_text", {"text": "", "annotations": [], "logprobs": []})
        known = self._parts[-1]["annotations"]
        known.append(annotation)
        yield self._in_part(
            "output_text.annotation.added",
            annotation_index=len(known) - 1,
            annotation=annotation,
        )

    def refusal(self, delta: str) -> Iterator[Event]:
        """More of a refusal."""
        yield from self._part("refusal", {"refusal": ""})
        self._parts[-1]["refusal"] += delta
        yield self._in_part("refusal.delta", delta=delta)

    def _part(self, kind: str, empty: dict[str, Any]) -> Iterator[Event]:
        if self._parts and self._parts[-1]["type"] == kind:
            return
        yield from self._part_ended()
        self._parts.append({"type": kind, **empty})
        yield self._in_part("content_part.added", part={"type": kind, **empty})

    def _part_ended(self) -> Iterator[Event]:
        if not self._parts:
            return
        part = self._parts[-1]
        if part["type"] == "refusal":
            yield self._in_part("refusal.done", refusal=part["refusal"])
        else:
            yield self._in_part("output_text.done", text=part["text"], logprobs=part["logprobs"])
        yield self._in_part("content_part.done", part=dict(part))

    def _ended(self) -> Iterator[Event]:
        return self._part_ended()

    def _in_part(self, kind: str, **more: Any) -> Event:
        return self._event(kind, content_index=max(len(self._parts) - 1, 0), **more)


class CallItem(OutputItem):
    """A function that the model calls."""

    prefix = "fc"

    def __init__(self, index: int, call_id: str) -> None:
        super().__init__(index)
        self._call_id = call_id or new_id("call")
        self._arguments = ""
        self.name = ""

    def is_same(self, call_id: str) -> bool:
        """Whether that is its id: some servers give every call the same index."""
        return call_id == self._call_id

    def body(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": "function_call",
            "status": self.status,
            "call_id": self._call_id,
            "name": self.name,
            "arguments": self._arguments,
        }

    def more(self, delta: str) -> Iterator[Event]:
        """More of its arguments."""
        self._arguments += delta
        yield self._event("function_call_arguments.delta", delta=delta)

    def _ended(self) -> Iterator[Event]:
        yield self._event("function_call_arguments.done", arguments=self._arguments, name=self.name)


class ThoughtItem(OutputItem):
    """What the model thinks, where its server tells it: a summary of one part."""

    prefix = "rs"

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self._text = ""

    def body(self) -> dict[str, Any]:
        return {"id": self.id, "type": "reasoning", "summary": self._summary()}

    def more(self, delta: str) -> Iterator[Event]:
        """More of it."""
        if not self._text:
            part = {"type": "summary_text", "text": ""}
            yield self._event("reasoning_summary_part.added", summary_index=0, part=part)
        self._text += delta
        yield self._event("reasoning_summary_text.delta", summary_index=0, delta=delta)

    def _summary(self) -> list[dict[str, Any]]:
        return [{"type": "summary_text", "text": self._text}] if self._text else []

    def _ended(self) -> Iterator[Event]:
        yield self._event("reasoning_summary_text.done", summary_index=0, text=self._text)
        part = self._summary()[0]
        yield self._event("reasoning_summary_part.done", summary_index=0, part=part)
