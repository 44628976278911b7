"""A stream whose silences are told: what is held back can be shown while nothing comes."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from math import inf
from typing import TypeVar

SILENCE = 1.0  # seconds without a sign, after which what is held back is shown after all

Item = TypeVar("Item")
_Heard = tuple[Item, None] | tuple[None, Exception | None]
"""An item, or the end with the error that there may have been."""


async def telling_silences(
    items: AsyncIterator[Item], seconds: float, patience: float = inf
) -> AsyncGenerator[Item | None, None]:
    """The items, and one None in each silence that is longer than this. Closes them at its end.

    Another None comes once patience is over, which is for the whole.

    One task reads them from first to last: what was opened in one task, some libraries insist, is
    closed in it.
    """
    heard = asyncio.Queue[_Heard[Item]](1)
    reading = asyncio.create_task(_hand_on(items, heard))
    now = asyncio.get_running_loop().time
    until = now() + patience
    try:
        while True:
            if now() > until:
                until = inf
                yield None
            try:
                async with asyncio.timeout(seconds):
                    item, error = await heard.get()
            except TimeoutError:
                yield None
                continue
            if error:
                raise error
            if item is None:
                return
            yield item
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading


async def _hand_on(items: AsyncIterator[Item], heard: "asyncio.Queue[_Heard[Item]]") -> None:
    end = None
    try:
        async with closing_at_once(items):
            async for item in items:
                await heard.put((item, None))
    except Exception as error:  # for whoever listens
        end = error
    await heard.put((None, end))


@asynccontextmanager
async def closing_at_once(stream: AsyncIterator[Item]) -> AsyncIterator[AsyncIterator[Item]]:
    """Not every iterator of a plugin's model can be closed."""
    try:
        yield stream
    finally:
        if close := getattr(stream, "aclose", None):
            await close()
