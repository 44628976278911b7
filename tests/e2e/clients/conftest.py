"""One endpoint for all clients, and what each of them made of its tasks."""

import asyncio
import base64
import json
import os
import struct
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import pytest_asyncio
from e2e.clients.endpoint import EMBEDDER, MODEL, WRONG, Endpoint, open_endpoint
from e2e.clients.environments import HERE, Unavailable, node, python

from bot.store.database import Database
from bot.store.embedded_postgres.server import EmbeddedPostgres

PROGRAMS: dict[str, tuple[Callable[[], str], str]] = {
    "openai": (python, "python_openai.py"),
    "langchain-openai": (python, "python_langchain.py"),
    "llm": (python, "python_llm.py"),
    "openai for Node": (node, "node_openai.mjs"),
    "AI SDK": (node, "node_ai_sdk.mjs"),
}
"""By client, who runs it and its program."""

Results = dict[str, dict[str, Any]]


def picture() -> str:
    """A PNG of one red point, as data."""
    row = b"\0\xff\0\0"
    parts = {b"IHDR": struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0), b"IDAT": zlib.compress(row)}
    content = b"\x89PNG\r\n\x1a\n"
    for name, data in {**parts, b"IEND": b""}.items():
        checked = struct.pack(">I", zlib.crc32(name + data))
        content += struct.pack(">I", len(data)) + name + data + checked
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


@pytest.fixture(scope="session")
def api_address(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    """The address of a database for all tests of a session."""
    name = "clients"
    asyncio.run(_execute(postgres, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield postgres.address(name)
    asyncio.run(_execute(postgres, f"DROP DATABASE {name} WITH (FORCE)"))


async def _execute(server: EmbeddedPostgres, sql: str) -> None:
    admin = Database(server.address("postgres"), pool=1)
    async with admin.autocommit() as connection:
        await connection.exec_driver_sql(sql)
    await admin.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def endpoint(api_address: str) -> AsyncIterator[Endpoint]:
    """The endpoint; every test uses it with keys of its own."""
    async with open_endpoint(api_address) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=PROGRAMS)
async def results(request: pytest.FixtureRequest, endpoint: Endpoint) -> Results:
    """What one of the clients made of each of its tasks."""
    runs, program = PROGRAMS[request.param]
    try:
        command = [await asyncio.to_thread(runs), str(HERE / "programs" / program)]
    except Unavailable as reason:
        pytest.skip(str(reason))
    spender = f"bob with {request.param}"
    environ = {
        "BASE_URL": endpoint.url,
        "KEY": await endpoint.add_key(f"ana with {request.param}"),
        "SPENT_KEY": await endpoint.spent_key(spender),
        "WRONG_KEY": WRONG,
        "MODEL": MODEL,
        "EMBEDDER": EMBEDDER,
        "PICTURE": picture(),
    }
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    found: Results = json.loads(out)
    found["spent"]["calls"] = await endpoint.refusals(spender)
    return found
