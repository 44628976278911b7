"""Files that visitors bring where they talk with her: taken piece by piece, and held to limits."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bot.documents.limits import MB, Limits
from bot.domain.documents import LONGEST_NAME, PostedFile
from bot.domain.errors import DatabaseUnavailable
from bot.domain.images import Image
from bot.domain.page import FileRefused, FileTooLarge, NoRoomForFiles, Visitor, is_private
from bot.page.reading import Reading
from bot.store.uploads import Room, Upload, Uploads
from bot.text.sanitize import clean, show_hidden

PIECE = 2**18  # bytes of a row
MOST_BYTES = 200 * MB  # of one person, that lie unread
MOST_FILES = 100
MOST_PIECES = 16_384  # of everybody: 4 GB
LOOK = 16  # pieces between looks at how much waits
LONGEST_TYPE = 100
LONGEST_ENDING = 10

PRIVATE = "what you ask here is private and not remembered, and neither are files"
OPTED_OUT = "you opted out, so nothing that you bring here is remembered"
EMPTY = "it is empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploading:
    """Takes files for messages that are about to be said."""

    reading: Reading
    store: Uploads
    limits: Limits = field(default_factory=Limits)

    async def take(
        self,
        visitor: Visitor,
        channel_id: int,
        name: str,
        media_type: str,
        pieces: AsyncIterator[bytes],
    ) -> PostedFile:
        """A file, once all of it is there. Raises NotThere, FileRefused; then nothing is kept."""
        state, _ = await self.reading.require(visitor, channel_id)
        name = plain_name(name)
        if is_private(state.channel):
            raise FileRefused(name=name, reason=PRIVATE)
        upload = Upload.begin(channel_id, visitor.platform, visitor.person_id)
        try:
            return await self._store(upload, name, media_type, pieces)
        except BaseException:  # also where the browser goes away
            with suppress(DatabaseUnavailable):  # then it goes with what is old
                await asyncio.shield(self.store.let_go(channel_id, [upload.id]))
            raise

    async def let_go(self, channel_id: int, files: Sequence[PostedFile]) -> None:
        """Of a message that is not said after all."""
        if files:
            with suppress(DatabaseUnavailable):  # as above
                await self.store.let_go(channel_id, [file.id for file in files])

    async def _store(
        self, upload: Upload, name: str, media_type: str, pieces: AsyncIterator[bytes]
    ) -> PostedFile:
        size = number = 0
        head = b""
        async for piece in _even(pieces):
            if number % LOOK == 0:  # others of theirs may be coming at the same time
                room = await self.store.room(upload)
                others = room.bytes - size
                _check_room(name, room)
            size += len(piece)
            self._check_size(name, size, others)
            number += 1
            await self.store.add(upload, number, piece)
            head = head or piece
        if not size:
            raise FileRefused(name=name, reason=EMPTY)
        return PostedFile(id=upload.id, name=name, media_type=_type_of(head, media_type), size=size)

    def _check_size(self, name: str, size: int, others: int) -> None:
        if size > self.limits.bytes:
            reason = f"it is larger than {self.limits.bytes // MB} MB"
            raise FileTooLarge(name=name, reason=reason)
        if size + others > MOST_BYTES:
            reason = f"with it, more than {MOST_BYTES // MB} MB of yours would wait"
            raise NoRoomForFiles(name=name, reason=reason)


def _check_room(name: str, room: Room) -> None:
    if room.opted_out:
        raise FileRefused(name=name, reason=OPTED_OUT)
    if room.files >= MOST_FILES:
        raise NoRoomForFiles(name=name, reason=f"{room.files:,} files of yours wait to be read")
    if room.pieces >= MOST_PIECES:
        raise NoRoomForFiles(name=name, reason="too many files of all people wait to be read")


def plain_name(name: str) -> str:
    """What a file is called, without folders and what misleads; of a long name both ends."""
    name = clean(show_hidden(name)).replace("\\", "/").replace("\n", " ").replace("\t", " ")
    name = PurePosixPath(name).name.strip().strip(".") or "file"
    if len(name) <= LONGEST_NAME:
        return name
    ending = PurePosixPath(name).suffix
    ending = ending if len(ending) <= LONGEST_ENDING else ""
    return f"{name[: LONGEST_NAME - len(ending) - 1]}…{ending}"


def _type_of(head: bytes, said: str) -> str:
    """Pictures by their first bytes; of others, what the browser says."""
    image = Image.read(head)
    if image:
        return image.media_type
    said = clean(said).strip().lower()[:LONGEST_TYPE]
    return "" if said.startswith("image/") and "svg" not in said else said


async def _even(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in pieces of one size, but for the last one."""
    waiting = bytearray()
    async for piece in pieces:
        waiting += piece
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    if waiting:
        yield bytes(waiting)
