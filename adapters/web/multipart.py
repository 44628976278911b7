"""What a form with files sends, part by part as it comes: nothing of it is held."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

PIECE = 2**16  # bytes that are read at once
PATIENCE = 30.0  # seconds until the next piece
WHOLE = 1_800.0  # seconds that all of it may take
MOST_PARTS = 200
MOST_DRAINED = 512 * 2**20  # bytes
NO_FORM = "That is no form of this page."
LATE = "The file took too long to come."

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """A field of a form, or a file; it is read before the next one is asked for."""

    name: str
    filename: str | None
    """None of a field; empty where no file was chosen."""
    media_type: str
    _reader: BodyPartReader
    _until: float

    @property
    def is_file(self) -> bool:
        """Whether a file was chosen here."""
        return bool(self.filename)

    async def text(self, most: int) -> str:
        """A field. Raises HTTPException where it is longer."""
        found = bytearray()
        async for piece in self.pieces():
            found += piece
            if len(found) > most:
                raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=len(found))
        return found.decode(errors="replace")

    async def pieces(self) -> AsyncIterator[bytes]:
        """A file's bytes. Raises HTTPException."""
        while piece := await _within(self._reader.read_chunk(PIECE), self._until):
            yield piece


async def parts_of(request: web.Request) -> AsyncIterator[Part]:
    """The parts, in their order. Raises HTTPException."""
    if request.content_type != "multipart/form-data":
        raise web.HTTPUnsupportedMediaType(reason=NO_FORM)
    until = asyncio.get_running_loop().time() + WHOLE
    try:
        reader = await request.multipart()
    except ValueError:
        raise web.HTTPBadRequest(reason=NO_FORM) from None
    for _ in range(MOST_PARTS):
        part = await _within(reader.next(), until)
        if part is None:
            return
        if isinstance(part, MultipartReader):
            break
        media_type = part.headers.get("Content-Type", "")
        yield Part(part.name or "", part.filename, media_type, part, until)
    raise web.HTTPBadRequest(reason=NO_FORM)


async def drain(request: web.Request) -> None:
    """Let the rest of a body that is refused come, within measure, so that the answer is read."""
    left, until = MOST_DRAINED, asyncio.get_running_loop().time() + PATIENCE
    with suppress(web.HTTPException, ConnectionError):
        while left > 0 and (piece := await _within(request.content.read(PIECE), until)):
            left -= len(piece)


async def _within(step: Awaitable[T], until: float) -> T:
    """What comes next, in time and well formed. Raises HTTPException and ConnectionError."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout_at(min(until, loop.time() + PATIENCE)):
            return await step
    except TimeoutError:
        raise web.HTTPRequestTimeout(reason=LATE) from None
    except (ValueError, RuntimeError, AssertionError, LookupError, HttpProcessingError):
        raise web.HTTPBadRequest(reason=NO_FORM) from None
