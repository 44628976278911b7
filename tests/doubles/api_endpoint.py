"""A Nellie with an OpenAI endpoint, as programs find it: a real port, a real key."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import aiohttp
import openai

from adapters.api.adapter import ApiAdapter
from adapters.api.settings import ApiSettings
from adapters.kit.listening import Place
from bot.bootstrap import started
from bot.config.settings import load
from bot.domain.ports import Adapter
from bot.llm.registry import ModelRegistry
from bot.store.api_keys import NewKey
from bot.store.database import Database
from bot.store.stores import Stores

StartApi = Callable[..., Awaitable["ApiEndpoint"]]
"""Starts one, with settings of the test's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiEndpoint:
    """The endpoint, and what stands behind it."""

    port: int
    key: str
    database: Database
    stores: Stores
    session: aiohttp.ClientSession
    _stack: AsyncExitStack

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def add_key(self, person: str = "bob", **fields: Any) -> str:
        """Another key."""
        return await make_key(self.stores, person, **fields)

    def client(self, key: str = "", **options: Any) -> openai.AsyncOpenAI:
        """The real SDK, which tries nothing twice."""
        given = {"max_retries": 0, "base_url": self.url, "api_key": key or self.key, **options}
        client = openai.AsyncOpenAI(**given)
        self._stack.push_async_callback(client.close)
        return client

    async def post(
        self, path: str, body: Any, *, key: str = "", **headers: str
    ) -> tuple[int, Mapping[str, str], Any]:
        """Status, headers and JSON of a plain request; bytes are sent as they are."""
        sent = BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        authorized = {
            "Authorization": f"Bearer {key or self.key}",
            "Content-Type": "application/json",
            **names,
        }
        async with self.session.post(f"{self.url}/{path}", headers=authorized, data=sent) as answer:
            return answer.status, answer.headers, await answer.json(content_type=None)

    async def rows(self) -> list[Any]:
        """What is kept of calls, oldest first."""
        async with self.database.autocommit() as connection:
            found = await connection.exec_driver_sql("SELECT * FROM api_call ORDER BY id")
            return list(found)

    async def ended_rows(self, count: int) -> list[Any]:
        """The same, once so many have ended: that is noted after the answer has gone out."""
        async with asyncio.timeout(5):
            while True:
                rows = await self.rows()
                if sum(bool(row.status) for row in rows) >= count:
                    return rows
                await asyncio.sleep(0.01)


@asynccontextmanager
async def api_endpoint(
    database: Database,
    *,
    origins: frozenset[str] = frozenset(),
    platforms: Sequence[Adapter] = (),
    **settings: Any,
) -> AsyncIterator[ApiEndpoint]:
    """An endpoint on a database; `settings` are those of bot.config.settings.Settings."""
    adapter = ApiAdapter(ApiSettings(Place("127.0.0.1", 0), origins))
    chosen = load(**settings)
    async with AsyncExitStack() as stack:
        models = ModelRegistry(chosen)
        stack.push_async_callback(models.close)
        nellie = await stack.enter_async_context(
            started(chosen, database, models, [*platforms, adapter])
        )
        serving = asyncio.create_task(nellie.supervisor.serve([adapter]))
        stack.push_async_callback(_stop, serving)
        while not adapter.connected():  # noqa: ASYNC110  # it tells nobody else
            await asyncio.sleep(0)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield ApiEndpoint(
            port=adapter.port,
            key=await make_key(nellie.stores, "ana"),
            database=database,
            stores=nellie.stores,
            session=session,
            _stack=stack,
        )


async def make_key(stores: Stores, person: str, **fields: Any) -> str:
    """A key of somebody who is on no platform."""
    given = {"platform": "", "workspace": "", "name": person, "team": "red", **fields}
    key, _ = await stores.api_keys.add(NewKey(person_id=person, **given))
    return key


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
