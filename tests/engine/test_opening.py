"""What is waited for before Nellie works: her database, and what her model's server says."""

import asyncio
from contextlib import suppress

from doubles.nellie_on_slack import free_port
from doubles.openai_server import OpenAIServer

from bot.bootstrap import opened
from bot.config.settings import load


async def open_and_close(**settings: str) -> None:
    async with opened(load(**settings)):
        pass


async def test_the_models_server_is_asked_while_the_database_is_away() -> None:
    async with OpenAIServer() as server:
        opening = asyncio.create_task(
            open_and_close(
                model="openai/double",
                openai_base_url=server.url,
                database_url=f"postgresql://nellie@127.0.0.1:{free_port()}/nellie",
            )
        )
        async with asyncio.timeout(30):
            while not server.requests:  # noqa: ASYNC110  # no event
                await asyncio.sleep(0.01)

        assert not opening.done()
        opening.cancel()
        with suppress(asyncio.CancelledError):
            await opening


async def test_a_wrong_address_is_told_whatever_the_models_server_does() -> None:
    opening = open_and_close(
        model="openai/double",
        openai_base_url=f"http://127.0.0.1:{free_port()}/v1",
        database_url="postgresql://nellie@127.0.0.1/nellie?sslmode=nonsense",
    )
    async with asyncio.timeout(30):
        [error] = await asyncio.gather(opening, return_exceptions=True)

    assert "sslmode" in str(error)
