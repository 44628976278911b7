"""Health checks and metrics, as a supervisor and Prometheus see them over HTTP."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from doubles.start_nellie import Start
from prometheus_client.parser import text_string_to_metric_families

from bot import __version__
from bot.domain.errors import ModelUnavailable, SettingsError
from bot.store.database import Database
from bot.telemetry.health import serve_health
from bot.telemetry.health_report import HealthProbe
from bot.testing import ANA, FakePlatform, RunningNellie, ScriptedModel, breaks

NAMES = {
    "nellie_turns_total": {"platform", "state"},
    "nellie_turns_open": {"state"},
    "nellie_stage_seconds_bucket": {"stage", "le"},
    "nellie_tokens_total": {"purpose", "model", "kind"},
    "nellie_model_calls_total": {"model", "outcome"},
    "nellie_breaker_open": {"model"},
    "nellie_posts_total": {"platform", "outcome"},
    "nellie_lanes": {"state"},
    "nellie_messages_total": {"platform"},
    "nellie_compaction_lag_tokens": set(),
    "nellie_up": {"part"},
    "nellie_build_info": {"version"},
}
Get = Callable[[str], Any]


@asynccontextmanager
async def pages(probe: HealthProbe) -> AsyncIterator[Get]:
    """What the health server answers; each page as (status, body)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = "127.0.0.1:{1}".format(*free.getsockname())
    async with serve_health(probe, address), aiohttp.ClientSession() as session:

        async def get(path: str) -> tuple[int, Any]:
            async with session.get(f"http://{address}{path}") as answer:
                json = answer.content_type == "application/json"
                return answer.status, await (answer.json() if json else answer.text())

        yield get


def samples(text: str) -> dict[str, dict[tuple[str, ...], float]]:
    """By name and the labels' values, in the order of their names."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            found.setdefault(one.name, {})[
                tuple(value for _, value in sorted(one.labels.items()))
            ] = one.value
    return found


async def test_a_healthy_process_is_alive_and_ready(nellie: RunningNellie) -> None:
    async with pages(nellie.parts.health_probe) as get:
        assert await get("/healthz") == (200, {"alive": True, "version": __version__})
        parts = {"database": True, "fake": True, "model": True}
        assert await get("/readyz") == (200, {"ready": True, "parts": parts})


async def test_a_platform_that_is_not_connected_makes_it_unready(start_nellie: Start) -> None:
    platform = FakePlatform()
    platform.connected = lambda: False  # type: ignore[method-assign]  # as when the network is away
    nellie = await start_nellie(platform=platform)

    async with pages(nellie.parts.health_probe) as get:
        status, body = await get("/readyz")

    assert (status, body["parts"]["fake"], body["parts"]["database"]) == (503, False, True)


async def test_a_model_that_is_resting_makes_it_unready(start_nellie: Start) -> None:
    nellie = await start_nellie(
        model=ScriptedModel(breaks(ModelUnavailable(model="m", reason="off")))
    )
    for number in range(3):
        await nellie.ask(ANA, f"question {number}")

    async with pages(nellie.parts.health_probe) as get:
        status, body = await get("/readyz")
        shown = samples((await get("/metrics"))[1])

    assert (status, body["parts"]["model"]) == (503, False)
    assert shown["nellie_breaker_open"] == {("scripted",): 1}
    assert shown["nellie_up"]["model",] == 0


async def test_without_a_database_it_is_alive_but_not_ready(nellie: RunningNellie) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")

    async with pages(replace(nellie.parts.health_probe, database=away)) as get:
        assert (await get("/healthz"))[0] == 200
        status, body = await get("/readyz")
        shown = samples((await get("/metrics"))[1])

    await away.close()
    assert shown["nellie_up"]["database",] == 0
    assert (status, body["parts"]["database"]) == (503, False)


async def test_everything_is_counted_under_its_name(start_nellie: Start) -> None:
    nellie = await start_nellie()
    async with pages(nellie.parts.health_probe) as get:
        before = samples((await get("/metrics"))[1])
        await nellie.ask(ANA, "hello")
        shown = samples((await get("/metrics"))[1])
        families = text_string_to_metric_families((await get("/metrics"))[1])
        labels = {one.name: set(one.labels) for family in families for one in family.samples}

    for name, expected in NAMES.items():
        assert labels[name] == expected, name

    def more(name: str, *of: str) -> float:
        return shown[name][of] - before.get(name, {}).get(of, 0)

    assert more("nellie_turns_total", "fake", "done") == 1
    assert more("nellie_messages_total", "fake") == 1
    assert more("nellie_model_calls_total", "scripted", "ok") == 1
    assert more("nellie_tokens_total", "input", "scripted", "answer") > 0
    for platform in ("wait", "recall", "first_text", "model", "deliver", "total"):
        assert more("nellie_stage_seconds_count", platform) == 1, platform
    assert shown["nellie_turns_open"] == {("waiting",): 0, ("running",): 0}


@pytest.mark.parametrize("address", ["8080", "host:", "host:http", "127.0.0.1:99999"])
async def test_a_wrong_address_is_named(nellie: RunningNellie, address: str) -> None:
    with pytest.raises(SettingsError, match=r"NELLIE_HEALTH: write host:port"):
        async with serve_health(nellie.parts.health_probe, address):
            pass


async def test_a_port_that_is_taken_is_named(nellie: RunningNellie) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = "127.0.0.1:{1}".format(*taken.getsockname())
        with pytest.raises(SettingsError, match="cannot be listened on"):
            async with serve_health(nellie.parts.health_probe, address):
                pass
