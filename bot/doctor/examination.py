"""The order of the examination: what others rest on comes first."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from bot.config.environment import read_environment
from bot.config.settings import load
from bot.doctor.channels import examine_channels
from bot.doctor.database import examine_database, to_reach_it
from bot.doctor.documents import examine_documents
from bot.doctor.embedder import examine_embedder
from bot.doctor.models import examine_models
from bot.doctor.platforms import examine_platforms
from bot.doctor.posted_files import examine_files
from bot.doctor.tools import examine_tools
from bot.domain.errors import NellieError, SettingsError
from bot.domain.ports import Finding
from bot.store import open_database
from bot.store.diagnostics import inspect, inspect_channels, inspect_files

PATIENCE = 5.0  # seconds in which Postgres must answer

Clock = Callable[[], datetime]


async def examine(*, clock: Clock = lambda: datetime.now(UTC)) -> AsyncIterator[Finding]:
    """Every finding, in the order in which things rest on one another."""
    try:
        environ, settings = read_environment(), load()
    except SettingsError as error:
        mend = "correct it in the environment or in .env; `nellie settings` explains each"
        yield Finding("settings", "wrong", str(error), mend)
        return
    yield Finding("settings", "ok", f"read; models: {', '.join(settings.model)}")
    async with AsyncExitStack() as stack:
        database = diagnostics = None
        try:
            database = await stack.enter_async_context(
                open_database.connected_database(settings, seconds=PATIENCE, pool=1)
            )
            diagnostics = await inspect(database)
            stuck = await inspect_channels(database, diagnostics)
            files = await inspect_files(database, diagnostics)
            of_database = examine_database(diagnostics, clock(), settings)
            of_files = examine_files(files, diagnostics.now)
            for finding in (*of_database, *examine_channels(stuck), *of_files):
                yield finding
        except NellieError as error:
            yield Finding("database", "wrong", error.what_happened, to_reach_it(settings, error))
        for findings in (
            examine_models(settings, environ),
            examine_tools(settings),
            examine_documents(),
            examine_embedder(settings, diagnostics, database),
            examine_platforms(environ, database),
        ):
            async for finding in findings:
                yield finding
