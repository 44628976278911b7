"""Health checks and Prometheus metrics over HTTP: /healthz, /readyz and /metrics."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import accumulate

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from bot import __version__
from bot.domain.errors import SettingsError
from bot.telemetry import metrics
from bot.telemetry.health_report import HealthProbe, HealthReport

SETTING = "NELLIE_HEALTH"


@asynccontextmanager
async def serve_health(probe: HealthProbe, address: str) -> AsyncIterator[None]:
    """Answer at this host:port for as long as the block lasts. Raises SettingsError."""
    host, port = _parse_address(address)
    endpoints = HealthEndpoints(probe)
    application = web.Application()
    application.add_routes(
        [
            web.get("/healthz", endpoints.healthz),
            web.get("/readyz", endpoints.readyz),
            web.get("/metrics", endpoints.metrics),
        ]
    )
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            reason = f"{address} cannot be listened on ({error.strerror})"
            raise SettingsError(name=SETTING, reason=reason) from None
        yield
    finally:
        await runner.cleanup()


def _parse_address(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if ":" not in address or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise SettingsError(name=SETTING, reason="write host:port, for example 127.0.0.1:8080")
    return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104  # an operator who names no host means all


@dataclass(frozen=True, slots=True)
class HealthEndpoints:
    """The three pages."""

    probe: HealthProbe

    async def healthz(self, request: web.Request) -> web.Response:
        """Say that the process runs and its event loop works; nothing else is checked."""
        return web.json_response({"alive": True, "version": __version__})

    async def readyz(self, request: web.Request) -> web.Response:
        """Say whether a question asked now would be answered, part by part."""
        report = await self.probe.check()
        ready = all(report.parts.values())
        return web.json_response(
            {"ready": ready, "parts": dict(report.parts)}, status=200 if ready else 503
        )

    async def metrics(self, request: web.Request) -> web.Response:
        """Give Prometheus all metrics."""
        report = await self.probe.check()
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Snapshot([*_counted_metrics(), *_report_metrics(report)]))
        return web.Response(
            body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )


class _Snapshot(Collector):
    """The metrics of one request."""

    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> list[Metric]:
        return self._found


def _report_metrics(report: HealthReport) -> Iterator[Metric]:
    """What is not counted but checked at the moment of the request."""
    yield _gauge("nellie_up", "Whether a part works.", "part", report.parts)
    yield _gauge("nellie_build_info", "Version.", "version", {__version__: 1})
    description = "Whether a model is left alone for a while, because it failed."
    yield _gauge("nellie_breaker_open", description, "model", report.models_resting)
    yield _gauge("nellie_lanes", "Lanes of this replica.", "state", report.lanes)
    if report.open_turns is not None:  # of all replicas together
        yield _gauge("nellie_turns_open", "Turns that are owed.", "state", report.open_turns)
        description = "Window tokens over the mark at which compaction starts."
        yield GaugeMetricFamily(
            "nellie_compaction_lag_tokens", description, value=report.compaction_lag
        )
        description = "Files that are still to be read."
        yield GaugeMetricFamily("nellie_files_waiting", description, value=report.files_waiting)


def _gauge(name: str, description: str, label: str, values: Mapping[str, float]) -> Metric:
    gauge = GaugeMetricFamily(name, description, labels=[label])
    for key, value in values.items():
        gauge.add_metric([key], float(value))
    return gauge


def _counted_metrics() -> Iterator[Metric]:
    """What bot.telemetry.metrics has counted."""
    for counter in metrics.COUNTERS:
        family = CounterMetricFamily(counter.name, counter.description, labels=counter.labels)
        for labels, value in counter.values.items():
            family.add_metric(labels, value)
        yield family
    yield from map(_durations, metrics.HISTOGRAMS)


def _durations(times: metrics.Histogram) -> Metric:
    family = HistogramMetricFamily(times.name, times.description, labels=[times.label])
    bounds = [*map(str, metrics.BUCKETS), "+Inf"]
    for label, counts in times.counts.items():
        buckets = list(zip(bounds, accumulate(counts), strict=True))
        family.add_metric([label], buckets, times.sums[label])
    return family
