"""The entries of a JSON list, one at a time: a broken one, or a cut-off end, costs no other."""

import json
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

_DECODER = json.JSONDecoder(parse_int=lambda digits: _to_number(digits))
_SPACE = re.compile(r"[\s\x00]*")
_KEY = re.compile(r'\s*("(?:[^"\\]|\\.)*")\s*:\s*', re.DOTALL)
_MARK = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|[\[\]{}]', re.DOTALL)
_BEHIND = re.compile(r"[,\]]")
MOST_BROKEN = 100  # in one list: to say where each of very many is broken takes for ever
_DIGITS = 400  # of a number; longer ones are beyond all that a field may hold


@dataclass(frozen=True, slots=True)
class BrokenEntry:
    """An entry that is not JSON, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class CutOff:
    """The end is missing: what came before it is whole."""

    reason: str


Entry = tuple[int, Any]
"""Its number, from 1, and the entry: JSON, a BrokenEntry, or at the end a CutOff."""


def decode(raw: bytes) -> str:
    """The text of a JSON file: UTF-8, or UTF-16 or UTF-32 as some tools of Windows write it."""
    encoding = "utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else json.detect_encoding(raw[:4])
    return raw.decode(encoding, "replace").removeprefix("\ufeff")


def read_list(text: str) -> Iterator[Entry]:
    """The entries of a text that is a JSON list. Raises ValueError where it is something else."""
    at = _skip_space(text, 0)
    if text[at : at + 1] != "[":
        raise ValueError("it is not a JSON list")
    return _read_entries(text, at + 1)


def read_object(text: str, key: str) -> tuple[dict[str, Any], list[Entry]]:
    """An object's other fields, and the entries of its list `key`.

    Raises ValueError where it has no such list.
    """
    at = _skip_space(text, 0)
    if text[at : at + 1] != "{":
        raise ValueError("it is not a JSON object")
    fields: dict[str, Any] = {}
    entries: list[Entry] | None = None
    while found := _KEY.match(text, at + 1):
        name, at = decode_value(found[1], 0)[0], found.end()
        if name == key and text[at : at + 1] == "[":
            entries, at = _collect(_read_entries(text, at + 1))
        else:
            try:
                fields[name], at = decode_value(text, at)
            except ValueError:
                break
        at = _skip_space(text, at)
        if text[at : at + 1] != ",":
            break
    if entries is None:
        raise ValueError(f"it has no {key}")
    return fields, entries


def _collect(entries: Generator[Entry, None, int]) -> tuple[list[Entry], int]:
    found: list[Entry] = []
    while True:
        try:
            found.append(next(entries))
        except StopIteration as end:
            return found, end.value


def _read_entries(text: str, at: int) -> Generator[Entry, None, int]:
    """From behind the bracket on; returns where the list ends."""
    number = broken = 0
    while (at := _skip_space(text, at)) < len(text) and text[at] != "]":
        number += 1
        try:
            entry, at = decode_value(text, at)
        except ValueError as error:
            end, broken = find_end(text, at), broken + 1
            if end is None or broken > MOST_BROKEN:
                yield number, CutOff(f"it ends in the middle of number {number:,}")
                return len(text)
            entry, at = BrokenEntry(f"it is not JSON ({error})"), end
        yield number, entry
        at = _skip_space(text, at)
        if text[at : at + 1] == ",":
            at += 1
        elif text[at : at + 1] != "]":
            break
    if text[at : at + 1] == "]":
        return at + 1
    yield number, CutOff(f"it ends, or goes wrong, behind number {number:,}")
    return len(text)


def decode_value(text: str, at: int) -> tuple[Any, int]:
    """A value, and where it ends. Raises ValueError."""
    try:
        return _DECODER.raw_decode(text, at)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def find_end(text: str, at: int) -> int | None:
    """Where a broken entry ends, by its brackets; None where that is not to be found."""
    if text[at] not in '[{"':
        end = _BEHIND.search(text, at)
        return end.start() if end else None
    depth = 0
    for mark in _MARK.finditer(text, at):
        if mark[0] in "[{":
            depth += 1
        elif mark[0] in "]}":
            depth -= 1
            if depth <= 0:
                return mark.end() if depth == 0 else None
    return None


def _skip_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _to_number(digits: str) -> int | float:
    """Python refuses to read very long numbers: to fields, they are none."""
    return int(digits) if len(digits) <= _DIGITS else float("inf")
