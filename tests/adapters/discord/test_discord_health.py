"""Health checks on a whole `nellie run`, with Discord and an OpenAI server that are stand-ins."""

import asyncio
import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from doubles.discord_server import Discord
from doubles.nellie_on_slack import free_port
from doubles.nellie_process import running
from doubles.openai_server import OpenAIServer
from prometheus_client.parser import text_string_to_metric_families


def _page(address: str) -> str:
    with urlopen(f"http://{address}", timeout=10) as answer:  # our own program
        return str(answer.read().decode())


async def _ready(address: str) -> Any:
    """What it says once it is: a server's channels may come before the rest of a session does."""
    async with asyncio.timeout(30):
        while True:
            try:
                return json.loads(await asyncio.to_thread(_page, address))
            except HTTPError:
                await asyncio.sleep(0.1)


async def test_a_process_serves_health_checks_and_logs_json(discord: Discord, address: str) -> None:
    where = f"127.0.0.1:{free_port()}"
    async with (
        OpenAIServer() as model,
        running(
            {
                **discord.environ,
                "DATABASE_URL": address,
                "NELLIE_MODEL": "openai/double",
                "OPENAI_BASE_URL": model.url,
                "OPENAI_API_KEY": "key",
                "NELLIE_HEALTH": where,
            }
        ) as program,
    ):
        await discord.until(lambda: discord.gateway.identified or not program.is_running)
        asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} canary7731")
        await discord.until(lambda: discord.answers(asked))

        ready = await _ready(f"{where}/readyz")
        counted = await asyncio.to_thread(_page, f"{where}/metrics")
        words = program.output

    assert ready == {"ready": True, "parts": {"database": True, "discord": True, "model": True}}
    up = next(one for one in text_string_to_metric_families(counted) if one.name == "nellie_up")
    assert {sample.labels["part"]: sample.value for sample in up.samples} == {
        "database": 1,
        "discord": 1,
        "model": 1,
    }
    lines = words.splitlines()
    assert all(line.startswith(("nellie: ", "{")) for line in lines), lines
    assert "canary7731" not in words
