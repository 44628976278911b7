"""Archives: our own JSONL, and what the readers of other formats share with it."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from bot.conversation import Author, Channel, Message
from bot.errors import ArchiveError
from bot.ports import BadLine

LONGEST_LINE = 16 * 2**20

_EXPECTED = "expected one JSON object a line, with id, author, text and at"
_REQUIRED = {"id", "author", "text", "at"}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

T = TypeVar("T")
Read = Iterator[Message | BadLine]


class JSONL:
    """What `nellie export` writes: one message a line. It is read line by line."""

    def read(self, path: Path, channel: Channel) -> Read:
        with opened(path, _EXPECTED) as stream:
            _check(path, stream)
            stream.seek(0)
            yield from each_line(path, stream, partial(_message, channel))


def line(message: Message) -> str:
    """The message as one line of JSONL, without its end; what is empty is left out."""
    author: dict[str, object] = {"id": message.author.id, "name": message.author.name}
    if message.author.nellie:
        author["nellie"] = True
    entry = {
        "id": message.id,
        "thread": message.thread,
        "author": author,
        "text": message.text,
        "at": message.at.isoformat(),
        "reply_to": message.reply_to,
        "mentions": message.mentions,
        "addressed": message.addressed,
        "link": message.link,
    }
    kept = {key: value for key, value in entry.items() if value or key in _REQUIRED}
    return json.dumps(kept, ensure_ascii=False)


def _check(path: Path, stream: BinaryIO) -> None:
    first = next((raw for raw in _lines(stream) if raw.strip()), b"")
    try:
        entry = document(first)
    except ValueError as error:
        raise ArchiveError(path=path, reason=f"{error}; {_EXPECTED}") from None
    if not isinstance(entry, dict) or not _REQUIRED & entry.keys():
        raise ArchiveError(path=path, reason=f"its first line is something else; {_EXPECTED}")


def _message(channel: Channel, raw: bytes) -> Message | None:
    if not raw.strip():
        return None
    entry = document(raw)
    author = want(entry, "author", dict)
    return Message(
        channel=channel,
        id=named(entry, "id"),
        author=Author(
            id=named(author, "id"),
            name=want(author, "name", str, ""),
            nellie=want(author, "nellie", bool, False),
        ),
        text=want(entry, "text", str),
        at=instant(want(entry, "at", str)),
        thread=want(entry, "thread", str, ""),
        reply_to=want(entry, "reply_to", str, ""),
        addressed=want(entry, "addressed", bool, False),
        mentions=tuple(map(_mention, want(entry, "mentions", list, []))),
        link=want(entry, "link", str, ""),
    )


def _mention(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("one of its mentions is not text")
    return clean(value)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """What the system refuses within is an ArchiveError of this path."""
    try:
        yield
    except OSError as error:
        raise ArchiveError(path=path, reason=(error.strerror or str(error)).lower()) from error


@contextmanager
def opened(path: Path, expected: str) -> Iterator[BinaryIO]:
    """The file, to be read. Raises ArchiveError where there is none, or nothing in it."""
    with reading(path):
        if path.exists() and not path.is_file():
            raise ArchiveError(path=path, reason=f"it is not a file; {expected}")
        with path.open("rb") as stream:
            if not stream.peek(1):
                raise ArchiveError(path=path, reason=f"it is empty; {expected}")
            yield stream


def listed(path: Path, wanted: Callable[[str], bool]) -> list[Path]:
    """The folder's files with a wanted name, in the order of their names; a file is itself."""
    with reading(path):
        if not path.is_dir():
            return [path]
        found = sorted(file for file in path.iterdir() if file.is_file() and wanted(file.name))
    if not found:
        raise ArchiveError(path=path, reason="the folder has no file of this format")
    return found


def each_file(path: Path, files: list[Path], read: Callable[[Path], Read]) -> Read:
    """All files of a folder; one of another kind is reported, if there is one of this kind."""
    if files == [path]:
        yield from read(path)
        return
    wrong: list[BadLine] = []
    right = False
    for file in files:
        entries = read(file)
        try:
            first = next(entries, None)
        except ArchiveError as error:
            wrong.append(BadLine(str(file), 0, str(error.details["reason"])))
            continue
        right = True
        if first is not None:
            yield first
        yield from entries
    if not right:
        raise ArchiveError(path=path, reason=f"no file of this format: {wrong[0].reason}")
    yield from wrong


def each(
    path: Path | str, entries: Iterable[tuple[int, T]], parse: Callable[[T], Message | None]
) -> Read:
    """The entries with their numbers, parsed; what raises ValueError is reported."""
    for number, entry in entries:
        try:
            message = parse(entry)
        except (ValueError, OverflowError) as error:
            yield BadLine(str(path), number, str(error)[:200])
        else:
            if message is not None:
                yield message


def each_line(path: Path, stream: BinaryIO, parse: Callable[[bytes], Message | None]) -> Read:
    """The lines, parsed, of a file of any size; those beyond LONGEST_LINE are reported."""

    def parse_whole(raw: bytes) -> Message | None:
        if len(raw) == LONGEST_LINE:
            raise ValueError(f"the line is longer than {LONGEST_LINE // 2**20} MB")
        return parse(raw)

    yield from each(path, enumerate(_lines(stream), 1), parse_whole)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    while raw := stream.readline(LONGEST_LINE):
        rest = raw
        while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE)
        yield raw


def clean(text: str) -> str:
    """What Postgres cannot hold, NUL and lone surrogates, becomes U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def document(raw: bytes) -> Any:
    """JSON, of any shape. Raises ValueError, also where it is nested too deeply."""
    try:
        return json.loads(raw.decode("utf-8-sig", "replace"))
    except RecursionError:
        raise ValueError("it is not JSON to be read: nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"it is not JSON ({error})") from None


def want(entry: Any, key: str, kind: type[T], default: T | None = None) -> T:
    """A value of a JSON object; without a default it must be there. Raises ValueError."""
    if not isinstance(entry, dict):
        raise ValueError("it is not a JSON object")
    value = entry.get(key)
    if value is None:
        if default is None:
            raise ValueError(f"it has no {key}")
        return default
    if not isinstance(value, kind):
        raise ValueError(f"its {key} is of the wrong type ({type(value).__name__})")
    return clean(value) if isinstance(value, str) else value  # type: ignore[return-value]  # T is str


def named(entry: Any, key: str) -> str:
    """A text of a JSON object that must be there and not be empty. Raises ValueError."""
    if value := want(entry, key, str):
        return value
    raise ValueError(f"its {key} is empty")


def instant(text: str) -> datetime:
    """ISO 8601 with an offset, in UTC. Raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"its time has no offset from UTC ({text})")
    return at.astimezone(UTC)


def choose(path: Path, names: Mapping[str, str], channel: Channel) -> str:
    """Of an archive's channels (id -> name), the id of the given one, or of the only one."""
    if channel.id in names:
        return channel.id
    wanted = {channel.id, channel.name.lstrip("#")} - {""}
    found = [id_ for id_, name in names.items() if name in wanted] or list(names)
    if len(found) == 1:
        return found[0]
    known = sorted(set(names.values()))
    more = f" and {len(known) - 20} more" if len(known) > 20 else ""
    reason = f"it holds several channels, choose with --channel NAME: {', '.join(known[:20])}{more}"
    raise ArchiveError(path=path, reason=reason)
