"""Opens what was built, and closes it in reverse."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

from bot.bootstrap.building import build
from bot.bootstrap.parts import Nellie
from bot.config.settings import Settings
from bot.domain.ports import Adapter, Toolbox
from bot.gateway.programs import let_programs_in
from bot.llm.registry import ModelRegistry
from bot.page.opening import let_people_look
from bot.store import open_database
from bot.store.database import Database


@asynccontextmanager
async def running(
    settings: Settings, adapters: Iterable[Adapter] = (), *, scheduled: bool = True
) -> AsyncIterator[Nellie]:
    """A running Nellie, on the database of the settings; without `scheduled`, no jobs run."""
    async with (
        opened(settings, for_long=scheduled, patient=scheduled) as (models, database),
        started(settings, database, models, adapters, scheduled=scheduled) as nellie,
    ):
        yield nellie


@asynccontextmanager
async def opened(
    settings: Settings, *, for_long: bool = False, patient: bool = True
) -> AsyncIterator[tuple[ModelRegistry, Database]]:
    """Models, and then the database: a wrong setting is told before anything starts."""
    models = ModelRegistry(settings)
    models.check()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(models.close)
        # Beside the database: a server may take seconds to say how much its model reads.
        asking = asyncio.create_task(models.context_window())
        stack.push_async_callback(_end, asking)
        migrated = open_database.migrated_database(settings, for_long=for_long, patient=patient)
        database = await stack.enter_async_context(migrated)
        await asyncio.wait({asking})  # whoever asks within the next minute is told at once
        yield models, database


async def _end(task: asyncio.Task[int | None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def started(
    settings: Settings,
    database: Database,
    models: ModelRegistry,
    adapters: Iterable[Adapter] = (),
    *,
    scheduled: bool = False,
    toolbox: Toolbox | None = None,
) -> AsyncIterator[Nellie]:
    """The same on a database and models that are open. Raises BackgroundTaskDied."""
    async with AsyncExitStack() as stack:
        nellie = build(
            settings=settings,
            database=database,
            models=models,
            adapters=adapters,
            context_window=await models.context_window(),
            toolbox=toolbox,
        )
        stack.push_async_callback(nellie.stores.locks.close)
        if nellie.semantic_index:
            await nellie.semantic_index.prepare()
            stack.push_async_callback(nellie.semantic_index.close)
        await stack.enter_async_context(nellie.tools.connected())
        await nellie.stores.heartbeat.register()
        stack.push_async_callback(nellie.stores.heartbeat.leave)
        jobs = nellie.jobs if scheduled else None
        await stack.enter_async_context(nellie.supervisor.at_work(jobs))
        await stack.enter_async_context(let_programs_in(nellie))
        await stack.enter_async_context(let_people_look(nellie))
        yield nellie
