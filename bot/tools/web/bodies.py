"""The body of a page: what kind it may be of, and no more of it than is allowed."""

import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.domain.tool_errors import ToolFailed

KINDS = {
    *("text/html", "application/xhtml+xml", "text/plain", "text/markdown", "text/csv"),
    *("application/json", "application/ld+json", "application/xml", "text/xml"),
    *("application/rss+xml", "application/atom+xml", "text/x-markdown"),
}
MOST_RECEIVED = 2**20  # bytes, as they are sent
MOST_KEPT = 2**21  # bytes, once they are unpacked
PIECE = 2**14
LONGEST_PIECE = 2**18
_PACKED = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""Each with what zlib calls it."""


class Stream(Protocol):
    """What a body is read from."""

    async def read(self, n: int = -1, /) -> bytes:
        """The next bytes, n at most; none at its end."""
        ...


@dataclass(frozen=True, slots=True)
class Body:
    """What was read."""

    data: bytes
    received: int
    """Bytes, as they were sent."""
    is_cut: bool
    """There was more of it than is read."""


def check_kind(headers: Mapping[str, str]) -> tuple[str, str]:
    """The kind of a body and its charset, "" where it is not said. Raises ToolFailed."""
    kind, *parameters = headers.get("Content-Type", "").lower().split(";")
    kind = kind.strip()
    if kind not in KINDS:
        called = f"of the kind {kind[:60]}" if kind else "of no kind that it names"
        raise ToolFailed(reason=f"What is there is {called}; I read pages of text.")
    charset = next((one for one in parameters if one.strip().startswith("charset=")), "")
    return kind, charset.partition("=")[2].strip(" \"'")


async def read_body(stream: Stream, headers: Mapping[str, str]) -> Body:
    """A body, unpacked, up to the most that is kept. Raises ToolFailed."""
    unpacking, data, received = _Unpacking(headers), bytearray(), 0
    while received < MOST_RECEIVED and len(data) < MOST_KEPT:
        piece = await stream.read(min(PIECE, MOST_RECEIVED - received))
        if not piece:
            return Body(bytes(data), received, is_cut=False)
        received += len(piece)
        data += unpacking.add(piece, MOST_KEPT - len(data))
    return Body(bytes(data), received, is_cut=True)


async def unpacked(stream: Stream, headers: Mapping[str, str]) -> AsyncIterator[bytes]:
    """A body of any length, unpacked, in pieces that are never long. Raises ToolFailed."""
    unpacking = _Unpacking(headers)
    while piece := await stream.read(PIECE):
        yield unpacking.add(piece, LONGEST_PIECE)
        while unpacking.left:
            yield unpacking.add(unpacking.left, LONGEST_PIECE)


class _Unpacking:
    """Unpacks as much as is asked for, and not a byte more."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        packed = headers.get("Content-Encoding", "").strip().lower()
        if packed not in ("", "identity", *_PACKED):
            raise ToolFailed(
                reason=f"The page is packed in a way that I do not read ({packed[:20]})."
            )
        self._packed = packed
        self._inflate = zlib.decompressobj(_PACKED[packed]) if packed in _PACKED else None
        self._has_begun = False

    @property
    def left(self) -> bytes:
        """What was added and is not unpacked yet."""
        return self._inflate.unconsumed_tail if self._inflate else b""

    def add(self, piece: bytes, most: int) -> bytes:
        """What comes out of it, up to so many bytes."""
        if self._inflate is None:
            return piece[:most]
        try:
            data = self._inflate.decompress(piece, most)
        except zlib.error:
            if self._packed != "deflate" or self._has_begun:
                raise ToolFailed(reason="The page is packed wrongly.") from None
            self._packed = ""
            self._inflate = zlib.decompressobj(-15)  # as some servers understand it
            return self.add(piece, most)
        self._has_begun = self._has_begun or bool(data)
        return data
