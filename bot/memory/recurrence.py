"""When a scheduled digest is due: every day or every week, in a time zone."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from bot.domain.errors import CommandError

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FORM = re.compile(
    rf"(?:daily|weekly (?P<day>{'|'.join(DAYS)})) (?P<hour>\d\d?):(?P<minute>\d\d)"
    r"(?: (?P<zone>\S+))?",
    re.IGNORECASE,
)

SHOWN = 40  # characters of an unknown time zone that the error quotes


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Daily, or weekly on a day (Monday is 0), at a time in a time zone."""

    day: int | None
    at: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str, command: str = "/digest") -> "Recurrence":
        """As in "daily 09:00 Europe/Berlin" or "weekly monday 09:00".

        Raises CommandError, with examples of the command.
        """
        match = _FORM.fullmatch(" ".join(text.split()))
        if not match:
            raise CommandError(
                reason=f"When? For example {command} daily 09:00, or {command} weekly monday"
                f" 09:00 Europe/Berlin, or {command} off."
            )
        try:
            at = time(int(match["hour"]), int(match["minute"]))
        except ValueError:  # an hour of 25
            raise CommandError(reason="I know hours from 00:00 to 23:59.") from None
        try:
            zone = _find_zone(match["zone"] or "UTC")
        except (ValueError, OSError, KeyError):
            raise CommandError(
                reason=f"I know no time zone {match['zone'][:SHOWN]}, but places like"
                " Europe/Berlin, and UTC."
            ) from None
        day = DAYS.index(match["day"].lower()) if match["day"] else None
        return cls(day, at, zone)

    def __str__(self) -> str:
        frequency = "daily" if self.day is None else f"weekly {DAYS[self.day]}"
        return f"{frequency} {self.at:%H:%M} {self.zone.key}"

    @property
    def period(self) -> timedelta:
        """The longest time that one digest is about."""
        return timedelta(days=1 if self.day is None else 7)

    def next_after(self, moment: datetime) -> datetime:
        """The first time after a moment, in UTC.

        A time that the clock jumps over in spring comes an hour later. A time that the clock shows
        twice in autumn counts once, the first time.
        """
        today = moment.astimezone(self.zone).date()
        for ahead in range(-1, 9):
            day = today + timedelta(days=ahead)
            due = datetime.combine(day, self.at, self.zone).astimezone(UTC)
            if due > moment and self.day in (None, day.weekday()):
                return due
        raise AssertionError("every week has all its days")


def describe_next(rhythm: str, next_at: datetime) -> str:
    """ "daily 09:00 Europe/Berlin, next at 2026-11-20 09:00 Europe/Berlin".

    In UTC, where its time zone is not known any more.
    """
    try:
        zone = Recurrence.parse(rhythm).zone
    except CommandError:
        zone = ZoneInfo("UTC")
    return f"{rhythm}, next at {next_at.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"


def _find_zone(name: str) -> ZoneInfo:
    """The time zone of a name, in capitals or not. Raises what zoneinfo raises."""
    if name.upper() in {"Z", "UTC", "GMT"}:
        return ZoneInfo("UTC")
    try:
        return ZoneInfo(name)
    except KeyError:
        known = {zone.casefold(): zone for zone in available_timezones()}
        return ZoneInfo(known[name.casefold()])
