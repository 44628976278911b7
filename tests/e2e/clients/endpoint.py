"""`nellie run` with its endpoint, before a stand-in upstream, and keys for those who call."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from doubles.nellie_on_slack import free_port
from doubles.nellie_process import NellieProcess, running
from e2e.clients.upstream import SPEND_ALL, Upstream

MODEL, EMBEDDER = "openai/double", "openai/embedder"
DAILY = 1_000_000  # tokens of a person
STARTING = 60  # seconds in which it must answer
WRONG = "nellie-this-is-nobodys-key"


@dataclass(frozen=True)
class Endpoint:
    """Where it answers, who may ask, and what came of that."""

    url: str
    environ: Mapping[str, str]
    upstream: Upstream
    nellie: NellieProcess

    async def add_key(self, person: str, *options: str) -> str:
        """A key as an operator makes one: it stands on the last line."""
        out = await run_nellie("keys", "add", "--person", person, *options, **self.environ)
        return out.splitlines()[-1].strip()

    async def ask(self, key: str, text: str, **headers: str) -> tuple[int, dict[str, Any]]:
        """Status and JSON of a chat."""
        body = {"model": MODEL, "messages": [{"role": "user", "content": text}]}
        return await self.post("/chat/completions", key, body, **headers)

    async def post(
        self, path: str, key: str, body: Mapping[str, Any], **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON of a call."""
        sent = {"Authorization": f"Bearer {key}", **headers}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}{path}", json=body, headers=sent) as response,
        ):
            return response.status, await response.json()

    async def refusals(self, person: str) -> int:
        """How many calls of somebody's were refused for their budget."""
        options = ("--person", person, "--status", "429", "--json")
        return len((await run_nellie("calls", *options, **self.environ)).splitlines())

    async def spent_key(self, person: str) -> str:
        """The key of somebody who has nothing left for today."""
        key = await self.add_key(person)
        status, told = await self.ask(key, SPEND_ALL)
        assert status == 200, told
        return key


@asynccontextmanager
async def open_endpoint(address: str) -> AsyncIterator[Endpoint]:
    """It runs on this database, as long as it is used."""
    async with Upstream() as upstream:
        port = free_port()
        environ = {
            "DATABASE_URL": address,
            "NELLIE_API": f"127.0.0.1:{port}",
            "NELLIE_MODEL": MODEL,
            "NELLIE_MODELS": f"{MODEL},{EMBEDDER}",
            "NELLIE_LIMIT_PERSON_TOKENS": str(DAILY),
            "OPENAI_BASE_URL": upstream.url,
            "OPENAI_API_KEY": "of-the-upstream",
        }
        async with running(environ) as nellie:
            await _until_well(f"http://127.0.0.1:{port}/healthz", nellie)
            yield Endpoint(f"http://127.0.0.1:{port}/v1", environ, upstream, nellie)


async def run_nellie(*arguments: str, **environ: str) -> str:
    """What a command of the terminal prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        env={**os.environ, **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def _until_well(url: str, nellie: NellieProcess) -> None:
    async with aiohttp.ClientSession() as session:
        async with asyncio.timeout(STARTING):
            while nellie.is_running:
                try:
                    async with session.get(url) as response:
                        if response.status == 200:
                            return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.1)
    raise AssertionError(f"nellie run ended: {nellie.output[-2_000:]}")
