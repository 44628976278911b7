"""The database of the settings, or an embedded one: opened, migrated, and kept running."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bot.config.settings import Settings
from bot.domain.errors import DatabaseAway, DatabaseUnavailable, NellieError
from bot.store import schema
from bot.store.database import LAPTOP_POOL, POOL, Database
from bot.store.migration_process import migrate_apart
from bot.telemetry.logs import tell_operator

if TYPE_CHECKING:
    from bot.store.embedded_postgres.server import EmbeddedPostgres

PATIENCE = 10.0  # seconds that a command waits for a database that is away
PATIENCE_OF_ANSWERS = 0.1  # seconds until another connection is opened to the embedded Postgres
RESTING = 60.0  # seconds after which the embedded Postgres is rid of connections nobody needs
LOOK = 1.0  # seconds between looks whether the embedded Postgres still runs

Say = Callable[[str], None]


@asynccontextmanager
async def migrated_database(
    settings: Settings,
    say: Say = tell_operator,
    *,
    for_long: bool = False,
    patient: bool = False,
) -> AsyncIterator[Database]:
    """The database of the settings, or an embedded one; migrated, and closed again at the end.

    A process that uses it `for_long` has another one migrate: it would keep what that loads. One
    that is `patient` waits for a database that is away, however long. Raises DatabaseUnavailable.
    """
    seconds = None if for_long or patient else PATIENCE
    async with connected_database(settings, say, seconds=seconds) as opened:
        await (migrate_apart if for_long else schema.migrate)(opened, say)
        yield opened


@asynccontextmanager
async def connected_database(
    settings: Settings,
    say: Say = tell_operator,
    *,
    seconds: float | None = PATIENCE,
    pool: int = POOL,
) -> AsyncIterator[Database]:
    """The same, not migrated. Raises DatabaseAway when it is away for so long."""
    async with AsyncExitStack() as stack:
        if settings.database_url:
            url, patience = settings.database_url.get_secret_value(), 0.0
        else:
            url = await stack.enter_async_context(own_postgres(settings.home, say))
            pool, patience = min(pool, LAPTOP_POOL), PATIENCE_OF_ANSWERS
        opened = Database(url, pool=pool, patience=patience)
        stack.push_async_callback(opened.close)
        if not settings.database_url:
            await stack.enter_async_context(_resting(opened))
        try:
            await opened.wait(say if seconds is None else lambda _: None, seconds=seconds)
        except DatabaseUnavailable as error:
            if type(error) is DatabaseUnavailable:  # the others say themselves what to do
                raise DatabaseAway(reason=error.what_happened) from None
            raise
        yield opened


@asynccontextmanager
async def _resting(database: Database) -> AsyncIterator[None]:
    """Meanwhile it lets go of connections: on a laptop, each takes 10 MB from others' work."""

    async def rest() -> None:
        while True:
            await asyncio.sleep(RESTING)
            await database.rest()

    resting = asyncio.create_task(rest())
    try:
        yield
    finally:
        resting.cancel()
        await asyncio.gather(resting, return_exceptions=True)


@asynccontextmanager
async def own_postgres(home: Path, say: Say = tell_operator) -> AsyncIterator[str]:
    """The address of the embedded Postgres, which is started again whenever it dies."""
    starting = asyncio.create_task(asyncio.to_thread(_start, home, say))
    try:
        server = await asyncio.shield(starting)
    except asyncio.CancelledError:
        # A thread cannot be called back, and what it starts must not be left behind.
        with suppress(NellieError):
            await asyncio.to_thread((await starting).stop)
        raise
    keeper = asyncio.create_task(_keep_running(server, say))
    try:
        yield server.url
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
        await asyncio.to_thread(server.stop)


def _start(home: Path, say: Say) -> "EmbeddedPostgres":
    from bot.store.embedded_postgres import server  # only here, where there is no address

    if not home.expanduser().exists():
        say(f"making a Postgres of my own in {home}; this takes a few seconds, once")
    return server.start(home)


async def _keep_running(server: "EmbeddedPostgres", say: Say) -> None:
    """Start the server again whenever it has died; the same trouble is told once."""
    trouble = ""
    while True:
        await asyncio.sleep(LOOK)
        try:
            if await asyncio.to_thread(server.revive):
                say("the embedded Postgres had died; it runs again, with all that was accepted")
            trouble = ""
        except Exception as error:  # whatever it was: the next look may succeed
            text = error.while_retrying if isinstance(error, DatabaseUnavailable) else str(error)
            if text != trouble:
                trouble = text
                say(trouble)
