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

from adapters.slack.incoming import SPOKEN, Names, author, display_name, moment
from adapters.slack.markup import mentioned, plain
from bot.archive import Read, choose, document, each, named, opened, reading, want
from bot.conversation import Channel, Message
from bot.errors import ArchiveError
from bot.ports import BadLine

LARGEST_FILE = 200 * 2**20

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

    def read(self, path: Path, channel: Channel) -> Read:
        with _files(path) as files:
            rooms: dict[str, str] = {}
            for list_ in _LISTS:
                rooms |= _names(path, files, list_, _room)
            if not rooms:
                raise ArchiveError(path=path, reason=f"it names no channel; {_EXPECTED}")
            people = _names(path, files, "users.json", _person)
            reader = _Reader(channel, people, rooms)
            for day in _days(path, files, rooms[choose(path, rooms, channel)]):
                yield from reader.day(f"{path}/{day}", files[day])


@contextmanager
def _files(path: Path) -> Iterator[_Files]:
    with reading(path):
        unpacked = _unpacked(path) if path.is_dir() else None
    if unpacked is not None:
        yield unpacked
        return
    with opened(path, _EXPECTED) as stream, _zip(path, stream) as zip_:
        yield _packed(zip_)


def _unpacked(path: Path) -> _Files:
    found = chain(path.glob("*.json"), path.glob("*/*.json"))
    return {
        file.relative_to(path).as_posix(): _File(file.stat().st_size, file.read_bytes)
        for file in found
        if file.is_file()
    }


def _packed(zip_: ZipFile) -> _Files:
    """The zip's files, seen from where the export begins: some are packed again in a folder."""
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
        raise ArchiveError(path=path, reason=f"{_lower(error)}; {_EXPECTED}") from error


def _lower(error: Exception) -> str:
    text = str(error)
    return text[:1].lower() + text[1:]


def _names(
    path: Path, files: _Files, list_: str, pair: Callable[[Any], tuple[str, str]]
) -> dict[str, str]:
    """Ids and names from one of the export's lists; without it the rest is not understood."""
    if list_ not in files:
        return {}
    try:
        return dict(map(pair, _entries(files[list_])))
    except (OSError, *_BROKEN_ZIP) as error:
        raise ArchiveError(path=path, reason=f"{list_}: {_lower(error)}; {_EXPECTED}") from error


def _entries(file: _File) -> list[Any]:
    if file.size > LARGEST_FILE:
        raise ValueError(f"it has more than {LARGEST_FILE // 2**20} MB")
    entries = document(file.read())
    if not isinstance(entries, list):
        raise ValueError("it is not a JSON list")
    return entries


def _room(entry: Any) -> tuple[str, str]:
    """The name is its folder's too; a direct message has only the id."""
    id_ = named(entry, "id")
    return id_, want(entry, "name", str, "") or id_


def _person(user: Any) -> tuple[str, str]:
    return named(user, "id"), display_name(user, want(user, "profile", dict, {}))


def _days(path: Path, files: _Files, room: str) -> list[str]:
    days = [name for name in files if name.startswith(f"{room}/")]
    days = sorted(name for name in days if _DAY.fullmatch(name.removeprefix(f"{room}/")))
    if not days:
        raise ArchiveError(path=path, reason=f"it holds no messages of {room}")
    for day in days:
        if files[day].size > LARGEST_FILE:
            reason = f"{day} has more than {LARGEST_FILE // 2**20} MB"
            raise ArchiveError(path=path, reason=reason)
    return days


class _Reader:
    """The days of one channel, with the names that its messages are to carry."""

    def __init__(
        self, channel: Channel, people: Mapping[str, str], rooms: Mapping[str, str]
    ) -> None:
        self._channel = channel
        self._names = Names(people, rooms)

    def day(self, name: str, file: _File) -> Read:
        try:
            entries = _entries(file)
        except (OSError, *_BROKEN_ZIP) as error:
            yield BadLine(name, 0, _lower(error))
            return
        yield from each(name, enumerate(entries, 1), self._message)

    def _message(self, entry: Any) -> Message | None:
        subtype = want(entry, "subtype", str, "")
        if want(entry, "type", str, "message") != "message" or subtype not in SPOKEN:
            return None
        ts = want(entry, "ts", str)
        at = moment(ts)
        text = self._text(entry)
        if not text:
            return None
        return Message(
            channel=self._channel,
            id=ts,
            author=author(entry, self._names),
            text=f"/me {text}" if subtype == "me_message" else text,
            at=at,
            thread=want(entry, "thread_ts", str, "") or (ts if _is_root(entry) else ""),
            mentions=mentioned(want(entry, "text", str, "")),
        )

    def _text(self, entry: dict[str, Any]) -> str:
        said = self._plain(want(entry, "text", str, ""))
        if not said:
            attached = want(entry, "attachments", list, [])
            said = "\n".join(filter(None, map(self._attached, attached)))
        return "\n".join(filter(None, [said, *map(_file_note, _shared(entry))]))

    def _attached(self, attachment: Any) -> str:
        fallback = want(attachment, "fallback", str, "") or want(attachment, "text", str, "")
        return self._plain(fallback)

    def _plain(self, text: str) -> str:
        return plain(text, self._names.people, self._names.channels).strip()


def _is_root(entry: dict[str, Any]) -> bool:
    return bool(entry.get("replies") or entry.get("reply_count"))


def _shared(entry: dict[str, Any]) -> list[Any]:
    old = want(entry, "file", dict, {})  # until 2018 there was one file to a message
    return want(entry, "files", list, [old] if old else [])


def _file_note(file: Any) -> str:
    name = want(file, "name", str, "") or want(file, "title", str, "")
    return f"[file: {name}]" if name else ""
