"""Repeat a step while the database is away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.domain.errors import DatabaseUnavailable

PAUSE = 0.5  # seconds between two attempts

T = TypeVar("T")


def _ignore(error: DatabaseUnavailable) -> None:
    """Nobody wants to know."""


async def retry_while_database_is_away(
    step: Callable[[], Awaitable[T]],
    *,
    pause: float = PAUSE,
    on_lost: Callable[[DatabaseUnavailable], object] = _ignore,
    on_recovered: Callable[[], object] = lambda: None,
) -> T:
    """The step's result. A step that raises DatabaseUnavailable is repeated after a pause.

    `on_lost` is called at the first failure, `on_recovered` when the step succeeds after one.
    Raises what else the step raises.
    """
    lost = False
    while True:
        try:
            result = await step()
        except DatabaseUnavailable as error:
            if not lost:
                lost = True
                on_lost(error)
            await asyncio.sleep(pause)
        else:
            if lost:
                on_recovered()
            return result
