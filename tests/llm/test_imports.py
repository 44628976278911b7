"""What a replica loads: a library that no configured model needs is not there."""

import asyncio
import os
import subprocess
import sys

import pytest
from doubles.tgi_server import TGIServer

LOAD = """
import asyncio, sys
import bot.bootstrap, bot.__main__
from adapters.discord.adapter import DiscordAdapter
from adapters.slack.adapter import SlackAdapter
from bot.config.settings import load
from bot.llm.registry import ModelRegistry
from bot.testing.model_output import collect, prompt_of

async def main():
    models = ModelRegistry(load())
    models.check()
    print(repr((await collect(models.get(None), prompt_of("Hello"))).text))
    print(*sorted({"openai", "httpx2", "text_generation", "llama_cpp"} & sys.modules.keys()))

asyncio.run(main())
"""


def loaded(model: str, **environ: str) -> list[str]:
    """What a process prints that answers with this model: the answer, then the libraries."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NELLIE_")}
    done = subprocess.run(  # noqa: S603  # our own text, by our own Python
        [sys.executable, "-c", LOAD],
        env=clean | {"NELLIE_MODEL": model} | environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", ["tgi", "tgi/support", "tgi,extractive"])
async def test_a_replica_with_tgi_alone_loads_no_openai(name: str) -> None:
    async with TGIServer() as double:
        answer, libraries = await asyncio.to_thread(loaded, name, NELLIE_TGI_URL=double.url)

    assert answer == "'Hello from the double.'"
    assert "openai" not in libraries.split()
    assert "text_generation" in libraries.split()


def test_a_replica_without_a_language_model_loads_no_library_of_one() -> None:
    _, libraries = loaded("extractive")

    assert libraries == ""
