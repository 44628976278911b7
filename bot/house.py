"""Putting the house together: database, models, engine and clock, opened and closed in order."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

from bot.engine import Engine
from bot.llm.models import Models
from bot.ports import Adapter
from bot.schedule import ticking
from bot.settings import Settings
from bot.store.database import Database

Say = Callable[[str], None]


def complain(text: str) -> None:
    """One line for the operator."""
    sys.stderr.write(f"nellie: {text}\n")


@asynccontextmanager
async def database(settings: Settings, say: Say = complain) -> AsyncIterator[Database]:
    """The database of the settings, or an embedded one; migrated, and closed again at the end."""
    async with AsyncExitStack() as stack:
        if settings.database_url:
            url = settings.database_url.get_secret_value()
        else:
            from bot.store import embedded  # only here, where there is no address

            server = await asyncio.to_thread(embedded.start, settings.home)
            stack.push_async_callback(asyncio.to_thread, server.stop)
            url = server.url
        opened = Database(url)
        stack.push_async_callback(opened.close)
        await opened.wait(say)
        await opened.migrate()
        yield opened


@asynccontextmanager
async def engine(
    settings: Settings, adapters: Iterable[Adapter] = (), *, clock: bool = True, say: Say = complain
) -> AsyncIterator[Engine]:
    """A running engine. Models are made first: a wrong setting is said before anything starts."""
    models = Models(settings)
    models.named(None)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(models.close)
        opened = await stack.enter_async_context(database(settings, say))
        running = await stack.enter_async_context(Engine(settings, opened, models, adapters))
        if clock:
            await stack.enter_async_context(ticking(running.compaction))
        yield running
