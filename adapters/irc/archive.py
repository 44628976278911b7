"""Ubuntu's IRC logs (irclogs.ubuntu.com): `[09:19] <nick> text`, a file a day, in UTC."""

import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from bot.archives.reading import (
    WITHOUT_TEXT,
    ArchiveIterator,
    Skipped,
    list_files,
    open_archive,
    parse_lines,
    read_files,
    read_lines,
)
from bot.domain.errors import ArchiveError
from bot.domain.model import Author, Channel, Message
from bot.text.json_fields import replace_unstorable

_EXPECTED = "expected an IRC log with lines like [09:19] <nick> text"
_DATED = "put its date into its name, for example 2005-06-27-#ubuntu.txt"
_LOOKED_AT = 1_000  # lines, among which one must be of this format
_DERIVED = (".annotation.txt", ".ascii.txt", ".tok.txt")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d-\d\d-\d\d(?!\d)", re.ASCII)
_MESSAGE = re.compile(
    r"\[(?P<clock>\d\d:\d\d(?::\d\d)?)\]\s+"
    r"(?:<[ @+%&~]?(?P<nick>[^>\s]+)\s*>|\*\s+(?P<actor>\S+))"
    r"(?:\s(?P<text>.*))?",
    re.ASCII,
)
_NOTICE = "=== "


class UbuntuLog:
    """One log, or a folder of them in the order of their names; read line by line."""

    def __init__(self) -> None:
        self.skipped = Counter[str]()
        """What was not read as nobody said it, by its kind."""

    def read(self, path: Path, channel: Channel) -> ArchiveIterator:
        self.skipped.clear()
        files = list_files(path, _is_log)
        yield from read_files(path, files, partial(_file, channel, self.skipped))


def _is_log(name: str) -> bool:
    return name.endswith((".txt", ".log")) and not name.endswith(_DERIVED)


def _file(channel: Channel, skipped: Counter[str], path: Path) -> ArchiveIterator:
    with open_archive(path, _EXPECTED) as stream:
        if not any(_is_known_line(raw) for raw in islice(read_lines(stream), _LOOKED_AT)):
            raise ArchiveError(path=path, reason=f"it is something else; {_EXPECTED}")
        log = _Log(channel, _date(path))
        stream.seek(0)
        yield from parse_lines(path, stream, log.message, skipped)


def _is_known_line(raw: bytes) -> bool:
    text = _text(raw)
    return text.startswith(_NOTICE) or bool(_MESSAGE.match(text))


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return replace_unstorable(text.rstrip("\r\n"))


def _date(path: Path) -> date:
    found = _DATE.search(path.name)
    try:
        return date.fromisoformat(found.group() if found else "")
    except ValueError:
        raise ArchiveError(path=path, reason=f"its name has no date; {_DATED}") from None


class _Clock:
    """A log's times of day as instants: where they go back, a night has passed."""

    def __init__(self, day: date) -> None:
        self.set_back = 0
        """How often it was set back a little: then the same minute comes again."""
        self._base = datetime.combine(day, time(), UTC)
        self._last = timedelta()
        self._twelve_hours = True

    def read(self, clock: str) -> datetime:
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

    def __init__(self, channel: Channel, day: date) -> None:
        self._channel = channel
        self._clock = _Clock(day)
        self._minute: tuple[datetime, int] | None = None
        self._repeats: Counter[tuple[str, str]] = Counter()

    def message(self, raw: bytes) -> Message | Skipped | None:
        line = _text(raw)
        if not line.strip():
            return None
        if line.startswith(_NOTICE):
            return Skipped("notice")
        found = _MESSAGE.fullmatch(line)
        if found is None:
            raise ValueError("the line is neither [09:19] <nick> text nor a notice (===)")
        at = self._clock.read(found["clock"])
        text = (found["text"] or "").strip()
        if not text:
            return WITHOUT_TEXT
        if found["actor"]:
            text = f"/me {text}"
        nick = found["nick"] or found["actor"]
        id_ = self._id(at, nick, text)
        return Message(self._channel, id_, Author(nick, nick), text, at)

    def _id(self, at: datetime, nick: str, text: str) -> str:
        """An id that stays the same when the log is renamed, or has grown."""
        minute = (at, self._clock.set_back)
        if minute != self._minute:
            self._minute = minute
            self._repeats.clear()
        self._repeats[nick, text] += 1
        key = f"{at.isoformat()} {self._clock.set_back} {self._repeats[nick, text]} {nick} {text}"
        return blake2b(key.encode(), digest_size=16).hexdigest()
