"""`nellie run` with its endpoint on a Postgres of its own; and LiteLLM's proxy."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.api.caller import Target
from benchmarks.api.upstream import MODEL, Upstream
from bot.store.api_keys import ApiKeys, NewKey
from bot.store.database import Database
from bot.testing.postgres import temporary_folder, temporary_postgres

STARTING = 120  # seconds in which an endpoint must answer
STOPPING = 15
OTHERS = ("NELLIE_", "SLACK_", "DISCORD_", "OPENAI_", "DATABASE_URL")
LITELLM_KEY = "sk-of-the-benchmark"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A running `nellie run`."""

    url: str
    process: asyncio.subprocess.Process
    environ: Mapping[str, str]

    async def target(self, person: str) -> Target:
        """What somebody of this name calls, with a key of their own."""
        database = Database(self.environ["DATABASE_URL"], pool=1)
        try:
            new = NewKey(platform="", workspace="", person_id=person, name=person, team="bench")
            key, _ = await ApiKeys(database).add(new)
        finally:
            await database.close()
        return Target(self.url, key, f"openai/{MODEL}")

    @property
    def memory_mb(self) -> float:
        """Megabytes that it holds now."""
        return weigh(self.process)


@asynccontextmanager
async def nellie(upstream: Upstream, **settings: str) -> AsyncIterator[Endpoint]:
    """The endpoint before an upstream, on a Postgres as it comes."""
    with temporary_postgres({}) as postgres:
        port = free_port()
        environ = {
            "DATABASE_URL": postgres.address("postgres"),
            "NELLIE_API": f"127.0.0.1:{port}",
            "NELLIE_MODEL": f"openai/{MODEL}",
            "OPENAI_BASE_URL": upstream.url,
            "OPENAI_API_KEY": "of-the-upstream",
            **settings,
        }
        command = [sys.executable, "-m", "bot", "run"]
        async with running(command, f"http://127.0.0.1:{port}/healthz", environ) as process:
            yield Endpoint(f"http://127.0.0.1:{port}/v1", process, environ)


@asynccontextmanager
async def litellm(program: Path, upstream: Upstream) -> AsyncIterator[Target]:
    """LiteLLM's proxy before the same upstream: one process, without a database."""
    with temporary_folder("nellie-litellm-") as folder:
        port, config = free_port(), folder / "config.yaml"
        config.write_text(
            f"model_list:\n- model_name: {MODEL}\n  litellm_params:\n"
            f"    model: openai/{MODEL}\n    api_base: {upstream.url}\n    api_key: x\n"
            f"general_settings:\n  master_key: {LITELLM_KEY}\n"
        )
        command = [str(program), "--config", str(config), "--port", str(port), "--host"]
        url = f"http://127.0.0.1:{port}"
        alone = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}
        async with running([*command, "127.0.0.1"], f"{url}/health/liveliness", alone):
            yield Target(f"{url}/v1", LITELLM_KEY, MODEL)


@asynccontextmanager
async def running(
    command: list[str], health: str, environ: Mapping[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process with these settings alone, once it is well."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OTHERS)}
    with temporary_folder("nellie-bench-") as folder, (folder / "log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            *command, env={**kept, **environ}, stdout=log, stderr=log, start_new_session=True
        )
        try:
            await _until_well(health, process, folder / "log")
            yield process
        finally:
            await _end(process)


async def _until_well(url: str, process: asyncio.subprocess.Process, log: Path) -> None:
    end = time.monotonic() + STARTING
    async with aiohttp.ClientSession() as session:
        while process.returncode is None and time.monotonic() < end:
            try:
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
    told = await asyncio.to_thread(log.read_text)
    raise SystemExit(f"{url} did not answer: {told[-2_000:]}")


async def _end(process: asyncio.subprocess.Process) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.returncode is None:
            os.killpg(process.pid, number)
            try:
                await asyncio.wait_for(process.wait(), STOPPING)
            except TimeoutError:
                continue


def weigh(process: asyncio.subprocess.Process) -> float:
    """Megabytes that a process holds now."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1_024


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
