"""A real Prometheus, with our configuration: it scrapes Nellie, and loads every alert."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from doubles.nellie_on_slack import free_port

from bot.telemetry.health import serve_health
from bot.testing import ANA, RunningNellie

INFRA = Path(__file__).parents[2] / "infra" / "prometheus"
PROGRAM = shutil.which("prometheus")

pytestmark = pytest.mark.skipif(not PROGRAM, reason="prometheus is not installed")


@asynccontextmanager
async def prometheus(folder: Path, target: str) -> AsyncIterator[str]:
    """Our configuration, but for the address that is scraped, and for how often."""
    config = yaml.safe_load((INFRA / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "200ms", "evaluation_interval": "200ms"}
    (job,) = config["scrape_configs"]
    del job["dns_sd_configs"]
    job["static_configs"] = [{"targets": [target]}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    shutil.copy(INFRA / "alerts.yml", folder)
    address = f"127.0.0.1:{free_port()}"
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM),
        "--log.level=error",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address={address}",
    )
    try:
        yield f"http://{address}/api/v1"
    finally:
        process.terminate()
        await process.wait()


async def ask(api: str, path: str, **query: str) -> Any:
    """The data of an answer, once there is some."""
    async with aiohttp.ClientSession() as session:
        for _ in range(300):
            try:
                async with session.get(f"{api}/{path}", params=query) as answer:
                    data = json.loads(await answer.text()).get("data", {})
            except (aiohttp.ClientError, ValueError):  # it still starts
                data = {}
            if data.get("result") or data.get("groups"):
                return data
            await asyncio.sleep(0.1)
    raise AssertionError(f"Prometheus never had anything for {path} {query}")


async def test_scrapes_nellie_and_loads_every_alert(nellie: RunningNellie, tmp_path: Path) -> None:
    alerts = yaml.safe_load((INFRA / "alerts.yml").read_text())["groups"][0]["rules"]
    await nellie.ask(ANA, "hello?")
    address = f"127.0.0.1:{free_port()}"

    async with (
        serve_health(nellie.parts.health_probe, address),
        prometheus(tmp_path, address) as api,
    ):
        up = await ask(api, "query", query='nellie_up{part="database"}')
        turns = await ask(api, "query", query="sum(nellie_turns_total)")
        (group,) = (await ask(api, "rules"))["groups"]

    assert up["result"][0]["value"][1] == "1"
    assert int(turns["result"][0]["value"][1]) >= 1
    assert [rule["name"] for rule in group["rules"]] == [alert["alert"] for alert in alerts]
    assert {rule["health"] for rule in group["rules"]} <= {"ok", "unknown"}  # not yet evaluated
