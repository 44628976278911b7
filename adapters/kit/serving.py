"""Listening for HTTP, as long as a block lasts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from adapters.kit.listening import Place

IDLE = 75.0  # seconds that a connection may be silent between requests, or within a header


@asynccontextmanager
async def listening(runner: web.AppRunner, place: Place, name: str) -> AsyncIterator[int]:
    """Serve at a place, which the setting `name` gives; gives the port. Raises SettingsError."""
    await runner.setup()
    try:
        site = web.TCPSite(runner, place.host, place.port)
        try:
            await site.start()
        except OSError as error:
            raise place.explain(name, error) from None
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
