"""JSON: what is long stands under the keys that lead to it; the rest as it is."""

import json
from collections.abc import Iterator
from typing import Any

from bot.documents.blocks import Block, heading
from bot.documents.kinds import plain
from bot.documents.source import Source
from bot.text.json_fields import parse_json

_SHORT = 800  # characters of what stays together
_AROUND = 4  # characters around an entry
_DEEPEST = 6  # keys that make a heading
_LARGEST = 10 * 2**20  # bytes of what is taken apart: in memory it has ten times as many


def read(source: Source) -> Iterator[Block]:
    """A line for each entry where it is JSON lines; plain text where it is no JSON at all."""
    try:
        if len(source.data) > _LARGEST:
            raise ValueError("it is too large to be taken apart")
        value = parse_json(source.data)
    except ValueError:
        yield from plain.read(source)
        return
    yield from _walk(value, "", 1)


def _walk(value: Any, name: str, level: int) -> Iterator[Block]:
    inner = _entries(value)
    if not inner or level > _DEEPEST or _is_short(value):
        text = json.dumps(value, ensure_ascii=False, indent=2)
        yield Block(f"{name}: {text}" if name else text, is_line=True)
        return
    if name:
        yield heading(name, level)
    for key, one in inner:
        yield from _walk(one, key, level + 1)


def _is_short(value: Any) -> bool:
    """Without writing all of it."""
    left, waiting = _SHORT, [value]
    while waiting and left > 0:
        one = waiting.pop()
        inner = _entries(one) if isinstance(one, dict | list) else []
        left -= sum(len(key) + _AROUND for key, _ in inner) if inner else len(str(one)[:_SHORT])
        waiting.extend(value for _, value in inner[:_SHORT])
    return left > 0


def _entries(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list):
        return [(str(number), one) for number, one in enumerate(value, 1)]
    return []
