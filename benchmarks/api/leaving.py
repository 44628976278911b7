"""A client that leaves: how long its call goes on upstream."""

import asyncio
import time

from benchmarks.api.caller import Caller, Target
from benchmarks.api.upstream import Upstream, Wish

PATIENCE = 5.0  # seconds after which it counts as never
SLOW = 20.0  # seconds that nobody waits for


async def measure(target: Target, upstream: Upstream) -> dict[str, float | None]:
    """Milliseconds from the client's end to the moment when the upstream sees it."""
    before, after = Wish(delay=SLOW), Wish(chunks=400, interval=SLOW / 400)
    return {
        "left_before_whole_ms": await _leave(target, upstream, before, stream=False),
        "left_before_first_token_ms": await _leave(target, upstream, before, stream=True),
        "left_after_first_token_ms": await _leave(target, upstream, after, stream=True),
    }


async def _leave(target: Target, upstream: Upstream, wish: Wish, *, stream: bool) -> float | None:
    """The slowest of five."""
    times = []
    for number in range(5):
        salt = f"left {wish.delay} {stream} {number}"
        wished = Wish(delay=wish.delay, chunks=wish.chunks, interval=wish.interval, salt=salt)
        upstream.seen()
        async with Caller(target) as caller:
            answered = caller.send(wished, stream=stream)
            if wish.delay:
                await _until_called(upstream)
            else:
                await caller.first_piece(answered)
            caller.leave()
            left = time.monotonic()
        closed = await _closed(upstream, salt)
        if closed is None:
            return None
        times.append((closed - left) * 1_000)
    return round(max(times), 1)


async def _until_called(upstream: Upstream) -> None:
    while not upstream.seen().calls:  # noqa: ASYNC110  # another process
        await asyncio.sleep(0.01)


async def _closed(upstream: Upstream, salt: str) -> float | None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := upstream.seen().closed.get(salt):
            return found
        await asyncio.sleep(0.01)
    return None
