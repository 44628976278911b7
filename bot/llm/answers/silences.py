"""A stream whose silences are told: what is held back can be shown while nothing comes."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import TypeVar

Item = TypeVar("Item")


async def telling_silences(
    items: AsyncGenerator[Item], seconds: float
) -> AsyncGenerator[Item | None]:
    """The items, and one None in each silence that is longer than this."""
    try:
        while True:
            following = asyncio.ensure_future(anext(items))
            try:
                done, _ = await asyncio.wait({following}, timeout=seconds)
                if not done:
                    yield None
                yield await following
            except StopAsyncIteration:
                return
            finally:
                if not following.done():
                    following.cancel()
                    with suppress(asyncio.CancelledError, StopAsyncIteration):
                        await following
    finally:
        await items.aclose()
