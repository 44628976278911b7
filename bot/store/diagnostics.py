"""What `nellie doctor` asks a database: its version, tables and clock, and what is stuck."""

from dataclasses import dataclass
from datetime import datetime

from bot.store.channels import LONGEST_RETENTION
from bot.store.database import Database
from bot.store.schema import newest_revision
from bot.store.sql_files import load

_SQL = load("diagnostics")

OFTEN = 3  # failed compactions in a row that are worth a word


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDiagnostics:
    """A channel in which something may be stuck."""

    platform: str
    external_id: str
    name: str
    rhythm: str | None
    """When its digest is posted; None where none is set."""
    retention: int | None
    failures: int
    """How often in a row its compaction has failed, where that is often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDiagnostics:
    """How far reading what was posted is."""

    waiting: int = 0
    oldest: datetime | None = None
    """When the one that waits longest was posted, or read in."""
    without_right: int = 0
    """Unreadable until somebody gives a right."""
    right: str = ""
    """What one of these says about it."""
    unreadable: int = 0
    """For good."""
    reasons: tuple[tuple[str, int], ...] = ()
    """Each with how often it is the reason, the commonest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingDiagnostics:
    """What is kept of an embedding model."""

    kept: int = 0
    """Its vectors."""
    set_aside: int = 0
    """Messages that it took in no form."""
    of_others: int = 0
    """Vectors of other models."""
    size: int | None = None
    """How many numbers its vectors have."""


async def inspect_files(database: Database, diagnostics: Diagnostics) -> FileDiagnostics:
    """Of all channels; nothing where the tables are older than ours. Raises DatabaseUnavailable."""
    if diagnostics.revision < newest_revision():
        return FileDiagnostics()
    async with database.autocommit() as connection:
        row = (await connection.execute(_SQL.count_files)).one()
        reasons = (await connection.execute(_SQL.count_reasons)).all()
    return FileDiagnostics(**row._mapping, reasons=tuple((one.note, one.files) for one in reasons))


async def inspect_embeddings(database: Database, model: str) -> EmbeddingDiagnostics:
    """Of a model, by the name of its space. Raises DatabaseUnavailable."""
    async with database.autocommit() as connection:
        if await connection.scalar(_SQL.has_embeddings) is None:
            return EmbeddingDiagnostics()
        row = await connection.execute(_SQL.count_embeddings, {"model": model})
        return EmbeddingDiagnostics(**row.mappings().one())


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


async def inspect_channels(
    database: Database, diagnostics: Diagnostics
) -> list[ChannelDiagnostics]:
    """The channels in which something may be stuck; none where the tables are older than we are.

    Raises DatabaseUnavailable.
    """
    if diagnostics.revision < newest_revision():
        return []
    values = {"often": OFTEN, "longest": LONGEST_RETENTION}
    async with database.autocommit() as connection:
        rows = await connection.execute(_SQL.find_channels, values)
        return [ChannelDiagnostics(**row) for row in rows.mappings()]
