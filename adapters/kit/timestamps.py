"""A platform's number of seconds -> a time in words, the same on every platform."""

from datetime import UTC, datetime
from typing import Any


def format_timestamp(seconds: Any, shown: str = "%Y-%m-%d %H:%M UTC") -> str:
    """The time in UTC, as `shown` has it; "" for what is no time."""
    try:
        return format(datetime.fromtimestamp(int(seconds), UTC), shown)
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
