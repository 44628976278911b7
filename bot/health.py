"""For machines that watch: is she alive, can she answer, what has she counted; over HTTP."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import accumulate

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily as Counted
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.core import HistogramMetricFamily as Timed
from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from bot import __version__, metrics
from bot.engine import Engine
from bot.errors import DatabaseUnavailable, SettingsError
from bot.store.vitals import Vitals, vitals

NAME = "NELLIE_HEALTH"


@asynccontextmanager
async def watched(engine: Engine, address: str) -> AsyncIterator[None]:
    """Answer at this host:port for as long as the block lasts. Raises SettingsError."""
    host, port = _place(address)
    health = Health(engine)
    site = web.Application()
    site.add_routes(
        [
            web.get("/healthz", health.alive),
            web.get("/readyz", health.ready),
            web.get("/metrics", health.counted),
        ]
    )
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            reason = f"{address} cannot be listened on ({error.strerror})"
            raise SettingsError(name=NAME, reason=reason) from None
        yield
    finally:
        await runner.cleanup()


def _place(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if ":" not in address or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise SettingsError(name=NAME, reason="write host:port, for example 127.0.0.1:8080")
    return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104  # an operator who names no host means all


@dataclass(frozen=True, slots=True)
class Health:
    """The three pages."""

    engine: Engine

    async def alive(self, request: web.Request) -> web.Response:
        """The process runs and its loop turns; nothing else is looked at."""
        return web.json_response({"alive": True, "version": __version__})

    async def ready(self, request: web.Request) -> web.Response:
        """Whether a question that is asked now would be answered, part by part."""
        parts, _ = await self._parts()
        ready = all(parts.values())
        return web.json_response({"ready": ready, "parts": parts}, status=200 if ready else 503)

    async def counted(self, request: web.Request) -> web.Response:
        """For Prometheus."""
        parts, found = await self._parts()
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Now([*_sums(), *self._state(parts, found)]))
        return web.Response(
            body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    async def _parts(self) -> tuple[dict[str, bool], Vitals | None]:
        engine = self.engine
        try:
            found = await vitals(engine.database, high=engine.budget.high)
        except DatabaseUnavailable:
            found = None
        parts = {"database": found is not None and engine.lanes.alive}
        parts |= {name: adapter.connected() for name, adapter in engine.adapters.items()}
        return parts | {"model": engine.models.reachable()}, found

    def _state(self, parts: dict[str, bool], found: Vitals | None) -> Iterator[Metric]:
        """What is not counted but looked at."""
        yield _gauge("nellie_up", "Whether a part works.", "part", parts)
        yield _gauge("nellie_build_info", "Version.", "version", {__version__: 1})
        resting = self.engine.models.resting()
        yield _gauge("nellie_breaker_open", "Whether a model is spared.", "model", resting)
        lanes = {"held": self.engine.lanes.held, "waiting": self.engine.places.waiting}
        yield _gauge("nellie_lanes", "Lanes of this replica.", "state", lanes)
        if found:  # of all replicas together
            turns = {"waiting": found.waiting, "running": found.running}
            yield _gauge("nellie_turns_open", "Turns that are owed.", "state", turns)
            about = "Window tokens over the mark at which compaction starts."
            yield Gauge("nellie_compaction_lag_tokens", about, value=found.lag)


class _Now(Collector):
    """What was gathered for one request."""

    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> list[Metric]:
        return self._found


def _gauge(name: str, about: str, label: str, values: dict[str, bool] | dict[str, int]) -> Metric:
    gauge = Gauge(name, about, labels=[label])
    for key, value in values.items():
        gauge.add_metric([key], float(value))
    return gauge


def _sums() -> Iterator[Metric]:
    """What bot.metrics has counted."""
    for counter in metrics.COUNTERS:
        counted = Counted(counter.name, counter.about, labels=counter.labels)
        for labels, value in counter.values.items():
            counted.add_metric(labels, value)
        yield counted
    stages = metrics.stages
    timed = Timed(stages.name, stages.about, labels=[stages.label])
    bounds = [*map(str, metrics.SECONDS), "+Inf"]
    for label, counts in stages.counts.items():
        timed.add_metric(
            [label], list(zip(bounds, accumulate(counts), strict=True)), stages.sums[label]
        )
    yield timed
