"""Slack's times: a ts is the id of a message, and says when it was posted. Pure."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

_TS = re.compile(r"(\d{1,11})\.(\d{1,6})", re.ASCII)


def parse_ts(ts: str) -> datetime:
    """The time of a ts. Raises ValueError."""
    found = _TS.fullmatch(ts)
    if not found:
        raise ValueError(f"its ts is not a time ({ts[:40]})")
    seconds, fraction = found.groups()
    return datetime.fromtimestamp(int(seconds), UTC) + timedelta(
        microseconds=int(fraction.ljust(6, "0"))
    )


def format_ts(at: datetime) -> str:
    """A time as Slack writes it."""
    return f"{at.timestamp():.6f}"


def edit_time(message: Mapping[str, Any]) -> datetime | None:
    """When a message was edited last, to the second; None where Slack does not say."""
    with suppress(AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError):
        return parse_ts(message["edited"]["ts"])
    return None


def change_time(event: Mapping[str, Any]) -> datetime | None:
    """When a message was changed, by the event: to the second, as Slack has the time of edits."""
    with suppress(KeyError, TypeError, ValueError, OverflowError, OSError):
        return parse_ts(event["ts"]).replace(microsecond=0)
    return None
