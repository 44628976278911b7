"""Files that people bring at the page: their bytes, until they were read, or for a day.

They lie in the database, in pieces, for any replica may be the one that reads them. What is read is
let go at once, and with a message its files; a picture is looked at again as long as it lies here.
"""

import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.domain.documents import NotReadable, PostedFile
from bot.store.database import Database
from bot.store.sql_files import load

_SQL = load("uploads")

PREFIX = "upload:"
KEPT_HOURS = 24
GONE = f"it was kept for {KEPT_HOURS} hours, and is gone"


class Room(NamedTuple):
    """What lies here already, beside a file that is coming."""

    files: int
    """Of this person, as are the bytes."""
    bytes: int
    pieces: int
    """Of everybody."""
    opted_out: bool
    """Nothing that this person says in the channel is remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that is coming."""

    id: str
    channel_id: int
    platform: str
    person_id: str

    @classmethod
    def begin(cls, channel_id: int, platform: str, person_id: str) -> "Upload":
        """With an id that nobody guesses: whoever knows one could import a message that has it."""
        id = f"{PREFIX}{uuid.uuid4()}"
        return cls(id=id, channel_id=channel_id, platform=platform, person_id=person_id)


class Uploads:
    """The bytes in the database. Every statement stands alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def room(self, upload: Upload) -> Room:
        """What there is beside it."""
        async with self._database.autocommit() as connection:
            return Room(*(await connection.execute(_SQL.room, _values(upload))).one())

    async def add(self, upload: Upload, number: int, piece: bytes) -> None:
        """Take a piece, counted from 1."""
        values = {**_values(upload), "number": number, "data": piece}
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.add, values)

    async def open(self, channel_id: int, file_id: str) -> AsyncIterator[bytes]:
        """A file's bytes, piece by piece. Raises NotReadable where they are not here any more."""
        number = 1
        while piece := await self._get(channel_id, file_id, number):
            yield piece
            number += 1
        if number == 1:
            raise NotReadable(GONE)

    async def let_go(self, channel_id: int, files: Sequence[str]) -> None:
        """Delete the bytes of these files."""
        values = {"channel": channel_id, "files": list(files)}
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.let_go, values)

    async def drop_old(self) -> None:
        """Delete what nobody has read in time, and what was read."""
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.drop_old, {"hours": KEPT_HOURS})

    async def _get(self, channel_id: int, file_id: str, number: int) -> bytes | None:
        values = {"channel": channel_id, "file": file_id, "number": number}
        async with self._database.autocommit() as connection:
            found = await connection.scalar(_SQL.get, values)
            return None if found is None else bytes(found)


def is_upload(file: PostedFile) -> bool:
    """Whether a file was brought at the page."""
    return file.id.startswith(PREFIX)


def _values(upload: Upload) -> dict[str, object]:
    return {
        "file": upload.id,
        "channel": upload.channel_id,
        "platform": upload.platform,
        "person": upload.person_id,
    }
