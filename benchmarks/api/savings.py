"""Equal calls, kept answers, and the edge of a budget, counted at the upstream."""

import asyncio
from contextlib import AsyncExitStack
from statistics import median
from typing import Any

from benchmarks.api.caller import Answered, Caller, Target
from benchmarks.api.upstream import Upstream, Wish

AT_ONCE = 50
SLOW = 0.3  # seconds of a call, so that all of them are under way together
DAILY = 1_000_000_000  # tokens of a person
EACH = 2_000  # tokens that a call at the edge uses
LEFT = 10 * EACH  # of the budget at the edge


async def equal_calls(target: Target, upstream: Upstream) -> dict[str, Any]:
    """The same call so often at once, and how many reach the upstream."""
    wish = Wish(delay=SLOW, salt="equal")
    upstream.seen()
    whole = await at_once(target, [wish] * AT_ONCE)
    calls = upstream.seen().calls
    streamed = await at_once(target, [wish] * AT_ONCE, stream=True)
    return {
        "equal_calls": AT_ONCE,
        "equal_calls_upstream": calls,
        "equal_streams_upstream": upstream.seen().calls,
        "equal_calls_answered": sum(one.status == 200 for one in (*whole, *streamed)) // 2,
        "saved_header": sorted({one.headers.get("x-nellie-saved", "") for one in whole}),
    }


async def kept_answers(target: Target, upstream: Upstream) -> dict[str, Any]:
    """The same call again and again, at temperature 0, and what a hit takes."""
    async with Caller(target) as caller:
        upstream.seen()
        found = [
            await caller.chat(Wish(salt="kept"), temperature=0, seed=1) for _ in range(AT_ONCE)
        ]
    hits = [one for one in found if one.headers.get("x-nellie-saved") == "cache"]
    return {
        "cache_hits": len(hits),
        "cache_of": len(found),
        "cache_upstream": upstream.seen().calls,
        "cache_hit_p50_ms": round(median(one.took for one in hits), 2) if hits else None,
    }


async def budget_edge(target: Target, upstream: Upstream) -> dict[str, Any]:
    """So many calls at once where a budget has room for ten: how far it is overshot."""
    async with Caller(target) as caller:
        spent = await caller.chat(Wish(tokens=DAILY - LEFT - 3, salt="spend"), max_tokens=3)
        assert spent.status == 200, spent.body
    upstream.seen()
    wishes = [Wish(delay=SLOW, tokens=EACH - 3, salt=f"edge {number}") for number in range(AT_ONCE)]
    ended = await at_once(target, wishes, max_tokens=EACH)
    made = upstream.seen().calls
    refused = [one for one in ended if one.status == 429]
    return {
        "edge_calls": AT_ONCE,
        "edge_room": LEFT // EACH,
        "edge_upstream": made,
        "edge_refused": len(refused),
        "edge_overshoot_calls": max(0.0, round((made * EACH - LEFT) / EACH, 2)),
        "edge_told_not_to_retry": sum(
            one.headers.get("x-should-retry") == "false" for one in refused
        ),
    }


async def at_once(target: Target, wishes: list[Wish], **given: Any) -> list[Answered]:
    """Each on a connection of its own, all at the same time."""
    async with AsyncExitStack() as stack:
        callers = [await stack.enter_async_context(Caller(target)) for _ in wishes]
        return await asyncio.gather(
            *(caller.chat(wish, **given) for caller, wish in zip(callers, wishes, strict=True))
        )
