"""Microsoft Teams: messages as Graph gives them, and messages.json of a personal export."""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from adapters.teams.archive_messages import of_graph, of_personal_export
from bot.archives.by_files import FileArchive, own_channel
from bot.archives.json_entries import CutOff
from bot.archives.json_stream import Begun, walk
from bot.archives.reading import (
    ArchiveIterator,
    open_archive,
    parse_entries,
    read_lines,
)
from bot.archives.recognizing import Head
from bot.domain.errors import ArchiveError
from bot.domain.model import Channel
from bot.domain.ports import BadLine
from bot.text.json_fields import (
    parse_json,
)

_GRAPH = re.compile(r'"messageType"\s*:\s*"|"@odata\.(?:type|context)"\s*:\s*"[^"]*[cC]hatMessage')
_PERSONAL = re.compile(r'"conversations"\s*:\s*\[.*"(?:MessageList|threadProperties)"', re.DOTALL)
_ENTERED = {
    (),
    ("value",),
    ("messages",),
    ("conversations",),
    ("conversations", "*"),
    ("conversations", "*", "MessageList"),
}
_FACTS = ("id", "displayName", "threadProperties")
_GENERIC = {"messages", "value", "export", "chat", "chats", "teams", "message", "standard input"}

Facts = dict[str, Any]


class TeamsExport(FileArchive):
    """Lists of chatMessage, pages of them, JSON lines of them; or a whole personal export."""

    expected = "expected messages of Microsoft Teams as JSON, from Graph or a personal export"

    def __init__(self) -> None:
        super().__init__()
        self._channels: dict[Path, dict[str, Channel]] = {}

    def fits(self, head: Head) -> bool:
        text = head.text.lstrip("\ufeff \t\r\n")
        if text[:1] not in ("{", "["):
            return False
        return bool(_GRAPH.search(text) or _PERSONAL.search(text))

    def channels_of(self, file: Path) -> Sequence[Channel]:
        names = {_key(facts, entry): _name(facts) for facts, entry in self._walk(file)}
        names.pop("", None) if len(names) > 1 else None
        if not names:
            raise ArchiveError(path=file, reason=f"it has no message; {self.expected}")
        stem = file.parent.name if file.stem.lower() in _GENERIC else file.stem
        self._channels[file] = {
            key: own_channel(name or (stem if len(names) == 1 else f"{stem} {key}"[:200]))
            for key, name in names.items()
        }
        return list(dict.fromkeys(self._channels[file].values()))

    def read_file(self, file: Path, chosen: Collection[Channel]) -> ArchiveIterator:
        channels = self._channels[file]
        for number, (facts, entry) in enumerate(self._walk(file), 1):
            if isinstance(entry, CutOff):
                yield BadLine(str(file), 0, f"{entry.reason}; what is whole before it was read")
                continue
            channel = channels.get(_key(facts, entry), next(iter(channels.values())))
            if channel in chosen:
                parse = of_personal_export if facts else of_graph
                yield from parse_entries(
                    file, [(number, entry)], partial(parse, channel), self.skipped
                )

    def _walk(self, file: Path) -> Iterator[tuple[Facts, Any]]:
        """Each message with what is known of its conversation, replies behind what they answer."""
        with open_archive(file, self.expected) as stream:
            if _has_lines(islice(read_lines(stream), 2)):
                stream.seek(0)
                yield from _of_lines(read_lines(stream))
                return
            stream.seek(0)
            facts: Facts = {}
            for place, value in walk(stream, _ENTERED.__contains__):
                if isinstance(value, Begun):
                    facts = {} if place == ("conversations", "*") else facts
                elif isinstance(value, CutOff):
                    yield facts, value
                elif place[:-1] == ("conversations", "*") and place[-1] in _FACTS:
                    facts[place[-1]] = value
                elif place == ("conversations", "*", "MessageList", "*"):
                    yield facts or {"id": "?"}, value
                elif place in (("*",), ("value", "*"), ("messages", "*")):
                    yield from (({}, one) for one in _flat(value))


def _has_lines(lines: Iterator[bytes]) -> bool:
    """Whether each line is a message by itself."""
    try:
        first = [parse_json(line) for line in lines if line.strip()]
    except ValueError:
        return False
    return bool(first) and all(isinstance(one, dict) and "messageType" in one for one in first)


def _of_lines(lines: Iterator[bytes]) -> Iterator[tuple[Facts, Any]]:
    for raw in lines:
        if not raw.strip():
            continue
        try:
            yield from (({}, one) for one in _flat(parse_json(raw)))
        except ValueError as error:
            yield {}, str(error)


def _flat(entry: Any) -> Iterator[Any]:
    """A message and its replies; a page and its messages."""
    if isinstance(entry, dict) and isinstance(entry.get("value"), list):
        for one in entry["value"]:
            yield from _flat(one)
        return
    yield entry
    replies = entry.get("replies") if isinstance(entry, dict) else None
    yield from replies if isinstance(replies, list) else ()


def _key(facts: Facts, entry: Any) -> str:
    """What tells conversations apart."""
    if facts:
        return str(facts.get("id", ""))
    if not isinstance(entry, dict):
        return ""
    identity = entry.get("channelIdentity")
    channel = identity.get("channelId") if isinstance(identity, dict) else None
    return next((one for one in (channel, entry.get("chatId")) if isinstance(one, str)), "")


def _name(facts: Facts) -> str:
    properties = facts.get("threadProperties")
    topic = properties.get("topic") if isinstance(properties, dict) else None
    return next(
        (one for one in (facts.get("displayName"), topic) if isinstance(one, str) and one), ""
    )
