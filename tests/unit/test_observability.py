"""The dashboard and the alerts: every metric, label and file that they name exists."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.telemetry import metrics

INFRA = Path(__file__).parents[2] / "infra"
DASHBOARD = json.loads((INFRA / "grafana" / "dashboards" / "nellie.json").read_text())
ALERTS = yaml.safe_load((INFRA / "prometheus" / "alerts.yml").read_text())["groups"][0]["rules"]
COMPOSE = yaml.safe_load((INFRA.parent / "docker-compose.yml").read_text())
OPERATIONS = (INFRA.parent / "docs" / "operations.md").read_text()
QUERIES = {
    f"{panel['title']} {target['refId']}": target["expr"]
    for panel in DASHBOARD["panels"]
    for target in panel["targets"]
} | {alert["alert"]: alert["expr"] for alert in ALERTS}


def documented() -> dict[str, set[str]]:
    """Every metric of docs/operations.md, with its labels."""
    rows = re.findall(r"^\| `(nellie_\w+)` \| (.*?) \|", OPERATIONS, re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def metrics_in(query: str) -> set[str]:
    """The metrics in a query, a histogram under its own name."""
    return {re.sub("_(bucket|sum|count)$", "", one) for one in re.findall(r"nellie_\w+", query)}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_asks_for_metrics_that_exist(name: str) -> None:
    query, known = QUERIES[name], documented()
    labels = {
        label
        for listed in re.findall(r"by \(([^)]*)\)", query)
        for label in re.findall(r"\w+", listed)
    } | set(re.findall(r'(\w+)="', query))

    assert metrics_in(query) <= set(known)
    assert labels - {"le", "job"} <= set().union(*(known[one] for one in metrics_in(query)))


def test_what_is_counted_is_documented() -> None:
    counted = {f"{one.name}_total": set(one.labels) for one in metrics.COUNTERS}

    assert {name: labels for name, labels in documented().items() if name in counted} == counted


def test_everything_that_is_documented_is_on_the_dashboard() -> None:
    shown = {name for query in QUERIES.values() for name in metrics_in(query)}

    assert shown == set(documented())


def test_every_alert_says_what_to_do() -> None:
    assert all(one["annotations"].get("what_to_do") for one in ALERTS)
    assert all(one["labels"]["severity"] in ("page", "ticket") for one in ALERTS)


def test_what_compose_mounts_is_there() -> None:
    mounts = [
        one.split(":")[0]
        for name in ("prometheus", "grafana")
        for one in COMPOSE["services"][name]["volumes"]
        if one.startswith(".")
    ]

    assert mounts
    assert all((INFRA.parent / one).is_dir() for one in mounts)


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
@pytest.mark.parametrize(
    "check", [("config", "prometheus.yml"), ("rules", "alerts.yml")], ids=lambda check: check[0]
)
def test_prometheus_accepts_it(check: tuple[str, str]) -> None:
    kind, file = check
    command = ["promtool", "check", kind, str(INFRA / "prometheus" / file)]
    done: Any = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # promtool

    assert done.returncode == 0, done.stdout + done.stderr
