"""Whether an address leads to a pooler that gives each transaction another session.

Locks and notifications are a session's. Newer poolers carry prepared statements along, so that no
statement fails there and nobody would notice.
"""

from contextlib import AsyncExitStack, suppress

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.domain.errors import SettingsError
from bot.store.error_mapping import POOLER, mapped_errors
from bot.store.sql_files import load

_SQL = load("pooler")

OTHERS = 3  # transactions beside, each of which may be given the session that was first's


async def refuse_pooler_of_transactions(engine: AsyncEngine) -> None:
    """Raises SettingsError, and DatabaseUnavailable. `engine` keeps no connections."""
    with mapped_errors():
        async with AsyncExitStack() as stack:
            first = await stack.enter_async_context(engine.connect())
            session = await _session(first)
            if session == await _announced_session(first):
                return  # nobody stands in between
            in_transactions = engine.execution_options(isolation_level="READ COMMITTED")
            for _ in range(OTHERS):
                other = await stack.enter_async_context(in_transactions.connect())
                with suppress(DBAPIError):  # one by statements breaks off each transaction
                    await _session(other)  # and its transaction goes on
                if not other.in_transaction() or await _session(first) != session:
                    raise SettingsError(name="DATABASE_URL", reason=POOLER)


async def _session(connection: AsyncConnection) -> int:
    """The process of Postgres that answers this statement."""
    number: int = await connection.scalar(_SQL.get_session)
    return number


async def _announced_session(connection: AsyncConnection) -> int:
    """The one that was named at the start of the connection: a pooler names one of its own."""
    driver = (await connection.get_raw_connection()).driver_connection
    number: int = driver.get_server_pid()  # type: ignore[union-attr]  # it is asyncpg's
    return number
