"""The time zone of this machine, as its clock shows it."""

import os
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

_FILE = "/etc/localtime"


def local_zone() -> tzinfo:
    """By name or by its file, with summer and winter; else as far from UTC as it is now."""
    try:
        if name := os.environ.get("TZ", "").lstrip(":"):
            return ZoneInfo(name)
        with open(_FILE, "rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError, KeyError):  # of Windows, say, or a zone without a name
        return datetime.now().astimezone().tzinfo or UTC
