"""Putting the house together: database, models, engine and clock, opened and closed in order."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bot.engine import Engine
from bot.errors import NellieError, PluginError, SettingsError
from bot.llm.models import Models
from bot.ports import Adapter
from bot.schedule import ticking
from bot.settings import Settings
from bot.store.database import POOL, Database
from bot.text import clean

if TYPE_CHECKING:
    from bot.store.embedded import EmbeddedPostgres

LOOK = 1.0  # seconds between looks whether the embedded Postgres still runs

Say = Callable[[str], None]


def complain(text: str) -> None:
    """One line for the operator; what it quotes cannot steer the terminal."""
    sys.stderr.write(f"nellie: {clean(text)}\n")
    sys.stderr.flush()


@asynccontextmanager
async def database(settings: Settings, say: Say = complain) -> AsyncIterator[Database]:
    """The database of the settings, or an embedded one; migrated, and closed again at the end."""
    async with reached(settings, say) as opened:
        await opened.migrate(say)
        yield opened


@asynccontextmanager
async def reached(
    settings: Settings, say: Say = complain, *, seconds: float | None = None, pool: int = POOL
) -> AsyncIterator[Database]:
    """The same as it stands. Raises DatabaseUnavailable when it is away for so long."""
    async with AsyncExitStack() as stack:
        if settings.database_url:
            url = settings.database_url.get_secret_value()
        else:
            url = await stack.enter_async_context(own_postgres(settings.home, say))
        opened = Database(url, pool=pool)
        stack.push_async_callback(opened.close)
        await opened.wait(say if seconds is None else lambda _: None, seconds=seconds)
        yield opened


@asynccontextmanager
async def own_postgres(home: Path, say: Say = complain) -> AsyncIterator[str]:
    """The address of the embedded Postgres, which is started again whenever it dies."""
    starting = asyncio.create_task(asyncio.to_thread(_start, home, say))
    try:
        server = await asyncio.shield(starting)
    except asyncio.CancelledError:
        # A thread cannot be called back, and what it starts must not be left behind.
        with suppress(NellieError):
            await asyncio.to_thread((await starting).stop)
        raise
    keeping = asyncio.create_task(_keep_up(server, say))
    try:
        yield server.url
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await asyncio.to_thread(server.stop)


def _start(home: Path, say: Say) -> "EmbeddedPostgres":
    from bot.store import embedded  # only here, where there is no address

    if not home.expanduser().exists():
        say(f"making a Postgres of my own in {home}; this takes a few seconds, once")
    return embedded.start(home)


async def back_up(settings: Settings, to: Path, say: Say = complain) -> None:
    """Write the embedded Postgres into one file, whole or not at all. Raises SettingsError."""
    if settings.database_url:
        reason = "this Postgres is not the embedded one; pg_dump, or infra/backup, backs it up"
        raise SettingsError(name="DATABASE_URL", reason=reason)
    server = await asyncio.to_thread(_start, settings.home, say)
    try:
        await asyncio.to_thread(server.dump, to)
    except OSError as error:
        raise SettingsError(name=str(to), reason=f"it cannot be written ({error})") from None
    finally:
        await asyncio.to_thread(server.stop)


async def _keep_up(server: "EmbeddedPostgres", say: Say) -> None:
    said = ""
    while True:
        await asyncio.sleep(LOOK)
        try:
            if await asyncio.to_thread(server.revive):
                say("the embedded Postgres had died; it runs again, with all that was accepted")
            said = ""
        except (NellieError, OSError) as error:
            if str(error) != said:
                said = str(error)
                say(said)


@asynccontextmanager
async def engine(
    settings: Settings, adapters: Iterable[Adapter] = (), *, clock: bool = True, say: Say = complain
) -> AsyncIterator[Engine]:
    """A running engine. Models are made first: a wrong setting is said before anything starts."""
    models = Models(settings)
    _check(models, settings)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(models.close)
        opened = await stack.enter_async_context(database(settings, say))
        running = await stack.enter_async_context(Engine(settings, opened, models, adapters))
        if clock:
            await stack.enter_async_context(
                ticking(running.compaction, running.post_digests, running.expire, running.embed)
            )
        yield running


def _check(models: Models, settings: Settings) -> None:
    """Every model that may be chosen can be loaded. Raises SettingsError."""
    for choice in (None, *settings.choices):
        try:
            models.named(choice)
        except PluginError as error:
            name = "NELLIE_MODELS" if choice in settings.models else "NELLIE_MODEL"
            raise SettingsError(name=name, reason=str(error)) from error
