"""IRC logs: irssi, WeeChat, ZNC, mIRC, HexChat's dates, and Ubuntu's (irclogs.ubuntu.com)."""

import re
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

from adapters.irc.shapes import Day, Noticed, Said, parse_date, parse_line, parse_zone
from bot.archives.by_files import FileArchive, own_channel
from bot.archives.made_ids import MadeIds
from bot.archives.reading import (
    WITHOUT_TEXT,
    ArchiveIterator,
    Skipped,
    open_archive,
    parse_lines,
    read_lines,
)
from bot.archives.recognizing import Head
from bot.archives.zones import instant
from bot.domain.errors import ArchiveError
from bot.domain.model import Author, Channel, Message
from bot.text.json_fields import replace_unstorable

_DATED = "put its date into its name, for example 2005-06-27-#ubuntu.txt"
_LOOKED_AT = 1_000  # lines, among which one must be of this format
_KNOWN = 0.3  # of the lines that are looked at to recognize a log
_DERIVED = (".annotation.txt", ".ascii.txt", ".tok.txt")
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?(\d\d)[-_.]?(\d\d)(?!\d)", re.ASCII)
_CHANNEL = re.compile(r"[#&]+[^\s,/#&]+")
_ENDINGS = re.compile(r"(?:\.(?:txt|log|weechatlog|raw|\d+))+\Z|[_.\- ]+\Z", re.IGNORECASE)
_UBUNTU = re.compile(r"\[\d\d:\d\d\] |=== ")


class IrcLog(FileArchive):
    """A log, or a folder of them in the order of their names; read line by line."""

    expected = "expected an IRC log with lines like [09:19] <nick> text"

    def fits(self, head: Head) -> bool:
        if head.path.name.lower().endswith(_DERIVED):
            return False
        lines = [line for line in head.lines if line.strip()][:_LOOKED_AT]
        parsed = [known for line in lines if (known := parse_line(line.lstrip("\ufeff")))]
        told = any(isinstance(one, Said | Day) for one in parsed) or any(
            isinstance(one, Noticed) and one.kind == "joins" for one in parsed
        )
        return told and len(parsed) >= _KNOWN * len(lines)

    def channels_of(self, file: Path) -> Sequence[Channel]:
        return [own_channel(channel_name(file))]

    def read_file(self, file: Path, chosen: Collection[Channel]) -> ArchiveIterator:
        [channel] = chosen
        with open_archive(file, self.expected) as stream:
            head = [_text(raw) for raw in islice(read_lines(stream), _LOOKED_AT)]
            log = _Log(channel, self, file, head)
            stream.seek(0)
            yield from parse_lines(file, stream, log.message, self.skipped)


UbuntuLog = IrcLog  # what it was called when Ubuntu's were the only ones


def channel_name(file: Path) -> str:
    """#ubuntu of 2005-06-27-#ubuntu.txt or of #ubuntu/2005-06-27.log; else what is no date."""
    for name in (file.name, file.parent.name):
        if found := _CHANNEL.search(_without_ending(name)):
            return _without_ending(_DATE.sub("", found[0])).lstrip("#&")
    rest = _without_ending(_DATE.sub("", _without_ending(file.name))).strip("_.- ")
    return rest or file.parent.name or "irc"


def _without_ending(name: str) -> str:
    while (shorter := _ENDINGS.sub("", name)) != name:
        name = shorter
    return name


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return replace_unstorable(text.rstrip("\r\n"))


def _day_of(name: str) -> date | None:
    found = _DATE.search(name)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


class _Clock:
    """A log's times of day as times: where they go back, a night has passed."""

    def __init__(self, day: date | None, *, twelve_hours: bool) -> None:
        self.set_back = 0
        """How often it was set back a little: then the same minute comes again."""
        self._base = datetime.combine(day, time()) if day else None
        self._last = timedelta()
        self._may_have_twelve_hours = self._twelve_hours = twelve_hours

    def begin(self, day: date) -> None:
        """The log says that this day begins."""
        self._base, self._last = datetime.combine(day, time()), timedelta()
        self.set_back = 0

    def go_to(self, day: str) -> None:
        """The line says its day, as in "Mar 01": of this year, or of the next after a winter."""
        if self._base is None:
            return
        found = parse_date(f"{day} {self._base.year}")
        if found and found < self._base.date() - timedelta(days=180):
            found = parse_date(f"{day} {self._base.year + 1}")
        if found and found != self._base.date():
            self.begin(found)

    def read(self, clock: str) -> datetime:
        """The time of a line, without a zone. Raises ValueError before any day is known."""
        if self._base is None:
            raise ValueError("neither the lines before it nor the file's name say its day")
        now = time.fromisoformat(clock)
        # Until 2007 the logs had a clock of twelve hours without am and pm: 1:00 follows 12:59.
        self._twelve_hours = self._twelve_hours and 1 <= now.hour <= 12
        time_of_day = timedelta(hours=now.hour, minutes=now.minute, seconds=now.second)
        back = self._last - time_of_day
        if back > timedelta(hours=1):
            self._base += timedelta(hours=12 if self._twelve_hours else 24)
        elif back > timedelta():
            self.set_back += 1
        self._last = time_of_day
        return self._base + time_of_day


class _Log:
    """One file's lines as messages. Some depend on the lines before them."""

    def __init__(self, channel: Channel, archive: IrcLog, file: Path, head: Sequence[str]) -> None:
        parsed = [found for line in head if (found := parse_line(line))]
        if not parsed:
            raise ArchiveError(path=file, reason=f"it is something else; {archive.expected}")
        days = [one for one in parsed if isinstance(one, Day)]
        day = _day_of(file.name)
        if not (day or days or any(isinstance(one, Said) and one.stamp.date for one in parsed)):
            raise ArchiveError(path=file, reason=f"its name has no date; {_DATED}")
        self._channel = channel
        in_utc = not days and any(map(_UBUNTU.match, head))
        self._zone = archive.zoned(UTC if in_utc else None)
        self._clock = _Clock(day, twelve_hours=not days)
        self._ids = MadeIds()

    def message(self, raw: bytes) -> Message | Skipped | None:
        line = _text(raw)
        if not line.strip():
            return None
        found = parse_line(line)
        if isinstance(found, Day):
            if found.day:
                self._clock.begin(found.day)
            return None
        if isinstance(found, Noticed):
            return Skipped(found.kind)
        if found is None:
            raise ValueError("the line is neither [09:19] <nick> text nor a notice (===)")
        return self._said(found)

    def _said(self, said: Said) -> Message | Skipped:
        local = self._time(said)
        if not said.text:
            return WITHOUT_TEXT
        # The zone is no part of the id: with another one, the same history comes in once.
        moment = f"{local.replace(tzinfo=UTC).isoformat()} {self._clock.set_back}"
        id_ = self._ids.make(moment, said.nick, said.text)
        zoned = parse_zone(said.stamp.zone)
        at = instant(local, zoned.tzinfo if zoned else self._zone)
        return Message(self._channel, id_, Author(said.nick, said.nick), said.text, at)

    def _time(self, said: Said) -> datetime:
        if said.stamp.date:
            return datetime.combine(
                date.fromisoformat(said.stamp.date), time.fromisoformat(said.stamp.clock)
            )
        if said.stamp.day:
            self._clock.go_to(said.stamp.day)
        return self._clock.read(said.stamp.clock)
