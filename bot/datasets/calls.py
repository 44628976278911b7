"""The calls of tools that an answer was made with, as a talk shows them; pure."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from bot.datasets.example import CalledTool, Said

_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array"}


def read_calls(rows: Sequence[Mapping[str, Any]], safe: Callable[[str], str]) -> list[Said]:
    """Each round as what the model said and called, and what came of that.

    Empty where a call cannot be read: half a talk teaches nothing.
    """
    said: list[Said] = []
    for _, of_round in groupby(rows, key=lambda row: row["round"]):
        together = list(of_round)
        calls = [_read(row["call"], safe) for row in together]
        if not all(calls):
            return []
        made = tuple(one for one in calls if one)
        said.append(Said("assistant", safe(together[0]["said"] or ""), calls=made))
        said += [
            Said("tool", safe(row["result"]), call_id=call.id, name=call.name)
            for row, call in zip(together, made, strict=True)
        ]
    return said


def called_tools(said: Iterable[Said]) -> tuple[dict[str, Any], ...]:
    """The tools that were called, with the arguments that their calls show: all that is kept."""
    found: dict[str, dict[str, Any]] = {}
    for call in (call for one in said for call in one.calls):
        properties = found.setdefault(call.name, {})
        for name, value in call.arguments.items():
            properties.setdefault(name, {"type": _TYPES.get(type(value), "object")})
    return tuple(
        {
            "type": "function",
            "function": {
                "name": name,
                "description": name.replace("_", " "),
                "parameters": {"type": "object", "properties": properties},
            },
        }
        for name, properties in found.items()
    )


def _read(call: str, safe: Callable[[str], str]) -> CalledTool | None:
    try:
        written = json.loads(call)
        arguments = json.loads(safe(written["arguments"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(arguments, dict):
        return None
    return CalledTool(str(written["id"]), str(written["name"]), arguments)
