"""A replica that is killed under load: every call has a row, and nothing is held for good."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

import aiohttp
import pytest
from doubles.api_calls import CallingReplica, caller, let_leases_end, request, rows
from doubles.canned_responses import CannedResponse
from doubles.nellie_process import NellieProcess, running
from doubles.openai_server import OpenAIServer

from bot.store.api_keys import ApiKeys, NewKey
from bot.store.database import Database

LIMIT = 1_000_000
CALLS = 24


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@pytest.fixture
async def upstream() -> AsyncIterator[OpenAIServer]:
    """It sends its answers slowly."""
    async with OpenAIServer() as double:
        double.default_response = CannedResponse(text="word " * 400, delay=0.2)
        yield double


async def ask(session: aiohttp.ClientSession, url: str, number: int) -> None:
    """One call; some stream, some are equal to another, some end soon."""
    body = {
        "model": "openai/double",
        "stream": number % 2 == 0,
        "max_tokens": 50,
        "messages": [{"role": "user", "content": f"question {number // 3}"}],
    }
    with suppress(aiohttp.ClientError, TimeoutError):
        async with session.post(f"{url}/chat/completions", json=body) as answer:
            async for _ in answer.content:
                pass


async def is_served(nellie: NellieProcess, session: aiohttp.ClientSession, url: str) -> None:
    while nellie.is_running:
        with suppress(aiohttp.ClientError):
            async with session.get(f"{url}/models") as answer:
                if answer.status == 200:
                    return
        await asyncio.sleep(0.1)
    raise AssertionError(nellie.output)


@pytest.mark.parametrize("limited", [True, False])
async def test_after_kill_9_every_call_has_a_row_and_nothing_is_held_for_good(
    database: Database, address: str, upstream: OpenAIServer, limited: bool
) -> None:
    key, _ = await ApiKeys(database).add(
        NewKey(platform="", workspace="", person_id="ana", name="ana", team="red")
    )
    port = free_port()
    url = f"http://127.0.0.1:{port}/v1"
    environ = {
        **upstream.environ,
        "DATABASE_URL": address,
        "NELLIE_API": f"127.0.0.1:{port}",
        **({"NELLIE_LIMIT_TOKENS": str(LIMIT)} if limited else {}),
    }
    async with (
        running(environ) as nellie,
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session,
    ):
        await is_served(nellie, session, url)
        asking = [asyncio.create_task(ask(session, url, number)) for number in range(CALLS)]
        while len(upstream.requests) < CALLS // 3:  # noqa: ASYNC110  # another process asks
            await asyncio.sleep(0.02)
        await nellie.kill()
        await asyncio.gather(*asking)

    reached = [one for one in upstream.requests if one.path.endswith("/completions")]
    [(made, ended)] = await rows(database, "SELECT count(*), count(status) FROM api_call")
    [(held,)] = await rows(
        database, "SELECT count(*) FROM reservation WHERE until < now() + interval '60 seconds'"
    )
    [(kept,)] = await rows(database, "SELECT count(*) FROM reservation")
    assert made >= len(reached)
    assert held == kept == made - ended

    other = CallingReplica.on(database, limit_tokens=LIMIT)
    await let_leases_end(database)
    call = await other.calls.begin(caller("bob"), request(input=LIMIT - 10))
    await other.stores.api_calls.mark_lost()
    await other.stores.reservations.drop_old()
    await call.end()
    assert await rows(database, "SELECT count(*) FROM reservation") == [(0,)]
    lost = "SELECT count(*) FROM api_call WHERE status = 'lost'"
    assert await rows(database, lost) == [(made - ended,)]
