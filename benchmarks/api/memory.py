"""Whether a process grows with the calls that it has answered."""

import asyncio
import time
from itertools import count
from typing import Any

from benchmarks.api.caller import Caller, Target
from benchmarks.api.endpoint import Endpoint
from benchmarks.api.upstream import Wish

WORKERS = 16
LOOKS = 10


async def measure(target: Target, endpoint: Endpoint, calls: int) -> dict[str, Any]:
    """Megabytes after the first tenth of the calls and after all; and calls a second."""
    numbers, sizes = count(), list[float]()
    each = calls // LOOKS
    began = time.monotonic()
    for _ in range(LOOKS):
        await asyncio.gather(*(_work(target, numbers, each // WORKERS) for _ in range(WORKERS)))
        sizes.append(endpoint.memory_mb)
    took = time.monotonic() - began
    print("megabytes:", *(f"{one:.1f}" for one in sizes))
    return {
        "memory_calls": next(numbers),
        "memory_mb_at_a_tenth": round(sizes[0], 1),
        "memory_mb_at_the_end": round(sizes[-1], 1),
        "memory_growth_mb": round(sizes[-1] - sizes[0], 1),
        "calls_per_s": round(calls / took),
    }


async def _work(target: Target, numbers: "count[int]", calls: int) -> None:
    async with Caller(target) as caller:
        for _ in range(calls):
            number = next(numbers)
            answered = await caller.chat(Wish(salt=f"many {number}"), stream=number % 2 == 0)
            assert answered.status == 200, answered.body
