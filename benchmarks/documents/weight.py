"""python -m benchmarks.documents.weight FILE: what reading one file takes; the last line is JSON.

It is a program of its own, so that no other process counts among its children.
"""

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bot.documents.process import child_command, read_in_process

ROUNDS = 5
# The system counts what a process was before it became another one, so a small one starts it;
# in a session of its own, where nobody ends it before it has told.
_WEIGHED = """
import os, sys
if os.fork():
    os.wait()
else:
    os.setsid()
    child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
    most = os.wait4(child, 0)[2].ru_maxrss
    with open(sys.argv[1], "w") as file:
        file.write(str(most))
"""
MANY = 50
AT_A_TIME = 2


async def weigh(path: Path) -> dict[str, float]:
    """Seconds and MB; of our own process, what it grows by while many are read."""
    with tempfile.NamedTemporaryFile(suffix=".txt") as note:
        note.write(b"Ropes are checked weekly.")
        note.flush()
        start, start_mb = await _time(Path(note.name)), await _weigh(Path(note.name))
    seconds, mb = await _time(path), await _weigh(path)
    document = await read_in_process(path, path.name)
    before = _in_mb(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    await _read_many(path)
    after = _in_mb(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return {
        "start_ms": round(start * 1_000),
        "start_mb": round(start_mb, 1),
        "pages": document.pages,
        "seconds": round(seconds, 2),
        "mb": round(mb, 1),
        "our_own_growth_mb": round(after - before, 1),
    }


async def _weigh(path: Path) -> float:
    """The most that the process had in memory at once, in MB."""
    with tempfile.NamedTemporaryFile("r") as noted:

        def command(order: str) -> Sequence[str]:
            return (sys.executable, "-c", _WEIGHED, noted.name, *child_command(order))

        await read_in_process(path, path.name, command=command)
        for _ in range(100):  # the answer is there a little before its process has ended
            if text := noted.read():
                break
            await asyncio.sleep(0.02)
        return _in_mb(int(text))


async def _time(path: Path) -> float:
    """The least of some rounds."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await read_in_process(path, path.name)
        times.append(time.perf_counter() - started)
    return min(times)


async def _read_many(path: Path) -> None:
    """As a queue does."""
    room = asyncio.Semaphore(AT_A_TIME)

    async def read() -> None:
        async with room:
            await read_in_process(path, path.name)

    await asyncio.gather(*(read() for _ in range(MANY)))


def _in_mb(told: int) -> float:
    return told / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(weigh(Path(sys.argv[1])))))
