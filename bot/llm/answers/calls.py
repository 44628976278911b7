"""Calls of tools, put together from the pieces in which servers really stream them; pure.

One index for several calls, ids or indexes that are missing or change with every piece, names that
are repeated or cut, arguments that come whole again: what belongs together is seen from all of it.
"""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.tools import ToolCall

_ODD = re.compile(r"[^a-zA-Z0-9_-]+")
_LEAKED = re.compile(r"<\|.*", re.DOTALL)  # of a chat template, behind the name
_LONGEST_NAME = 64
_EMPTY = ("", "{}", "null")


@dataclass(frozen=True, slots=True)
class CallDelta:
    """What one event says of a call."""

    index: int | None = None
    id: str = ""
    name: str = ""
    arguments: str = ""
    extra: str = ""


@dataclass(slots=True)
class _Open:
    """A call as far as it has come."""

    index: int | None
    id: str
    name: str = ""
    arguments: str = ""
    extra: str = ""

    @property
    def is_complete(self) -> bool:
        return _is_object(self.arguments)


class Calls:
    """The calls of one answer: `feed` what comes, and `finish`."""

    def __init__(self, known: Collection[str] = ()) -> None:
        """`known` are the names of the tools that were offered."""
        self._known = known
        self._open: list[_Open] = []

    def __bool__(self) -> bool:
        return any(one.name for one in self._open)

    def feed(self, deltas: Sequence[CallDelta]) -> None:
        """More of them, in the order in which they came."""
        for delta in deltas:
            call = self._find(delta)
            if call is None:
                if not (delta.name or delta.id):
                    continue  # arguments of nothing
                call = _Open(delta.index, delta.id)
                self._open.append(call)
            self._add(call, delta)

    def finish(self) -> tuple[ToolCall, ...]:
        """All of them, each with an id of its own; what has no name is none."""
        found: list[ToolCall] = []
        taken: set[str] = set()
        said: set[tuple[str, str]] = set()
        for one in self._open:
            name, arguments = self._clean_name(one.name), one.arguments.strip()
            arguments = "{}" if arguments in _EMPTY else arguments
            if not one.name or (not one.id and (name, arguments) in said):  # told twice
                continue
            own = one.id if one.id not in ("", *taken) else f"call{len(found) + 1:05}"
            taken.add(own)
            said.add((name, arguments))
            found.append(ToolCall(own, name, arguments, one.extra))
        return tuple(found)

    def _find(self, delta: CallDelta) -> _Open | None:
        """The call that a piece belongs to; None where it begins one."""
        if delta.id:
            for one in self._open:
                is_apart = delta.name and None not in (one.index, delta.index)
                if one.id == delta.id and not (is_apart and one.index != delta.index):
                    return one
        if delta.index is None:
            last = self._open[-1] if self._open else None
        else:
            last = next((one for one in self._open[::-1] if one.index == delta.index), None)
            if last is None and self._open and not delta.name and not delta.id:
                last = self._open[-1]  # it counts its pieces, not its calls
        return None if last is None or self._begins(last, delta) else last

    def _begins(self, last: _Open, delta: CallDelta) -> bool:
        """Whether a piece in the place of a call is another call."""
        if not (delta.name and last.name):
            return False  # some give every piece an id of its own
        is_other = bool(delta.id and last.id)
        if last.arguments.strip() in ("", "{}"):
            if delta.name == last.name:
                is_own = delta.index is None or last.arguments or _is_object(delta.arguments)
                return is_other and bool(is_own)
            return is_other or not self._goes_on(last.name, delta.name)
        if delta.name != last.name:
            return True
        return last.is_complete and (is_other or bool(delta.arguments))

    def _goes_on(self, begun: str, more: str) -> bool:
        """Whether that is the rest of a name."""
        return begun not in self._known and any(
            name.startswith(begun + more) for name in self._known
        )

    def _add(self, call: _Open, delta: CallDelta) -> None:
        call.id = call.id or delta.id
        call.extra = delta.extra or call.extra
        if delta.name and delta.name != call.name:
            is_more = bool(call.name) and not delta.name.startswith(call.name)
            call.name = call.name + delta.name if is_more else delta.name
        call.arguments = _joined(call.arguments, delta.arguments)

    def _clean_name(self, name: str) -> str:
        """The name of a tool: some models write more around it than stands there."""
        name = _LEAKED.sub("", name).strip()
        if name not in self._known:
            last = re.split(r"[.:/]", name)[-1]
            name = last if last in self._known else name
        return _ODD.sub("_", name)[:_LONGEST_NAME] or "_"


def _joined(before: str, more: str) -> str:
    """Arguments with the next piece, which may repeat what was there."""
    if not more:
        return before
    begun = before.strip()
    if begun.startswith("{") and more.lstrip().startswith(begun):
        return more  # all of them again
    if begun in _EMPTY and more.lstrip().startswith("{"):
        return more
    if _is_object(before):
        return before  # an object ends where it ends
    return before + more


def _is_object(text: str) -> bool:
    return read_arguments(text) is not None


def read_arguments(text: str) -> dict[str, Any] | None:
    """The arguments of a call; None where they are no JSON object."""
    try:
        found = json.loads(text)
        if isinstance(found, str):  # written as a text of JSON
            found = json.loads(found)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
