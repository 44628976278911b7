"""A Slack workspace export: channels.json, users.json, a folder per channel, a file a day."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from unicodedata import normalize

from adapters.kit.text_files import name_files
from adapters.slack.archive_files import (
    BROKEN_ZIP,
    EXPECTED,
    LISTS,
    PEOPLE,
    File,
    Files,
    open_files,
    reason_of,
)
from adapters.slack.archive_names import learn_name, learn_names
from adapters.slack.incoming import (
    MESSAGE_SUBTYPES,
    Names,
    author_of,
    display_name,
    parse_ts,
)
from adapters.slack.message_text import mentions_in, read_text
from bot.archives.json_entries import Entry, decode, read_list
from bot.archives.reading import (
    WITHOUT_TEXT,
    ArchiveIterator,
    Skipped,
    choose_channel,
    parse_entries,
)
from bot.domain.errors import ArchiveError
from bot.domain.model import Channel, Message
from bot.domain.ports import BadLine
from bot.text.json_fields import read_field, read_nonempty

MOST_BYTES = 200 * 2**20

_DAY = re.compile(r"\d{4}-\d\d-\d\d\.json", re.ASCII)
_LOOKED_AT = 100  # entries of a file by itself, among which one must be a message


class SlackExport:
    """The zip, read in place and never unpacked, or its folder; one day's file at a time.

    Also a part of one: the folder of a channel, or the file of a day.
    """

    def __init__(self) -> None:
        self.skipped = Counter[str]()
        """What was not read as it is no message, by its kind."""

    def read(self, path: Path, channel: Channel) -> ArchiveIterator:
        self.skipped.clear()
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
            reader = _Reader(channel, names, self.skipped)
            for day in () if names.people else days:
                reader.learn(files[day])
            for day in days:
                yield from reader.day(
                    f"{path}" if day == path.name else f"{path}/{day}", files[day]
                )


class _Lists:
    """The export's lists of channels and people: what of them can be read."""

    def __init__(self, path: Path, files: Files) -> None:
        self.bad: list[BadLine] = []
        self._path = path
        lists = {name: self._read(files, name, _channel) for name in LISTS}
        self._public = lists[LISTS[0]]
        self.channels = {id_: name for names in lists.values() for id_, name in names.items()}
        people = [self._read(files, name, _person) for name in reversed(PEOPLE)]
        self.people = {id_: name for names in people for id_, name in names.items()}

    def told(self, chosen: str) -> Mapping[str, str]:
        """The names that may be told: whoever reads here may not know of private channels."""
        return {**self._public, chosen: self.channels[chosen]}

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
        entries, fault = _entries(file)
        yield from parse_entries(name, entries, pair)
    except (OSError, *BROKEN_ZIP) as error:
        fault = reason_of(error)
    if fault:
        yield BadLine(name, 0, fault)


def _entries(file: File) -> tuple[Iterator[Entry], str]:
    """A file's entries, and why they may not be all. Raises ValueError, and what zips raise."""
    if file.size > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES // 2**20} MB")
    raw, fault = file.read()
    try:
        return read_list(decode(raw)), fault
    except ValueError as error:
        raise ValueError(fault or str(error)) from None


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
        days = sorted(name for name in days if _DAY.fullmatch(name.removeprefix(f"{folder}/")))
        if days:
            return _checked(path, files, days)
    raise ArchiveError(path=path, reason=f"it holds no messages of {next(iter(folders))}")


def _loose_days(path: Path, files: Files, lists: _Lists) -> list[str]:
    """The days of a folder or a file that is only a part of an export."""
    days = [path.name] if path.name in files else sorted(filter(_DAY.fullmatch, files))
    if not lists.bad and any(_holds_messages(files[day]) for day in days):
        return _checked(path, files, days)
    reason = "it names no channel"
    if lists.bad:
        reason = f"{Path(lists.bad[0].path).name}: {lists.bad[0].reason}"
    raise ArchiveError(path=path, reason=f"{reason}; {EXPECTED}")


def _holds_messages(file: File) -> bool:
    try:
        entries, _ = _entries(file)
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


class _Reader:
    """The days of one channel, with the names that its messages are to carry."""

    def __init__(self, channel: Channel, names: Names, skipped: Counter[str]) -> None:
        self._channel = channel
        self._people = dict(names.people)
        self._names = replace(names, people=self._people)
        self._skipped = skipped

    def day(self, name: str, file: File) -> ArchiveIterator:
        try:
            entries, fault = _entries(file)
        except (OSError, *BROKEN_ZIP) as error:
            yield BadLine(name, 0, reason_of(error))
            return
        yield from parse_entries(name, entries, self._message, self._skipped)
        if fault:
            yield BadLine(name, 0, fault)

    def learn(self, file: File) -> None:
        """Who wrote in a day, where there is no list of people."""
        with suppress(OSError, *BROKEN_ZIP):
            learn_names(self._people, _entries(file)[0])

    def _message(self, entry: Any) -> Message | Skipped:
        learn_name(self._people, entry)
        kind = read_field(entry, "type", str, "message")
        subtype = read_field(entry, "subtype", str, "")
        if kind != "message" or subtype not in MESSAGE_SUBTYPES:
            return Skipped(subtype or kind)
        ts = read_field(entry, "ts", str)
        at = parse_ts(ts)
        text = _text(entry, self._names)
        is_root = bool(entry.get("replies") or entry.get("reply_count"))
        if not text:
            return WITHOUT_TEXT
        return Message(
            channel=self._channel,
            id=ts,
            author=author_of(entry, self._names),
            text=text,
            at=at,
            thread=read_field(entry, "thread_ts", str, "") or (ts if is_root else ""),
            mentions=mentions_in(entry),
        )


def _text(entry: dict[str, Any], names: Names) -> str:
    """The text as in a live message; of the files, an export has the names alone."""
    files = name_files(filter(None, map(_file_name, _files_of(entry))))
    return "\n".join(filter(None, (read_text(entry, names.people, names.channels), files)))


def _files_of(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    old = read_field(entry, "file", dict, {})  # until 2018 there was one file to a message
    for file in read_field(entry, "files", list, [old] if old else []):
        if isinstance(file, dict):
            yield file


def _file_name(file: dict[str, Any]) -> str:
    return read_field(file, "name", str, "") or read_field(file, "title", str, "")
