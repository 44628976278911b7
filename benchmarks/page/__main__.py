"""python -m benchmarks.page [--quick] [--keep FOLDER]: the last line is JSON.

What each page takes over a million messages and a hundred thousand questions: cold (the first
look, seconds after a start), warm, and beside a bare page with one SELECT. What the first page
weighs, what the process does, and when a browser paints.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.api.endpoint import free_port, running
from benchmarks.page import memory, painting
from benchmarks.page.browsing import Browser, anybody, percentiles, read_again_and_again, signed_in
from benchmarks.page.filling import Size, fill_memory
from benchmarks.sample_messages import QUESTIONS
from bot.config.settings import load
from bot.domain.page import TERMINAL
from bot.store import open_database
from bot.store.database import Database
from bot.store.page_sessions import Person

FULL = Size(messages=1_000_000, channels=200, large=5, empty=10_000)
QUICK = Size(messages=20_000, channels=20, large=2, empty=200)
SETTLED = 3.0  # seconds after a start, when templates are compiled
STARTS, QUICK_STARTS = 5, 2  # of the process, each with a first look at every page
LOOKS, QUICK_LOOKS = 40, 5  # at each page, once it is warm
OPERATOR = Person(platform=TERMINAL, workspace="you", person_id="you", name="you")
MEMBER = Person(platform="bench", workspace="", person_id="ana", name="Ana")  # of 10,000 channels
THEIRS = "SELECT id, seq FROM channel WHERE platform = 'console' ORDER BY seq, id"

Paths = Mapping[str, Sequence[str]]


async def run(size: Size, folder: Path, starts: int, looks: int) -> dict[str, Any]:
    """All figures; times in milliseconds."""
    settings = load(home=folder, DATABASE_URL=None)
    async with open_database.migrated_database(settings, for_long=True) as database:
        if not await _rows(database, THEIRS):
            began = time.monotonic()
            await fill_memory(database, size)
            print(f"filled {size.messages:,} messages in {time.monotonic() - began:.0f} s")
        theirs, members = (
            await _paths(database),
            {
                "10,000 channels": ["/channels", "/channels?page=50"],
                "one of 10,000": ["/channels?q=%D1%80%D0%B0%D0%B7", "/channels?q=launch-9"],
                "overview of 10,000": ["/"],
                "questions of 10,000": ["/turns"],
            },
        )
        cold: dict[str, list[float]] = {}
        for number in range(starts):
            async with _page(database) as (browser, member):
                await asyncio.sleep(SETTLED)
                for name, took in (await _first_looks(browser, theirs, number)).items():
                    cold.setdefault(name, []).append(took)
                for name, took in (await _first_looks(member, members, number)).items():
                    cold.setdefault(name, []).append(took)
        async with _page(database) as (browser, member):
            weight = await browser.weigh("/")
            warm = {
                **await read_again_and_again(browser, theirs, looks),
                **await read_again_and_again(member, members, looks),
            }
            painted = await painting.first_paint(browser)
        bare = percentiles(await _bare(database, theirs["memory of the largest"][0], looks))
        weighed = await memory.measure(database, OPERATOR, theirs)
    return {
        "messages": size.messages,
        "pages": _by_page(cold, warm),
        "slowest_p95_ms": max(percentiles(times)[1] for times in warm.values()),
        "slowest_cold_ms": round(max(map(max, cold.values())), 1),
        "bare_page_p50_ms": bare[0],
        "memory_page_to_bare": round(percentiles(warm["memory of the largest"])[0] / bare[0], 1),
        **{f"first_page_{name}": value for name, value in weight.items()},
        "first_paint_ms": painted,
        **weighed,
    }


def _by_page(
    cold: Mapping[str, Sequence[float]], warm: Mapping[str, Sequence[float]]
) -> Mapping[str, Mapping[str, float]]:
    figures = {}
    for name, times in warm.items():
        p50, p95 = percentiles(times)
        worst = round(max(cold[name]), 1)
        print(f"{name:24} p50 {p50:7.1f}  p95 {p95:7.1f}  cold {worst:7.1f} ms")
        figures[name] = {"p50_ms": p50, "p95_ms": p95, "cold_ms": worst}
    return figures


async def _first_looks(browser: Browser, paths: Paths, start: int) -> Mapping[str, float]:
    """At every page once; which one comes first, and finds nothing loaded, goes round."""
    names = list(paths)
    first = start * len(names) // STARTS % len(names)
    order = [*names[first:], *names[:first]]
    return {name: await browser.took(paths[name][start % len(paths[name])]) for name in order}


async def _paths(database: Database) -> Paths:
    """By name, the addresses that are looked at."""
    chance = random.Random(3)
    (small, _), *_, (large, most) = await _rows(database, THEIRS)
    [(turns,)] = await _rows(database, "SELECT max(id) FROM turn")
    deep = [chance.randrange(most // 10, most) for _ in range(LOOKS)]
    asked = [chance.randrange(1, turns - 20) for _ in range(LOOKS)]
    words = [question.replace(" ", "+").replace("?", "") for question in QUESTIONS]
    here = f"/channels/{large}"
    return {
        "overview": ["/"],
        "overview of all": ["/?all=1"],
        "90 days": ["/?days=90"],
        "90 days of all": ["/?all=1&days=90"],
        "now": ["/now"],
        "now of all": ["/now?all=1"],
        "channels": ["/channels"],
        "memory of a small one": [f"/channels/{small}"],
        "memory of the largest": [here],
        "deep in the timeline": [f"{here}?before={seq}" for seq in deep],
        "around a message": [f"{here}/messages/{seq}" for seq in deep],
        "search": [f"{here}/search?q={one}" for one in words],
        "questions": ["/turns"],
        "questions of one": [f"{here}/turns"],
        "questions of a small one": [f"/channels/{small}/turns"],
        "questions, deep": [f"/turns?before={one}" for one in asked],
        "why": [f"/turns/{one}" for one in asked],
        "settings": [f"{here}/settings"],
        "documents": [f"{here}/documents"],
        "changes": ["/changes"],
        "people and keys": ["/team"],
        "models": ["/models"],
        "tools": ["/tools"],
        "limits": ["/limits"],
        "doctor": ["/doctor"],
        "you": ["/you"],
    }


@asynccontextmanager
async def _page(database: Database) -> AsyncIterator[tuple[Browser, Browser]]:
    """The page in a process that has just started: for the operator, and for a member."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "benchmarks.page.serving", database.url, str(port)]
    async with (
        running(command, f"{url}/healthz", {}),
        signed_in(database, url, OPERATOR) as browser,
        signed_in(database, url, MEMBER) as member,
    ):
        yield browser, member


async def _bare(database: Database, path: str, looks: int) -> Sequence[float]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "benchmarks.page.baseline", database.url, str(port)]
    async with running(command, url + path, {}), anybody(url) as browser:
        return (await read_again_and_again(browser, {"": [path]}, looks))[""]


async def _rows(database: Database, statement: str) -> Sequence[Any]:
    async with database.autocommit() as connection:
        return (await connection.execute(sa.text(statement))).all()


def main() -> None:
    """The figures of one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything")
    parser.add_argument("--keep", type=Path, help="a folder: what is filled there is used again")
    parser.add_argument("--starts", type=int)
    parser.add_argument("--looks", type=int)
    args = parser.parse_args()
    quick = args.quick
    starts = args.starts or (QUICK_STARTS if quick else STARTS)
    looks = args.looks or (QUICK_LOOKS if quick else LOOKS)
    with tempfile.TemporaryDirectory(prefix="nellie-bench-") as thrown_away:
        Path(thrown_away).chmod(0o755)
        folder = (args.keep or Path(thrown_away)) / "home"
        print(json.dumps(asyncio.run(run(QUICK if quick else FULL, folder, starts, looks))))


if __name__ == "__main__":
    main()
