"""A Slack workspace export: channels.json, users.json, a folder per channel, a file a day."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from unicodedata import normalize

from adapters.slack.archive_days import ArchivedDays
from adapters.slack.archive_files import (
    BROKEN_ZIP,
    DAY,
    EXPECTED,
    LISTS,
    MOST_BYTES,
    PEOPLE,
    File,
    Files,
    open_files,
    read_entries,
    reason_of,
)
from adapters.slack.archive_team import find_team
from adapters.slack.incoming import (
    Names,
    display_name,
)
from bot.archives.by_files import own_channel
from bot.archives.reading import (
    ArchiveIterator,
    choose_channel,
    parse_entries,
)
from bot.domain.archives import Archive
from bot.domain.errors import ArchiveError
from bot.domain.model import Channel
from bot.domain.ports import BadLine
from bot.text.json_fields import read_field, read_nonempty

_DAYS_LOOKED_AT = 5

_ID = re.compile(r"[CDG][A-Z0-9]{7,}", re.ASCII)
_LOOKED_AT = 100  # entries of a file by itself, among which one must be a message


class SlackExport(Archive):
    """The zip, read in place and never unpacked, or its folder; one day's file at a time.

    Also a part of one: the folder of a channel, or the file of a day.
    """

    def __init__(self) -> None:
        self.skipped = Counter[str]()
        """What was not read as it is no message, by its kind."""

    def read(self, path: Path, channel: Channel) -> ArchiveIterator:
        self.skipped.clear()
        yield from self._read(path, channel)

    def recognizes(self, path: Path) -> bool:
        try:
            with open_files(path) as (files, _):
                days = [name for name in files if _is_day(name) or name == path.name]
                return any(name in files for name in LISTS) or any(
                    _holds_messages(files[day]) for day in days[:_DAYS_LOOKED_AT]
                )
        except ArchiveError:
            return False

    def channels(self, path: Path) -> Sequence[Channel]:
        """The channels that have messages, as Nellie calls them live; of a part, its folder's."""
        with open_files(path) as (files, _):
            lists = _Lists(path, files)
            if not lists.channels:
                _loose_days(path, files, lists)
                return [own_channel(path.stem if path.is_file() else path.name)]
            team = find_team(files)
            said = _with_messages(files, lists.channels)
        return [_live_channel(team, id_, name, lists) for id_, name in said.items()]

    def read_channels(self, path: Path, channels: Collection[Channel]) -> ArchiveIterator:
        self.skipped.clear()
        for channel in channels:
            yield from self._read(path, channel)

    def _read(self, path: Path, channel: Channel) -> ArchiveIterator:
        with open_files(path) as (files, fault):
            lists = _Lists(path, files)
            if lists.channels:
                chosen = choose_channel(path, lists.channels, channel)
                days = _days(path, files, {lists.channels[chosen]: None, chosen: None})
                names = Names(lists.people, lists.told(chosen))
            else:
                days, names = _loose_days(path, files, lists), Names()
            yield from lists.bad
            if fault:
                yield BadLine(str(path), 0, fault)
            reader = ArchivedDays(channel, names, self.skipped)
            for day in () if names.people else days:
                reader.learn(files[day])
            for day in days:
                yield from reader.day(
                    f"{path}" if day == path.name else f"{path}/{day}", files[day]
                )


def _live_channel(team: str, id_: str, name: str, lists: "_Lists") -> Channel:
    """Where the export does not say its workspace, or the channel's id, a channel of one's own."""
    if not team or (id_ in lists.unlisted and not _ID.fullmatch(id_)):
        return own_channel(name)
    return Channel("slack", team, id_, "" if name == id_ else name, direct=id_ in lists.direct)


def _with_messages(files: Files, channels: Mapping[str, str]) -> dict[str, str]:
    folders = {normalize("NFC", name.rpartition("/")[0]) for name in files}
    return {
        id_: name
        for id_, name in channels.items()
        if {normalize("NFC", name), normalize("NFC", id_)} & folders
    }


class _Lists:
    """The export's lists of channels and people: what of them can be read."""

    def __init__(self, path: Path, files: Files) -> None:
        self.bad: list[BadLine] = []
        self._path = path
        lists = {name: self._read(files, name, _channel) for name in LISTS}
        self._public = lists[LISTS[0]]
        self.direct = set(lists[LISTS[3]])
        self.channels = {id_: name for names in lists.values() for id_, name in names.items()}
        self.unlisted: set[str] = set()
        """Folders that no list names: of an id, or of a name whose id is not known."""
        if self.bad or not self.channels:
            self._add_unlisted(files)
        people = [self._read(files, name, _person) for name in reversed(PEOPLE)]
        self.people = {id_: name for names in people for id_, name in names.items()}

    def told(self, chosen: str) -> Mapping[str, str]:
        """The names that may be told: whoever reads here may not know of private channels."""
        return {**self._public, chosen: self.channels[chosen]}

    def _add_unlisted(self, files: Files) -> None:
        """The channels that only their folders tell of: a list is missing, or not whole."""
        known = {normalize("NFC", name) for pair in self.channels.items() for name in pair}
        days = {name: name.partition("/")[0] for name in files if name.count("/") == 1}
        taken = {files[day] for day, folder in days.items() if folder in known}
        for day, folder in days.items():
            # In whatever code its name may be written, each file is one channel's alone.
            if files[day] not in taken and _is_day(day) and _holds_messages(files[day]):
                self.channels[folder] = folder
                self.unlisted.add(folder)
                taken |= {files[one] for one in days if days[one] == folder}
        self.direct |= {id_ for id_ in self.unlisted if _ID.fullmatch(id_) and id_[0] == "D"}

    def _read(
        self, files: Files, name: str, pair: Callable[[Any], tuple[str, str]]
    ) -> dict[str, str]:
        """Ids and names; what is no entry of such a list is reported."""
        found: dict[str, str] = {}
        for item in _parse(f"{self._path}/{name}", files.get(name), pair):
            if isinstance(item, BadLine):
                self.bad.append(item)
            else:
                found[item[0]] = item[1]
        return found


def _parse(
    name: str, file: File | None, pair: Callable[[Any], tuple[str, str]]
) -> Iterator[tuple[str, str] | BadLine]:
    if file is None:
        return
    try:
        entries, fault = read_entries(file)
        yield from parse_entries(name, entries, pair)
    except (OSError, *BROKEN_ZIP) as error:
        fault = reason_of(error)
    if fault:
        yield BadLine(name, 0, fault)


def _channel(entry: Any) -> tuple[str, str]:
    """The name is its folder's too; a direct message has only the id."""
    id_ = read_nonempty(entry, "id")
    return id_, read_field(entry, "name", str, "") or id_


def _person(user: Any) -> tuple[str, str]:
    return read_nonempty(user, "id"), display_name(user, read_field(user, "profile", dict, {}))


def _days(path: Path, files: Files, folders: Mapping[str, None]) -> list[str]:
    """The days of a channel, whose folder has its name or, in some exports, its id."""
    for folder in (normalize("NFC", folder) for folder in folders):
        days = [name for name in files if name.startswith(f"{folder}/")]
        days = sorted(name for name in days if DAY.fullmatch(name.removeprefix(f"{folder}/")))
        if days:
            return _checked(path, files, days)
    raise ArchiveError(path=path, reason=f"it holds no messages of {next(iter(folders))}")


def _loose_days(path: Path, files: Files, lists: _Lists) -> list[str]:
    """The days of a folder or a file that is only a part of an export."""
    days = [path.name] if path.name in files else sorted(filter(DAY.fullmatch, files))
    if not lists.bad and any(_holds_messages(files[day]) for day in days):
        return _checked(path, files, days)
    reason = "it names no channel"
    if lists.bad:
        reason = f"{Path(lists.bad[0].path).name}: {lists.bad[0].reason}"
    raise ArchiveError(path=path, reason=f"{reason}; {EXPECTED}")


def _is_day(name: str) -> bool:
    return bool(DAY.fullmatch(name.rpartition("/")[2]))


def _holds_messages(file: File) -> bool:
    try:
        entries, _ = read_entries(file)
        return any(
            isinstance(entry, dict) and isinstance(entry.get("ts"), str)
            for number, entry in entries
            if number <= _LOOKED_AT
        )
    except (OSError, *BROKEN_ZIP):
        return False


def _checked(path: Path, files: Files, days: list[str]) -> list[str]:
    for day in days:
        if files[day].size > MOST_BYTES:
            reason = f"{day} has more than {MOST_BYTES // 2**20} MB"
            raise ArchiveError(path=path, reason=reason)
    return days
