"""JSON of any size, an entry at a time: no more of it is held than the entry that is read."""

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from bot.archives.json_entries import MOST_BROKEN, BrokenEntry, CutOff, decode_value, find_end

PIECE = 2**18  # characters read at a time
LONGEST_ENTRY = 16 * 2**20  # characters
DEEPEST = 12  # containers that are gone into; what is in an entry may be deeper

Path = tuple[str, ...]
"""Where something stands: the keys on the way to it, and "*" for an entry of a list."""
Found = tuple[Path, Any]
"""A value, a BrokenEntry in the place of one, a CutOff where the rest is missing, or Begun."""

_SPACE = re.compile(r"[\s\x00]*")


class Begun:
    """An object begins that is gone into."""


class Ended(Exception):
    """The text ends here, or goes on in a way that is not JSON."""


def walk(stream: BinaryIO, enters: Callable[[Path], bool]) -> Iterator[Found]:
    """All values with their places, in the order of the text.

    The containers for which `enters` says so are gone into; everything else is one value.
    """
    text = _Text(stream)
    try:
        yield from _value(text, (), enters)
    except Ended as end:
        yield (), CutOff(str(end))


class _Text:
    """A text that is read as it is needed, and forgotten behind."""

    def __init__(self, stream: BinaryIO) -> None:
        head = stream.read(4)
        stream.seek(0)
        utf8 = head.startswith(codecs.BOM_UTF8)
        name = "utf-8-sig" if utf8 else json.detect_encoding(head)
        self._decoder = codecs.getincrementaldecoder(name)("replace")
        self._stream = stream
        self._text = ""
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(PIECE):
                return ""

    def take(self, mark: str) -> bool:
        """Go behind the next character if it is this one."""
        found = self.peek() == mark
        self._at += found
        return found

    def value(self) -> Any:
        """A whole value, or a BrokenEntry. Raises Ended where its end is missing."""
        self.peek()
        while True:
            try:
                value, end = decode_value(self._text, self._at)
                if self._ended or self._is_whole(value, end):
                    self._at = end
                    return value
            except ValueError as error:
                end_of_broken = find_end(self._text, self._at) if self._text[self._at :] else None
                if end_of_broken is not None:
                    self._at = end_of_broken
                    return BrokenEntry(f"it is not JSON ({error})")
            held = len(self._text) - self._at
            if held > LONGEST_ENTRY:
                raise Ended(f"an entry of it is longer than {LONGEST_ENTRY // 2**20} MB")
            if not self._more(max(PIECE, held)):
                raise Ended("it ends in the middle of an entry")

    def _is_whole(self, value: Any, end: int) -> bool:
        """Whether a value ends here; a number may go on where the text that is here ends."""
        behind = self._text[end : end + 1]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return bool(behind) and (not is_number or behind in ",]} \t\r\n")

    def _more(self, count: int) -> bool:
        """Read on; False at the end."""
        if self._ended:
            return False
        raw = self._stream.read(count)
        self._ended = not raw
        self._text = self._text[self._at :] + self._decoder.decode(raw, final=not raw)
        self._at = 0
        return True


def _value(text: _Text, path: Path, enters: Callable[[Path], bool]) -> Iterator[Found]:
    first = text.peek()
    if not first:
        raise Ended("it ends where something should follow")
    if first not in "{[" or len(path) > DEEPEST or not enters(path):
        yield path, text.value()
    elif first == "{":
        yield from _object(text, path, enters)
    else:
        yield from _list(text, path, enters)


def _object(text: _Text, path: Path, enters: Callable[[Path], bool]) -> Iterator[Found]:
    text.take("{")
    yield path, Begun()
    if text.take("}"):
        return
    while True:
        key = text.value() if text.peek() == '"' else None
        if not isinstance(key, str) or not text.take(":"):
            raise Ended("it goes wrong between two keys")
        yield from _value(text, (*path, key), enters)
        if text.take("}"):
            return
        if not text.take(","):
            raise Ended(f'it ends, or goes wrong, behind "{key[:40]}"')


def _list(text: _Text, path: Path, enters: Callable[[Path], bool]) -> Iterator[Found]:
    text.take("[")
    number = broken = 0
    while not text.take("]"):
        number += 1
        try:
            for found in _value(text, (*path, "*"), enters):
                broken += isinstance(found[1], BrokenEntry)
                yield found
        except Ended as end:
            raise Ended(f"{end}, number {number:,} of a list") from None
        if broken > MOST_BROKEN or not (text.take(",") or text.peek() == "]"):
            raise Ended(f"it ends, or goes wrong, behind number {number:,} of a list")
