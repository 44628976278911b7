"""What an answer, or an event of one, takes in memory; pure."""

from sys import getsizeof
from typing import Any

from bot.domain.api import Written


def weigh(written: Written) -> int:
    """Bytes of it with all that is in it."""
    if isinstance(written, bytes):
        return getsizeof(written)
    weight, pending = 0, list[Any]([written])
    while pending:
        one = pending.pop()
        weight += getsizeof(one)
        if isinstance(one, dict):
            pending += one.keys()
            pending += one.values()
        elif isinstance(one, list | tuple):
            pending += one
    return weight
