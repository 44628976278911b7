"""A Slack workspace export: channels.json, users.json, a folder per channel, a file a day."""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from adapters.kit.text_files import name_files
from adapters.slack.incoming import (
    MESSAGE_SUBTYPES,
    Names,
    author_of,
    display_name,
    parse_ts,
)
from adapters.slack.message_text import mentions_in, read_text
from bot.archives.reading import (
    ArchiveIterator,
    archive_errors,
    choose_channel,
    open_archive,
    parse_entries,
)
from bot.domain.errors import ArchiveError
from bot.domain.model import Channel, Message
from bot.domain.ports import BadLine
from bot.text.json_fields import parse_json, read_field, read_nonempty

MOST_BYTES = 200 * 2**20

_EXPECTED = "expected a Slack export: the .zip, or its folder, with channels.json and users.json"
_LISTS = ("channels.json", "groups.json", "mpims.json", "dms.json")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\.json", re.ASCII)
_BROKEN_ZIP = (BadZipFile, RuntimeError, EOFError, ValueError, zlib.error)


@dataclass(frozen=True, slots=True)
class _File:
    size: int
    read: Callable[[], bytes]


_Files = Mapping[str, _File]


class SlackExport:
    """The zip, read in place and never unpacked, or its folder; one day's file at a time."""

    def read(self, path: Path, channel: Channel) -> ArchiveIterator:
        with _open_files(path) as files:
            lists = {list_: _names(path, files, list_, _channel) for list_ in _LISTS}
            channels = {id_: name for names in lists.values() for id_, name in names.items()}
            if not channels:
                raise ArchiveError(path=path, reason=f"it names no channel; {_EXPECTED}")
            people = _names(path, files, "users.json", _person)
            chosen = choose_channel(path, channels, channel)
            # Whoever reads here may not know of the private ones.
            told = {**lists["channels.json"], chosen: channels[chosen]}
            reader = _Reader(channel, Names(people, told))
            for day in _days(path, files, channels[chosen]):
                yield from reader.day(f"{path}/{day}", files[day])


@contextmanager
def _open_files(path: Path) -> Iterator[_Files]:
    with archive_errors(path):
        unpacked = _unpacked(path) if path.is_dir() else None
    if unpacked is not None:
        yield unpacked
        return
    with open_archive(path, _EXPECTED) as stream, _zip(path, stream) as zip_:
        yield _packed(zip_)


def _unpacked(path: Path) -> _Files:
    found = chain(path.glob("*.json"), path.glob("*/*.json"))
    return {
        file.relative_to(path).as_posix(): _File(file.stat().st_size, file.read_bytes)
        for file in found
        if file.is_file()
    }


def _packed(zip_: ZipFile) -> _Files:
    """The zip's files, from the folder in which the export begins: some are packed again in one."""
    infos = {info.filename: info for info in zip_.infolist()}
    first = min((name for name in infos if name.endswith(_LISTS)), key=len, default="")
    start = first[: first.rfind("/") + 1]
    return {
        name.removeprefix(start): _File(info.file_size, partial(_member, zip_, info))
        for name, info in infos.items()
        if name.startswith(start)
    }


def _member(zip_: ZipFile, info: ZipInfo) -> bytes:
    with zip_.open(info) as member:
        # ZipFile.read() would inflate a bomb that lies about its size; this stops at that size.
        return member.read(info.file_size)


def _zip(path: Path, stream: BinaryIO) -> ZipFile:
    try:
        return ZipFile(stream)
    except _BROKEN_ZIP as error:
        raise ArchiveError(path=path, reason=f"{_reason(error)}; {_EXPECTED}") from error


def _reason(error: Exception) -> str:
    text = str(error)
    return text[:1].lower() + text[1:]


def _names(
    path: Path, files: _Files, list_: str, pair: Callable[[Any], tuple[str, str]]
) -> dict[str, str]:
    """Ids and names from one of the export's lists; {} where the export has no such list."""
    if list_ not in files:
        return {}
    try:
        return dict(map(pair, _entries(files[list_])))
    except (OSError, *_BROKEN_ZIP) as error:
        raise ArchiveError(path=path, reason=f"{list_}: {_reason(error)}; {_EXPECTED}") from error


def _entries(file: _File) -> list[Any]:
    if file.size > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES // 2**20} MB")
    entries = parse_json(file.read())
    if not isinstance(entries, list):
        raise ValueError("it is not a JSON list")
    return entries


def _channel(entry: Any) -> tuple[str, str]:
    """The name is its folder's too; a direct message has only the id."""
    id_ = read_nonempty(entry, "id")
    return id_, read_field(entry, "name", str, "") or id_


def _person(user: Any) -> tuple[str, str]:
    return read_nonempty(user, "id"), display_name(user, read_field(user, "profile", dict, {}))


def _days(path: Path, files: _Files, channel: str) -> list[str]:
    days = [name for name in files if name.startswith(f"{channel}/")]
    days = sorted(name for name in days if _DAY.fullmatch(name.removeprefix(f"{channel}/")))
    if not days:
        raise ArchiveError(path=path, reason=f"it holds no messages of {channel}")
    for day in days:
        if files[day].size > MOST_BYTES:
            reason = f"{day} has more than {MOST_BYTES // 2**20} MB"
            raise ArchiveError(path=path, reason=reason)
    return days


class _Reader:
    """The days of one channel, with the names that its messages are to carry."""

    def __init__(self, channel: Channel, names: Names) -> None:
        self._channel = channel
        self._names = names

    def day(self, name: str, file: _File) -> ArchiveIterator:
        try:
            entries = _entries(file)
        except (OSError, *_BROKEN_ZIP) as error:
            yield BadLine(name, 0, _reason(error))
            return
        yield from parse_entries(name, enumerate(entries, 1), self._message)

    def _message(self, entry: Any) -> Message | None:
        subtype = read_field(entry, "subtype", str, "")
        if (
            read_field(entry, "type", str, "message") != "message"
            or subtype not in MESSAGE_SUBTYPES
        ):
            return None
        ts = read_field(entry, "ts", str)
        at = parse_ts(ts)
        text = _text(entry, self._names)
        if not text:
            return None
        return Message(
            channel=self._channel,
            id=ts,
            author=author_of(entry, self._names),
            text=text,
            at=at,
            thread=read_field(entry, "thread_ts", str, "") or (ts if _is_root(entry) else ""),
            mentions=mentions_in(entry),
        )


def _text(entry: dict[str, Any], names: Names) -> str:
    """The text as in a live message; of the files, an export has the names alone."""
    files = name_files(filter(None, map(_file_name, _files_of(entry))))
    return "\n".join(filter(None, (read_text(entry, names.people, names.channels), files)))


def _is_root(entry: dict[str, Any]) -> bool:
    return bool(entry.get("replies") or entry.get("reply_count"))


def _files_of(entry: dict[str, Any]) -> list[Any]:
    old = read_field(entry, "file", dict, {})  # until 2018 there was one file to a message
    return read_field(entry, "files", list, [old] if old else [])


def _file_name(file: Any) -> str:
    return read_field(file, "name", str, "") or read_field(file, "title", str, "")
