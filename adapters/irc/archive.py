"""Ubuntu's IRC logs (irclogs.ubuntu.com): `[09:19] <nick> text`, a file a day, in UTC."""

import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from hashlib import blake2b
from pathlib import Path

from bot.archive import Read, clean, each_file, each_line, listed, opened
from bot.conversation import Author, Channel, Message
from bot.errors import ArchiveError

_EXPECTED = "expected an IRC log with lines like [09:19] <nick> text"
_DATED = "put its date into its name, for example 2005-06-27-#ubuntu.txt"
_HEAD = 64 * 2**10
_DERIVED = (".annotation.txt", ".ascii.txt", ".tok.txt")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d-\d\d-\d\d(?!\d)", re.ASCII)
_SAID = re.compile(
    r"\[(?P<clock>\d\d:\d\d(?::\d\d)?)\]\s+"
    r"(?:<[ @+%&~]?(?P<nick>[^>\s]+)\s*>|\*\s+(?P<doer>\S+))"
    r"(?:\s(?P<text>.*))?",
    re.ASCII,
)
_NOTICE = "=== "


class UbuntuLog:
    """One log, or a folder of them in the order of their names; read line by line."""

    def read(self, path: Path, channel: Channel) -> Read:
        yield from each_file(path, listed(path, _is_log), partial(_file, channel))


def _is_log(name: str) -> bool:
    return name.endswith((".txt", ".log")) and not name.endswith(_DERIVED)


def _file(channel: Channel, path: Path) -> Read:
    with opened(path, _EXPECTED) as stream:
        head = stream.read(_HEAD).splitlines()
        if not any(_is_familiar(raw) for raw in head):
            raise ArchiveError(path=path, reason=f"it is something else; {_EXPECTED}")
        log = _Log(channel, _date(path))
        stream.seek(0)
        yield from each_line(path, stream, log.message)


def _is_familiar(raw: bytes) -> bool:
    text = _text(raw)
    return text.startswith(_NOTICE) or bool(_SAID.match(text))


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return clean(text.rstrip("\r\n"))


def _date(path: Path) -> date:
    found = _DATE.search(path.name)
    try:
        return date.fromisoformat(found.group() if found else "")
    except ValueError:
        raise ArchiveError(path=path, reason=f"its name has no date; {_DATED}") from None


class _Clock:
    """A log's times of day as instants: when they go back, a night has passed."""

    def __init__(self, day: date) -> None:
        self.laps = 0
        """How often it was set back a little: then the same minute comes again."""
        self._base = datetime.combine(day, time(), UTC)
        self._last = timedelta()
        self._half = True

    def read(self, clock: str) -> datetime:
        now = time.fromisoformat(clock)
        # Until 2007 the logs had a clock of twelve hours without am and pm: 1:00 follows 12:59.
        self._half = self._half and 1 <= now.hour <= 12
        told = timedelta(hours=now.hour, minutes=now.minute, seconds=now.second)
        back = self._last - told
        if back > timedelta(hours=1):
            self._base += timedelta(hours=12 if self._half else 24)
        elif back > timedelta():
            self.laps += 1
        self._last = told
        return self._base + told


class _Log:
    """One file's lines as messages; what an earlier line leaves behind for the next one."""

    def __init__(self, channel: Channel, day: date) -> None:
        self._channel = channel
        self._clock = _Clock(day)
        self._minute: tuple[datetime, int] | None = None
        self._repeats: Counter[tuple[str, str]] = Counter()

    def message(self, raw: bytes) -> Message | None:
        line = _text(raw)
        if not line.strip() or line.startswith(_NOTICE):
            return None
        found = _SAID.fullmatch(line)
        if found is None:
            raise ValueError("the line is neither [09:19] <nick> text nor a notice (===)")
        at = self._clock.read(found["clock"])
        text = (found["text"] or "").strip()
        if not text:
            return None
        if found["doer"]:
            text = f"/me {text}"
        nick = found["nick"] or found["doer"]
        id_ = self._id(at, nick, text)
        return Message(self._channel, id_, Author(nick, nick), text, at)

    def _id(self, at: datetime, nick: str, text: str) -> str:
        """The same for the same log under any name, and when the log has grown."""
        minute = (at, self._clock.laps)
        if minute != self._minute:
            self._minute = minute
            self._repeats.clear()
        self._repeats[nick, text] += 1
        place = f"{at.isoformat()} {self._clock.laps} {self._repeats[nick, text]} {nick} {text}"
        return blake2b(place.encode(), digest_size=16).hexdigest()
