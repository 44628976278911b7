"""Acknowledge an interaction when its work is done, or after a moment, whichever comes first."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

ACKNOWLEDGE_AFTER = 1.5  # seconds; Slack and Discord show an error to the person after 3

T = TypeVar("T")


async def run_and_acknowledge(
    work: Awaitable[T],
    acknowledge: Callable[[], Awaitable[object]],
    *,
    only_if_late: bool = False,
) -> T:
    """Do the work, and acknowledge once it has ended or ACKNOWLEDGE_AFTER has passed.

    `only_if_late`: work that ends in time is not acknowledged here, because its reply does that.
    Returns what the work returns, and raises what it raises, after the acknowledgement.
    """
    task = asyncio.ensure_future(work)
    await asyncio.wait({task}, timeout=ACKNOWLEDGE_AFTER)
    if not (only_if_late and task.done()):
        await acknowledge()
    return await task
