"""Where a person's days begin, as Slack tells of them. Pure."""

from collections.abc import Mapping
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

_FARTHEST = 86_400  # seconds from UTC; no zone is as far away


def zone_of(user: Mapping[str, Any]) -> tzinfo:
    """By the name of the zone, else by its distance; UTC where neither says anything."""
    name, offset = user.get("tz"), user.get("tz_offset")
    if isinstance(name, str) and name:
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, KeyError):  # no zone has that name, or no name is like it
            pass
    if isinstance(offset, int) and offset and abs(offset) < _FARTHEST:
        return timezone(timedelta(seconds=offset))
    return UTC
