"""The calls of tools that an answer was made with, as a talk shows them; pure.

What is JSON is read before it is made safe: an escape (`\\u00fc`, `\\n`) hides a name from whoever
looks at the text, and a trainer reads what it stands for.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count, groupby
from typing import Any

from bot.datasets.example import CalledTool, Said

Safe = Callable[[str], str]

_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array"}
_ESCAPED = re.compile(r"\\+u([0-9a-fA-F]{4})")
_ESCAPED_SPACE = re.compile(r"\\+[nrtbf]")
_IN_NO_NAME = re.compile(r"[^\w-]+")  # of a tool


def read_calls(rows: Sequence[Mapping[str, Any]], safe: Safe) -> list[Said] | None:
    """Each round as what the model said and called, and what came of that.

    None where a call cannot be shown: half a talk teaches to make things up.
    """
    said: list[Said] = []
    ids = map("call_{}".format, count(1))  # a platform's or a server's own may hold anything
    for _, of_round in groupby(rows, key=lambda row: row["round"]):
        together = list(of_round)
        calls = [_read(row["call"], next(ids), safe) for row in together]
        made = tuple(one for one in calls if one)
        if len(made) < len(calls):
            return None
        said.append(Said("assistant", _clean_text(together[0]["said"] or "", safe), calls=made))
        said += [
            Said("tool", _clean_text(row["result"], safe), call_id=call.id, name=call.name)
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


def _read(call: str, id_: str, safe: Safe) -> CalledTool | None:
    try:
        written = json.loads(call)
        name = _IN_NO_NAME.sub("_", _clean_text(written["name"], safe))
        cleaned = _clean(json.loads(written["arguments"] or "{}"), safe)
        # As a whole too: some values are secrets by what they are called. Then it is JSON no more.
        arguments = json.loads(safe(_dump(cleaned)))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return CalledTool(id_, name, arguments) if isinstance(arguments, dict) else None


def _clean(value: Any, safe: Safe) -> Any:
    """What was read of JSON, with each of its texts made safe; a number may be somebody's id."""
    if isinstance(value, dict):
        return {_clean_text(key, safe): _clean(one, safe) for key, one in value.items()}
    if isinstance(value, list):
        return [_clean(one, safe) for one in value]
    if isinstance(value, str):
        return _clean_text(value, safe)
    if value is None or isinstance(value, bool):
        return value
    told = safe(str(value))
    return value if told == str(value) else told


def _clean_text(text: str, safe: Safe) -> str:
    """A text made safe, which may be JSON itself, or a part of it."""
    text = _without_halves(text)
    if "\\" not in text:
        return safe(text)
    try:
        return safe(_dump(_clean(json.loads(text), safe)))
    except (ValueError, RecursionError):
        return safe(_without_escapes(text))


def _without_escapes(text: str) -> str:
    """JSON that was cut or is quoted in something else, with the signs that escapes stand for."""
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return _without_halves(_ESCAPED_SPACE.sub("\n", text) if '"' in text else text)


def _without_halves(text: str) -> str:
    """Two halves of a sign become it; one alone, which no file can hold, a question mark."""
    return (
        text
        if text.isascii()
        else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
