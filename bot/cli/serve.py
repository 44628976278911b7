"""`nellie run`: every configured platform, until SIGTERM."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from bot import bootstrap
from bot.bootstrap import Nellie
from bot.cli.collector import spare_what_is_loaded
from bot.config import plugins, settings
from bot.config.environment import read_environment
from bot.domain.errors import SettingsError
from bot.domain.ports import Adapter
from bot.telemetry.logs import tell_operator

NO_PLATFORM = (
    "no platform is configured: set SLACK_BOT_TOKEN or DISCORD_TOKEN, here or in a file .env"
    " (nellie slack setup, nellie discord setup); to answer programs: NELLIE_API=127.0.0.1:8081;"
    " to talk here: nellie chat"
)

LOOK = 0.1  # seconds between two looks whether programs are let in already


async def serve() -> None:
    """Run every configured adapter. Raises SettingsError where there is none."""
    current = settings.load()
    adapters = _configured_adapters()
    if not adapters:
        raise SettingsError(name="run", reason=NO_PLATFORM)
    async with (
        bootstrap.running(current, adapters) as nellie,
        _health_server(nellie, current.health),
        _telling(adapters),
    ):
        spare_what_is_loaded()
        await nellie.supervisor.serve(adapters)


@asynccontextmanager
async def _telling(adapters: Sequence[Adapter]) -> AsyncIterator[None]:
    """Say what is served; of what lets programs in, once it does."""
    if heard := [adapter.name for adapter in adapters if adapter.hears]:
        tell_operator(f"serving {', '.join(heard)}")
    tasks = [asyncio.create_task(_tell_once_open(one)) for one in adapters if not one.hears]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


async def _tell_once_open(adapter: Adapter) -> None:
    while not adapter.connected():  # noqa: ASYNC110  # it tells nobody else
        await asyncio.sleep(LOOK)
    where = f" at {adapter.served_at}" if adapter.served_at else ""
    tell_operator(f"serving {adapter.name}{where}")


def _configured_adapters() -> list[Adapter]:
    environ = read_environment()
    loaded = (
        plugins.load("adapter", name).configured(environ) for name in plugins.names("adapter")
    )
    return [adapter for adapter in loaded if adapter]


def _health_server(nellie: Nellie, address: str | None) -> AbstractAsyncContextManager[None]:
    if not address:
        return nullcontext()
    from bot.telemetry.health import serve_health  # only here: its libraries cost memory

    return serve_health(nellie.health_probe, address)
