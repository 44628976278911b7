"""What `nellie doctor` asks a database: its version, its tables, its clock, the newest message."""

from dataclasses import dataclass
from datetime import datetime

from bot.store.database import Database
from bot.store.sql_files import load

_SQL = load("diagnostics")


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostics:
    """What was found out about a database."""

    version: str
    major: int
    vector: str
    """The version of pgvector that is installed there; empty without."""
    usable: bool
    """pgvector is switched on in this database, or we have the right to do that."""
    revision: str
    """Of its tables; empty where there are none yet."""
    now: datetime
    free_connections: int
    """How many more connections it admits."""


async def inspect(database: Database) -> Diagnostics:
    """Look, and change nothing. Raises DatabaseUnavailable."""
    async with database.autocommit() as connection:
        row = (await connection.execute(_SQL.inspect)).one()
        revision = await connection.scalar(_SQL.get_revision) if row.made else ""
    return Diagnostics(
        version=row.version,
        major=row.number // 10_000,
        vector=row.vector or "",
        usable=row.usable,
        revision=revision or "",
        now=row.now,
        free_connections=row.free_connections,
    )


async def last_heard(database: Database, platform: str) -> datetime | None:
    """When the newest message of a platform was posted; None where there is none."""
    async with database.autocommit() as connection:
        if await connection.scalar(_SQL.has_channels) is None:
            return None
        at: datetime | None = await connection.scalar(_SQL.get_last_heard, {"platform": platform})
    return at
