"""The tables, brought up to date at every start: alembic's migrations, one replica at a time."""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.errors import SettingsError
from bot.store.database import Database
from bot.store.error_mapping import mapped_refusals
from bot.store.locks import MIGRATION_LOCK
from bot.store.sql_files import load

_SQL = load("schema")

MIGRATIONS = Path(__file__).parent / "migrations"


async def migrate(
    database: Database,
    say: Callable[[str], None] = lambda sentence: None,
    *,
    revision: str = "head",
) -> None:
    """Bring the tables up to date; replicas that start together take turns.

    Tables of a newer version are left alone, and `say` hears of it: within a series, which is a
    revision's first digit, migrations only add. Raises SettingsError where another series begins.
    """
    with mapped_refusals():
        if revision == "head" and await is_migrated(database, say):
            return
        async with database.begin() as connection:
            await lock_schema(connection)
            await connection.execute(_SQL.limit_loading)
            await connection.run_sync(_upgrade, revision)


async def lock_schema(connection: AsyncConnection) -> None:
    """Change tables alone, until the transaction ends; others wait, but not for ever."""
    await connection.execute(_SQL.limit_waiting)
    await connection.execute(_SQL.lock, {"key": MIGRATION_LOCK})


def newest_revision() -> str:
    """The revision of the tables that this program makes."""
    return max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


async def is_migrated(database: Database, say: Callable[[str], None]) -> bool:
    """Whether nothing is to be done: alembic is slow to load, and large. Raises SettingsError."""
    async with database.begin() as connection:
        if await connection.scalar(_SQL.has_tables) is None:
            return False
        found = await connection.scalar(_SQL.get_revision)
    newest = newest_revision()
    if found and found > newest:
        about = f"its tables are of a newer Nellie ({found}; this one knows {newest})"
        if found[0] != newest[0]:
            raise SettingsError(name="DATABASE_URL", reason=f"{about}: update this one")
        say(f"the database: {about}; going on with what both know")
        return True
    return bool(found == newest)


def _upgrade(connection: sa.Connection, revision: str) -> None:
    from alembic import command  # only starting needs it, and it costs memory

    command.upgrade(configuration(connection), revision)


def configuration(connection: sa.Connection):  # type: ignore[no-untyped-def]  # alembic's, lazily
    """Alembic's configuration, on a connection of ours."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
