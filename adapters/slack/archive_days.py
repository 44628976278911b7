"""The messages of an export's days, as they would have been heard live."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from adapters.slack.archive_files import BROKEN_ZIP, File, read_entries, reason_of
from adapters.slack.archive_names import learn_name, learn_names
from adapters.slack.files import to_files
from adapters.slack.incoming import MESSAGE_SUBTYPES, Names, author_of, parse_ts
from adapters.slack.message_text import mentions_in, read_text
from bot.archives.reading import WITHOUT_TEXT, ArchiveIterator, Skipped, parse_entries
from bot.domain.documents import PostedFile, name_files
from bot.domain.model import Channel, Message
from bot.domain.ports import BadLine
from bot.text.json_fields import read_field


class ArchivedDays:
    """The days of one channel, with the names that its messages are to carry."""

    def __init__(self, channel: Channel, names: Names, skipped: Counter[str]) -> None:
        self._channel = channel
        self._people = dict(names.people)
        self._names = replace(names, people=self._people)
        self._skipped = skipped

    def day(self, name: str, file: File) -> ArchiveIterator:
        try:
            entries, fault = read_entries(file)
        except (OSError, *BROKEN_ZIP) as error:
            yield BadLine(name, 0, reason_of(error))
            return
        yield from parse_entries(name, entries, self._message, self._skipped)
        if fault:
            yield BadLine(name, 0, fault)

    def learn(self, file: File) -> None:
        """Who wrote in a day, where there is no list of people."""
        with suppress(OSError, *BROKEN_ZIP):
            learn_names(self._people, read_entries(file)[0])

    def _message(self, entry: Any) -> Message | Skipped:
        learn_name(self._people, entry)
        kind = read_field(entry, "type", str, "message")
        subtype = read_field(entry, "subtype", str, "")
        if kind != "message" or subtype not in MESSAGE_SUBTYPES:
            return Skipped(subtype or kind)
        ts = read_field(entry, "ts", str)
        at = parse_ts(ts)
        files = to_files(_files_of(entry))
        text = _text(entry, self._names, files)
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
            files=files if self._channel.platform == "slack" else (),
        )


def _text(entry: dict[str, Any], names: Names, files: Sequence[PostedFile]) -> str:
    """The text as in a live message."""
    said = read_text(entry, names.people, names.channels)
    return "\n".join(filter(None, (said, name_files(files))))


def _files_of(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    old = read_field(entry, "file", dict, {})  # until 2018 there was one file to a message
    for file in read_field(entry, "files", list, [old] if old else []):
        if isinstance(file, dict):
            yield file
