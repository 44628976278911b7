"""An OpenAI endpoint before a stand-in for OpenAI."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from doubles.api_endpoint import ApiEndpoint, StartApi, api_endpoint
from doubles.openai_server import OpenAIServer

from bot.config.settings import variables
from bot.llm.providers.known import ALL
from bot.store.database import Database


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*variables(), *(key for known in ALL.values() for key in known.keys)):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def upstream() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as double:
        yield double


@pytest.fixture
async def start_api(database: Database, upstream: OpenAIServer) -> AsyncIterator[StartApi]:
    """Start an endpoint with settings of the test's own, before the stand-in."""
    async with AsyncExitStack() as stack:

        async def start(**settings: Any) -> ApiEndpoint:
            given = {
                "model": ("openai/double",),
                "openai_base_url": upstream.url,
                "openai_api_key": "upstream-secret-key",
                "read_timeout": 5,
                **settings,
            }
            return await stack.enter_async_context(api_endpoint(database, **given))

        yield start


@pytest.fixture
async def api(start_api: StartApi) -> ApiEndpoint:
    """The endpoint without further wishes."""
    return await start_api()
