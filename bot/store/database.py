"""The engine on asyncpg, its migrations, and the one place where database faults get a name."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import DatabaseRefuses, DatabaseUnavailable, SettingsError

MIGRATION_LOCK = 0x4E454C4C  # "NELL": any number that no other program on the server takes
MIGRATIONS = Path(__file__).parent / "migrations"
POOL = 12  # connections of one replica
FROZEN = 5_000  # milliseconds that a transaction may stand still; its locks hold up the others
_GONE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a line that broke just after it was made
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    TimeoutError,
)
_REFUSES = (
    asyncpg.DiskFullError,
    asyncpg.OutOfMemoryError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.LockNotAvailableError,  # a migration waited too long for replicas that are at work
)
_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,  # a wrong password is one
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)


class Database:
    """Connections to one Postgres. All statements of the store run through `begin`."""

    def __init__(self, url: str, *, pool: int = POOL) -> None:
        self.url = address(url)
        self.engine: AsyncEngine = create_async_engine(
            self.url,
            # As few as will do, each with its statements prepared; what overflows would be thrown
            # away after one use.
            pool_size=pool,
            max_overflow=0,
            pool_use_lifo=True,
            pool_timeout=30,
            hide_parameters=True,  # what people said is nothing for a log
            connect_args={"timeout": 5, "command_timeout": 60},
        )
        sa.event.listen(self.engine.sync_engine, "connect", _limit)
        self._single = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """One transaction. Raises DatabaseUnavailable when Postgres is away."""
        with named_faults():
            async with self.engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def single(self) -> AsyncIterator[AsyncConnection]:
        """For one statement that stands alone: no round trips for BEGIN and COMMIT."""
        with named_faults():
            async with self._single.connect() as connection:
                yield connection

    @asynccontextmanager
    async def holding(self, kind: int, key: int) -> AsyncIterator[bool]:
        """Try a lock that Postgres gives back by itself when this process or its line dies."""
        lock = {"kind": kind, "key": key % 2**31}
        async with AsyncExitStack() as stack:
            with named_faults():
                connection = await stack.enter_async_context(self._single.connect())
                held = await connection.scalar(_LOCK, lock)
            try:
                yield bool(held)  # what goes wrong meanwhile is not the database's fault
            finally:
                if held:
                    with named_faults():
                        await connection.execute(_UNLOCK, lock)

    async def wait(self, say: Callable[[str], None], *, seconds: float | None = None) -> None:
        """Return once Postgres answers; say so once when it does not yet. Raises SettingsError."""
        started, said = time.monotonic(), False
        while True:
            try:
                with _named_refusals():
                    async with self.begin() as connection:
                        await connection.execute(sa.text("SELECT 1"))
                return
            except DatabaseUnavailable as error:
                if seconds is not None and time.monotonic() - started > seconds:
                    raise
                if not said:
                    say(str(error))
                    said = True
                await asyncio.sleep(0.5)

    async def migrate(
        self, say: Callable[[str], None] = lambda said: None, *, revision: str = "head"
    ) -> None:
        """Bring the tables up to date; replicas that start together take their turn.

        Tables of a newer version are left alone, and said: migrations only expand within a line,
        which is a revision's first digit. Raises SettingsError where another line begins.
        """
        with _named_refusals():
            if revision == "head" and await self._is_migrated(say):
                return
            async with self.begin() as connection:
                await connection.execute(sa.text("SET LOCAL lock_timeout = '60s'"))
                await connection.execute(
                    sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK}
                )
                await connection.run_sync(_upgrade, revision)

    async def _is_migrated(self, say: Callable[[str], None]) -> bool:
        """Whether nothing is to be done: alembic is slow to load, and large."""
        async with self.begin() as connection:
            if await connection.scalar(sa.text("SELECT to_regclass('alembic_version')")) is None:
                return False
            now = await connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        newest = newest_revision()
        if now and now > newest:
            about = f"its tables are of a newer Nellie ({now}; this one knows {newest})"
            if now[0] != newest[0]:
                raise SettingsError(name="DATABASE_URL", reason=f"{about}: update this one")
            say(f"the database: {about}; going on with what both know")
            return True
        return bool(now == newest)

    async def analyze(self) -> None:
        """Let the planner know what a big import brought; in daily life it learns by itself."""
        async with self.single() as connection:
            await connection.execute(sa.text("ANALYZE message, posting"))

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


def newest_revision() -> str:
    """The revision of the tables that this program makes."""
    return max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _limit(connection: DBAPIConnection, record: object) -> None:
    """Not among the start-up parameters, which connection poolers refuse."""
    setting = f"SET idle_in_transaction_session_timeout = {FROZEN}"
    connection.run_async(lambda line: line.execute(setting))


_LOCK = sa.text("SELECT pg_try_advisory_lock(:kind, CAST(:key AS int))")
_UNLOCK = sa.text("SELECT pg_advisory_unlock(:kind, CAST(:key AS int))")


def address(url: str) -> str:
    """The address as SQLAlchemy wants it: people write postgres:// and postgresql://."""
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise SettingsError(
            name="DATABASE_URL", reason="not an address like postgresql://user:password@host/name"
        ) from None
    if parsed.drivername.partition("+")[0] not in {"postgres", "postgresql"}:
        raise SettingsError(
            name="DATABASE_URL", reason=f"only postgresql:// works, not {parsed.drivername}://"
        )
    return parsed.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


class named_faults:  # in lower case, since it reads as a phrase
    """Turn what drivers raise when Postgres is away, or full, into DatabaseUnavailable."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        cause = getattr(getattr(error, "orig", None), "__cause__", None)
        if isinstance(cause, _REFUSES):
            raise DatabaseRefuses(reason=str(cause)) from error
        if _is_gone(error):
            reason = str(getattr(error, "orig", None) or error).split("\n")[0] or repr(error)
            raise DatabaseUnavailable(reason=reason) from error


@contextmanager
def _named_refusals() -> Iterator[None]:
    """What Postgres refuses at the start lies in the address: its user, password or database."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(cause := getattr(error.orig, "__cause__", None), _REFUSED):
            raise SettingsError(name="DATABASE_URL", reason=str(cause)) from error
        raise


def _is_gone(error: BaseException) -> bool:
    if isinstance(error, PoolTimeout):
        return True
    if isinstance(error, DBAPIError):
        cause = getattr(error.orig, "__cause__", None)
        away = isinstance(error, OperationalError | InterfaceError) or isinstance(cause, _GONE)
        return error.connection_invalidated or away
    return isinstance(error, _GONE)


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
