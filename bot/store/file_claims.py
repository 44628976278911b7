"""Which replica reads which file: claimed under a lease, put off, refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from bot.domain.documents import Origin, PostedFile
from bot.domain.model import Channel
from bot.store.channels import to_state
from bot.store.database import Database
from bot.store.sql_files import load

_SQL = load("file_claims")

POINT, IS_OURS = _SQL.point, _SQL.is_ours
LONGEST_NOTE = 300  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedFile:
    """A file that one replica may read: until its lease is over, or it goes with its message."""

    channel_id: int
    channel: Channel
    seq: int
    message_id: str
    """On the platform; empty where no message brought the file."""
    file: PostedFile
    origin: Origin
    owner: int
    attempts: int
    """This one among them, also those of replicas that died meanwhile."""
    former: int | None
    """The document that was read of it before."""

    @property
    def values(self) -> Mapping[str, object]:
        """By which statements know that the claim holds (`ours` of file_claims.sql)."""
        return {
            "channel": self.channel_id,
            "seq": self.seq,
            "file": self.file.id,
            "owner": self.owner,
            "attempts": self.attempts,
        }


class FileClaims:
    """The queue of what is to be read. Every statement stands alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(
        self,
        owner: int,
        *,
        platforms: Sequence[str],
        origins: Sequence[Origin] = ("post", "link"),
        channel_id: int | None = None,
        under: str = "",
        lease: float,
    ) -> ClaimedFile | None:
        """The next file that is due, for so many seconds; None where none is.

        Posted ones of these platforms; in one channel alone where it is given, and of the
        operator's only those `under` a path.
        """
        values = {
            "owner": owner,
            "platforms": list(platforms),
            "origins": list(origins),
            "only": channel_id,
            "under": under,
            "lease": lease,
        }
        async with self._database.autocommit() as connection:
            row = (await connection.execute(_SQL.claim, values)).one_or_none()
        if row is None:
            return None
        file = PostedFile(
            id=row.file_id,
            name=row.file_name,
            media_type=row.media_type,
            size=row.size,
            alt=row.alt,
            address=row.address,
        )
        return ClaimedFile(
            channel_id=row.channel_id,
            channel=to_state(row).channel,
            seq=row.seq,
            message_id=row.message_id,
            file=file,
            origin=row.origin,
            owner=owner,
            attempts=row.attempts,
            former=row.document_id,
        )

    async def keep(self, claimed: ClaimedFile, *, lease: float, progress: str) -> bool:
        """Say that it is still being read; False where it is not ours any more."""
        return await self._change(_SQL.keep, claimed, lease=lease, progress=progress)

    async def give_back(self, claimed: ClaimedFile) -> None:
        """Let another replica read it at once: this one is told to stop."""
        await self._change(_SQL.give_back, claimed)

    async def put_off(
        self, claimed: ClaimedFile, seconds: float, note: str, *, counted: bool = True
    ) -> bool:
        """Let it be tried again later. `note` is what was in the way; only its fault is counted."""
        values = {"seconds": seconds, "note": note[:LONGEST_NOTE], "counted": int(counted)}
        return await self._change(_SQL.put_off, claimed, **values)

    async def refuse(self, claimed: ClaimedFile, note: str, *, mendable: bool = False) -> bool:
        """It cannot be read, `note` says why; what is mendable may be, when it is tried anew."""
        note = note[:LONGEST_NOTE]
        return await self._change(_SQL.refuse, claimed, note=note, mendable=mendable)

    async def count(self) -> dict[str, int]:
        """How many files wait, and how many are unreadable, by state."""
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.count)
            return {row.state: row.files for row in rows}

    async def _change(self, sql: sa.TextClause, claimed: ClaimedFile, **values: object) -> bool:
        async with self._database.autocommit() as connection:
            changed = await connection.execute(sql, {**claimed.values, **values})
            return changed.rowcount > 0
