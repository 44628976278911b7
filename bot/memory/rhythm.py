"""When a digest is due: every day or every week, by the clock of a place."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import CommandError

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FORM = re.compile(
    rf"(?:daily|weekly (?P<day>{'|'.join(DAYS)})) (?P<hour>\d\d?):(?P<minute>\d\d)"
    r"(?: (?P<zone>\S+))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Daily, or weekly on a day (Monday is 0), at a time of a place."""

    day: int | None
    at: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str) -> "Rhythm":
        """As in "daily 09:00 Europe/Berlin" or "weekly monday 09:00". Raises CommandError."""
        found = _FORM.fullmatch(" ".join(text.split()))
        if not found:
            raise CommandError(
                reason="When? For example /digest daily 09:00, or /digest weekly monday 09:00"
                " Europe/Berlin, or /digest off."
            )
        try:
            at = time(int(found["hour"]), int(found["minute"]))
            zone = ZoneInfo(found["zone"] or "UTC")
        except (ValueError, OSError, KeyError):  # an hour of 25, or a place nobody has heard of
            raise CommandError(
                reason="I know hours from 00:00 to 23:59 and places like Europe/Berlin or UTC."
            ) from None
        return cls(DAYS.index(found["day"].lower()) if found["day"] else None, at, zone)

    def __str__(self) -> str:
        often = "daily" if self.day is None else f"weekly {DAYS[self.day]}"
        return f"{often} {self.at:%H:%M} {self.zone.key}"

    @property
    def period(self) -> timedelta:
        """What one digest tells of, at the most."""
        return timedelta(days=1 if self.day is None else 7)

    def after(self, moment: datetime) -> datetime:
        """The first time after a moment, in UTC.

        A time that the clock jumps over in spring comes an hour later; one that it shows twice in
        autumn counts the first time alone.
        """
        today = moment.astimezone(self.zone).date()
        for ahead in range(-1, 9):
            day = today + timedelta(days=ahead)
            due = datetime.combine(day, self.at, self.zone).astimezone(UTC)
            if due > moment and self.day in (None, day.weekday()):
                return due
        raise AssertionError("every week has all its days")
