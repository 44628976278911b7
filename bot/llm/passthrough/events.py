"""Server-sent events out of the bytes of a stream, however they are cut; pure.

As the standard has it. Made for many streams at once: an event that is one line, as nearly all are,
is cut out and nothing else.
"""

from collections.abc import Iterator
from typing import NamedTuple

LARGEST = 64 * 2**20  # bytes of one event
_BOM = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """An event's data; its name is "error" or nothing, where it matters at all."""

    data: bytes
    name: bytes = b""


class EventSplitter:
    """Feed it with bytes; it gives the events that they complete."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        """What completes no event yet: a large one is not joined again and again."""
        self._size = 0
        self._is_first = True

    def feed(self, some: bytes) -> Iterator[Event]:
        """The events that end here. Raises ValueError where one grows without end."""
        self._held.append(some)
        self._size += len(some)
        if self._size > LARGEST:
            raise ValueError("an event is larger than 64 MiB")
        if b"\n" not in some and b"\r" not in some:
            return
        text = b"".join(self._held)
        ends_within = text.endswith(b"\r")  # which may be half of the end of a line
        if b"\r" in text:
            text = _with_plain_ends(text[:-1] if ends_within else text)
        if self._is_first:
            text = text.removeprefix(_BOM)
        *blocks, rest = text.split(b"\n\n")
        self._hold(rest + b"\r" if ends_within else rest)
        self._is_first = self._is_first and not blocks
        for block in blocks:
            if event := _read(block):
                yield event

    def finish(self) -> Iterator[Event]:
        """What was left without an end."""
        text = _with_plain_ends(b"".join(self._held)).removeprefix(_BOM)
        self._hold(b"")
        for block in text.split(b"\n\n"):
            if event := _read(block):
                yield event

    def _hold(self, rest: bytes) -> None:
        self._held = [rest] if rest else []
        self._size = len(rest)


def _with_plain_ends(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _read(block: bytes) -> Event | None:
    """The event in a block of lines; None for comments and what says nothing."""
    if block.startswith(b"data: ") and b"\n" not in block:
        return Event(block[6:])
    name, data = b"", list[bytes]()
    for line in block.split(b"\n"):
        if line.startswith((b'{"', b'[{"')):  # how some servers break off
            data.append(line)
            continue
        field, _, value = line.partition(b":")
        if field == b"data":
            data.append(value.removeprefix(b" "))
        elif field == b"event":
            name = value.strip()
    return Event(b"\n".join(data), name) if any(one.strip() for one in data) else None
