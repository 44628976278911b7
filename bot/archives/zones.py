"""Times without a zone: in the one that is given, else in this machine's."""

import time
from datetime import UTC, datetime, tzinfo


def instant(local: datetime, zone: tzinfo | None) -> datetime:
    """The instant of a time without a zone."""
    return local.replace(tzinfo=zone).astimezone(UTC) if zone else local.astimezone(UTC)


def zone_name(zone: tzinfo | None) -> str:
    """How to tell of a zone."""
    return str(zone) if zone else f"this machine's ({'/'.join(dict.fromkeys(time.tzname))})"
