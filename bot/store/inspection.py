"""What `nellie doctor` asks a database: its version, its tables, its clock, the last it heard."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.store.database import Database


@dataclass(frozen=True, slots=True)
class Inspection:
    """How a database stands."""

    version: str
    major: int
    vector: str
    """The version of pgvector that can be had there; empty without."""
    usable: bool
    """pgvector is switched on in this database, or may be by us."""
    revision: str
    """Of its tables; empty where there are none yet."""
    now: datetime
    room: int
    """Connections that it still admits."""


async def inspect(database: Database) -> Inspection:
    """Look, and change nothing. Raises DatabaseUnavailable."""
    async with database.single() as connection:
        row = (await connection.execute(_LOOK)).one()
        revision = await connection.scalar(_REVISION) if row.made else ""
    return Inspection(
        row.version, row.number // 10_000, row.vector or "", row.usable, revision or "", row.now,
        row.room,
    )  # fmt: skip


async def heard(database: Database, platform: str) -> datetime | None:
    """When something was last heard on a platform; None where nothing ever was."""
    async with database.single() as connection:
        if await connection.scalar(sa.text("SELECT to_regclass('channel')")) is None:
            return None
        at: datetime | None = await connection.scalar(_HEARD, {"platform": platform})
    return at


_LOOK = sa.text("""
    SELECT current_setting('server_version') AS version,
           CAST(current_setting('server_version_num') AS int) AS number,
           (SELECT default_version FROM pg_available_extensions WHERE name = 'vector') AS vector,
           EXISTS (SELECT FROM pg_extension WHERE extname = 'vector')
               OR has_database_privilege(current_database(), 'CREATE') AS usable,
           to_regclass('alembic_version') IS NOT NULL AS made,
           clock_timestamp() AS now,
           CAST(current_setting('max_connections') AS int)
               - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
               AS room
""")

_REVISION = sa.text("SELECT version_num FROM alembic_version")

_HEARD = sa.text("SELECT max(last_at) FROM channel WHERE platform = :platform")
