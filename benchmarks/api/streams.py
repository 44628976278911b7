"""Many streams at once: does any of them stall, and for how long, beside the direct run."""

import asyncio
from contextlib import AsyncExitStack

from benchmarks.api.caller import Answered, Caller, Target
from benchmarks.api.upstream import Wish


async def measure(
    target: Target, *, streams: int, chunks: int, interval: float
) -> dict[str, float]:
    """The largest gap between two pieces of any stream, and what was lost."""
    async with AsyncExitStack() as stack:
        callers = [await stack.enter_async_context(Caller(target)) for _ in range(streams)]
        ended = await asyncio.gather(
            *(
                _one(caller, Wish(chunks=chunks, interval=interval, salt=f"stream {number}"))
                for number, caller in enumerate(callers)
            )
        )
    gaps = sorted(one.longest_gap for one in ended)
    whole = sum(one.body.count(b'"content"') == chunks for one in ended)
    return {
        "longest_gap_ms": round(gaps[-1], 1),
        "median_longest_gap_ms": round(gaps[len(gaps) // 2], 1),
        "stall_ms": round(gaps[-1] - interval * 1_000, 1),
        "slowest_first_ms": round(max(one.first for one in ended), 1),
        "broken": streams - whole,
    }


async def _one(caller: Caller, wish: Wish) -> Answered:
    answered = await caller.chat(wish, stream=True)
    assert answered.status == 200, answered.body
    return answered
