"""How long `nellie` takes to begin: its help, and `nellie run` until a platform hears it.

The database is up and migrated. Beside each other, so that a slow machine is not taken for a slow
Nellie: Python alone, and the three large libraries without Nellie.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.loopback_platform import LoopbackPlatform, loopback_platform
from benchmarks.nellie_process import MODEL, NELLIE, environ, nellie_process, resident, used_cpu
from benchmarks.sample_channels import temporary

ROUNDS, QUICK_ROUNDS = 15, 3
PYTHON = (sys.executable, "-c", "pass")
LIBRARIES = (sys.executable, "-c", "import discord, slack_bolt, sqlalchemy")


@dataclass(frozen=True, slots=True)
class Start:
    """One start: seconds on the clock and of computing, with its child processes; megabytes."""

    wall: float
    cpu: float
    rss: float = 0.0


def run_to_end(command: Sequence[str]) -> Start:
    """A command that ends by itself."""
    before, at = os.times(), time.monotonic()
    subprocess.run(command, env=environ({}), stdout=subprocess.DEVNULL, check=True)  # noqa: S603  # our own
    wall, after = time.monotonic() - at, os.times()
    used = (after.children_user, after.children_system)
    return Start(wall, sum(used) - before.children_user - before.children_system)


def run_until_connected(name: str, url: str) -> Start:
    """`nellie run` on a fresh platform of this name, ended once that hears it."""
    with loopback_platform(name) as platform:
        at = time.monotonic()
        with nellie_process({**platform.environ, **MODEL, "DATABASE_URL": url}) as pid:
            asyncio.run(_wait(platform))
            return Start(time.monotonic() - at, used_cpu(pid), resident(pid))


async def _wait(platform: LoopbackPlatform) -> None:
    await platform.wait_until_connected()


async def run(rounds: int) -> dict[str, float]:
    """Medians; each round measures everything once, after one that is not counted."""
    async with temporary() as (_, database):
        url = database.url
        measures: dict[str, Callable[[], Start]] = {
            "python": lambda: run_to_end(PYTHON),
            "libraries": lambda: run_to_end(LIBRARIES),
            "help": lambda: run_to_end((NELLIE, "--help")),
            "slack": lambda: run_until_connected("slack", url),
            "discord": lambda: run_until_connected("discord", url),
        }
        starts: dict[str, list[Start]] = {name: [] for name in measures}
        for number in range(rounds + 1):
            for name, measure in measures.items():
                start = await asyncio.to_thread(measure)
                if number:
                    starts[name].append(start)
    figures: dict[str, float] = {}
    for name, found in starts.items():
        figures[f"{name}_s"] = round(median(one.wall for one in found), 2)
        figures[f"{name}_cpu_s"] = round(median(one.cpu for one in found), 2)
        if rss := median(one.rss for one in found):
            figures[f"{name}_rss_mb"] = round(rss, 1)
    return figures


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(QUICK_ROUNDS if "--quick" in sys.argv else ROUNDS))))
