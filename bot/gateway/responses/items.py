"""Input items -> chat messages; pure.

Items stand one after another; chat messages hold several: what a model said and the calls it made
beside that are one message of its own, and instructions that open a conversation are one, too.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.gateway.responses.compaction import COMPACTED, unpack
from bot.gateway.responses.content import to_text, to_user_content
from bot.gateway.responses.fields import read, refused, require

ROLES = {"user": "user", "assistant": "assistant", "system": "system", "developer": "system"}
"""Servers beside OpenAI's know no `developer`."""

Message = dict[str, Any]


def to_input_items(given: Any) -> list[dict[str, Any]]:
    """The items that an `input` means: a text is a message of the user."""
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    if not isinstance(given, list):
        raise refused("input is a string or an array of items.", "input")
    for at, item in enumerate(given):
        if not isinstance(item, Mapping):
            raise refused(f"input[{at}] is an object.", f"input[{at}]")
    return [dict(item) for item in given]


def to_messages(items: Sequence[Mapping[str, Any]], instructions: str | None) -> list[Message]:
    """The messages of a chat. Raises ApiError for what no chat can hold."""
    conversation = _Conversation(instructions)
    for at, item in enumerate(items):
        conversation.add(item, f"input[{at}]")
    if not conversation.messages:
        raise refused("input is empty: give a string, or items.", "input")
    return conversation.messages


class _Conversation:
    """Messages as they come together."""

    def __init__(self, instructions: str | None) -> None:
        self.messages: list[Message] = []
        self._calls: set[str] = set()
        if instructions:
            self.messages.append({"role": "system", "content": instructions})

    def add(self, item: Mapping[str, Any], where: str) -> None:
        kind = read(item, "type", str, where) or ("message" if "role" in item else "")
        if kind not in _ITEMS:
            listed = ", ".join(_ITEMS)
            reason = f"{where}: items of type {kind!r} are not supported here, only {listed}."
            raise refused(reason, f"{where}.type")
        _ITEMS[kind](self, item, where)

    def message(self, item: Mapping[str, Any], where: str) -> None:
        role = require(item, "role", str, where)
        if role not in ROLES:
            reason = f"{where}.role is one of {', '.join(ROLES)}, not {role!r}."
            raise refused(reason, f"{where}.role")
        content, path = item.get("content"), f"{where}.content"
        if role == "user":
            self.messages.append({"role": role, "content": to_user_content(content, path)})
        elif role == "assistant":
            self._said(to_text(content, path))
        else:
            self._instructed(to_text(content, path))

    def call(self, item: Mapping[str, Any], where: str) -> None:
        call_id = require(item, "call_id", str, where)
        self._calls.add(call_id)
        function = {
            "name": require(item, "name", str, where),
            "arguments": require(item, "arguments", str, where),
        }
        self._own().setdefault("tool_calls", []).append(
            {"id": call_id, "type": "function", "function": function}
        )

    def called(self, item: Mapping[str, Any], where: str) -> None:
        call_id = require(item, "call_id", str, where)
        if call_id not in self._calls:
            reason = f"No tool call found for function call output with call_id {call_id}."
            raise refused(reason, f"{where}.call_id")
        output = to_text(item.get("output"), f"{where}.output")
        self.messages.append({"role": "tool", "tool_call_id": call_id, "content": output})

    def summary(self, item: Mapping[str, Any], where: str) -> None:
        text = unpack(require(item, "encrypted_content", str, where), where)
        self.messages.append({"role": "user", "content": COMPACTED.format(summary=text)})

    def nothing(self, item: Mapping[str, Any], where: str) -> None:
        """What a model thought is not given back to it: chats have no place for it."""

    def _said(self, text: str) -> None:
        self.messages.append({"role": "assistant", "content": text})

    def _instructed(self, text: str) -> None:
        if len(self.messages) == 1 and self.messages[0]["role"] == "system":
            self.messages[0]["content"] += f"\n\n{text}"
        else:
            self.messages.append({"role": "system", "content": text})

    def _own(self) -> Message:
        """The model's message that is being put together, or a new one."""
        if not self.messages or self.messages[-1]["role"] != "assistant":
            self.messages.append({"role": "assistant", "content": None})
        return self.messages[-1]


_ITEMS: dict[str, Callable[[_Conversation, Mapping[str, Any], str], None]] = {
    "message": _Conversation.message,
    "function_call": _Conversation.call,
    "function_call_output": _Conversation.called,
    "reasoning": _Conversation.nothing,
    "compaction": _Conversation.summary,
}
