"""What answers and imports took for a moment is given back to the system, again and again."""

import asyncio
import itertools
import subprocess
import sys

import pytest

from bot.core import jobs
from bot.testing import RunningNellie

HOLES = """
from pathlib import Path
from bot.core.freed_memory import give_back_freed_memory

def megabytes() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024

passing = [bytearray(3_000) for _ in range(20_000)]  # 60 MB, and something stays between them
staying = []
for number in range(0, len(passing), 100):
    passing[number] = None
    staying.append(bytearray(3_000))
passing.clear()
before = megabytes()
give_back_freed_memory()
assert all(len(one) == 3_000 for one in staying)
print(before - megabytes())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc keeps holes")
def test_holes_are_given_back() -> None:
    done = subprocess.run(  # noqa: S603  # our own text, by our own Python
        [sys.executable, "-c", HOLES], capture_output=True, text=True, check=True
    )

    assert float(done.stdout) > 40


async def test_a_replica_does_so_again_and_again(
    nellie: RunningNellie, monkeypatch: pytest.MonkeyPatch
) -> None:
    times, often = itertools.count(1), asyncio.Event()
    monkeypatch.setattr(jobs, "TIDYING", 0.05)
    monkeypatch.setattr(
        jobs, "give_back_freed_memory", lambda: often.set() if next(times) == 3 else None
    )

    running = asyncio.create_task(nellie.parts.jobs.run())

    async with asyncio.timeout(10):
        await often.wait()
    running.cancel()
