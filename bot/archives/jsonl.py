"""Our own archive format, JSON lines: what `nellie export` writes and `nellie import` reads."""

import json
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from bot.archives.by_files import own_channel
from bot.archives.document_lines import is_document_line, parse_file, read_documents, to_file
from bot.archives.reading import ArchiveIterator, open_archive, parse_lines, read_lines
from bot.archives.recognizing import Head, any_file, files_in, read_head
from bot.domain.archives import Archive, ArchivedDocument
from bot.domain.errors import ArchiveError
from bot.domain.findings import BadLine
from bot.domain.model import Author, Channel, Message
from bot.text.json_fields import (
    parse_json,
    parse_time,
    read_field,
    read_nonempty,
    replace_unstorable,
)

_EXPECTED = "expected one JSON object a line, with id, author, text and at"
_REQUIRED = {"id", "author", "text", "at"}
LOOKED_AT = 100  # lines, among which one must be of this format


class JSONL(Archive):
    """The Archive of JSON lines: one message a line, read line by line."""

    def recognizes(self, path: Path) -> bool:
        return any_file(path, _fits)

    def channels(self, path: Path) -> Sequence[Channel]:
        """The files say none: each is a channel of the file's name."""
        return list(dict.fromkeys(own_channel(file.stem) for file in _files(path)))

    def read_channels(self, path: Path, channels: Collection[Channel]) -> ArchiveIterator:
        for file in _files(path):
            if (channel := own_channel(file.stem)) in channels:
                yield from self.read(file, channel)

    def read(self, path: Path, channel: Channel) -> ArchiveIterator:
        with open_archive(path, _EXPECTED) as stream:
            _check_format(path, stream)
            stream.seek(0)
            yield from parse_lines(path, stream, partial(_parse_message, channel))

    def documents(
        self, path: Path, channels: Collection[Channel]
    ) -> Iterator[tuple[Channel, ArchivedDocument] | BadLine]:
        """What was read of the files of these channels; of one alone, also under another name."""
        files = [*_files(path)]
        for file in files:
            channel = own_channel(file.stem) if len(files) > 1 else next(iter(channels))
            if channel in channels:
                with open_archive(file, _EXPECTED) as stream:
                    for found in read_documents(read_lines(stream)):
                        if isinstance(found, ValueError):
                            yield BadLine(str(file), 0, f"a document: {found}")
                        else:
                            yield channel, found


def _files(path: Path) -> Iterator[Path]:
    return (file for file in files_in(path) if file == path or _fits(read_head(file)))


def _fits(head: Head) -> bool:
    """Whether one of the first lines has all that a message needs."""
    for line in head.lines[:LOOKED_AT]:
        try:
            entry = parse_json(line.encode("utf-8", "replace"))
        except ValueError:
            continue
        if (isinstance(entry, dict) and entry.keys() >= _REQUIRED) or is_document_line(entry):
            return True
    return False


def to_json_line(message: Message) -> str:
    """Write a message as a JSON line, without a newline; empty fields are left out."""
    author: dict[str, object] = {"id": message.author.id, "name": message.author.name}
    for kind in ("nellie", "bot"):
        if getattr(message.author, kind):
            author[kind] = True
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
        "files": [to_file(file) for file in message.files],
    }
    kept = {key: value for key, value in entry.items() if value or key in _REQUIRED}
    return json.dumps(kept, ensure_ascii=False)


def _check_format(path: Path, stream: BinaryIO) -> None:
    fault = ""
    for raw in islice((raw for raw in read_lines(stream) if raw.strip()), LOOKED_AT):
        try:
            entry = parse_json(raw)
        except ValueError as error:
            fault = fault or str(error)
            continue
        if (isinstance(entry, dict) and _REQUIRED & entry.keys()) or is_document_line(entry):
            return
        fault = fault or "its first line is something else"
    fault = fault or "it is not JSON: it has no line"
    raise ArchiveError(path=path, reason=f"{fault}; {_EXPECTED}")


def _parse_message(channel: Channel, raw: bytes) -> Message | None:
    if not raw.strip():
        return None
    entry = parse_json(raw)
    if is_document_line(entry):
        return None
    author = read_field(entry, "author", dict)
    return Message(
        channel=channel,
        id=read_nonempty(entry, "id"),
        author=Author(
            id=read_nonempty(author, "id"),
            name=read_field(author, "name", str, ""),
            nellie=read_field(author, "nellie", bool, False),
            bot=read_field(author, "bot", bool, False),
        ),
        text=read_field(entry, "text", str),
        at=parse_time(read_field(entry, "at", str)),
        thread=read_field(entry, "thread", str, ""),
        reply_to=read_field(entry, "reply_to", str, ""),
        addressed=read_field(entry, "addressed", bool, False),
        mentions=tuple(map(_parse_mention, read_field(entry, "mentions", list, []))),
        link=read_field(entry, "link", str, ""),
        files=tuple(map(parse_file, read_field(entry, "files", list, []))),
    )


def _parse_mention(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("one of its mentions is not text")
    return replace_unstorable(value)
