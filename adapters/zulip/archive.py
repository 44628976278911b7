"""Zulip's export of an organization: realm.json, and messages-000001.json and so on."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from bot.archives.by_files import FileArchive, own_channel
from bot.archives.json_entries import BrokenEntry, CutOff
from bot.archives.json_stream import walk
from bot.archives.reading import WITHOUT_TEXT, ArchiveIterator, Skipped, open_archive, parse_entries
from bot.archives.recognizing import Head
from bot.domain.errors import ArchiveError
from bot.domain.model import Author, Channel, Message
from bot.domain.ports import BadLine
from bot.text.json_fields import read_field, replace_unstorable

_REALM = "realm.json"
_STREAMS = ("zerver_stream", "zerver_channel")
_PEOPLE = ("zerver_userprofile", "zerver_userprofile_mirrordummy", "zerver_userprofile_crossrealm")
_TABLES = {*_STREAMS, *_PEOPLE, "zerver_recipient", "zerver_subscription"}
_TO_ONE, _TO_STREAM, _TO_GROUP = 1, 2, 3
_MESSAGES = re.compile(r'"zerver_(?:user)?message"\s*:\s*\[')
_MENTION = re.compile(r"@_?\*\*(?P<name>[^*|\n]{1,100})(?:\|(?P<id>\d+))?\*\*")
_LINK = re.compile(r"#\*\*(?P<name>[^*\n]{1,200})\*\*")


@dataclass(slots=True)
class _Realm:
    """What realm.json tells of streams, people and who gets what."""

    streams: dict[int, str] = field(default_factory=dict)
    people: dict[int, Author] = field(default_factory=dict)
    recipients: dict[int, tuple[int, int]] = field(default_factory=dict)
    members: dict[int, list[int]] = field(default_factory=dict)

    def learn(self, table: str, row: dict[str, Any]) -> None:
        """A row of a table; what is garbled tells nothing."""
        if table == "zerver_subscription":
            recipient, user = row.get("recipient"), row.get("user_profile")
            if isinstance(recipient, int) and isinstance(user, int):
                self.members.setdefault(recipient, []).append(user)
            return
        id_ = row.get("id")
        if not isinstance(id_, int):
            return
        if table in _STREAMS:
            self.streams[id_] = str(row.get("name") or f"stream {id_}")
        elif table in _PEOPLE:
            name = str(row.get("full_name") or row.get("email") or id_)
            self.people[id_] = Author(
                str(id_), replace_unstorable(name), bot=bool(row.get("is_bot"))
            )
        elif isinstance(row.get("type"), int) and isinstance(row.get("type_id"), int):
            self.recipients[id_] = (row["type"], row["type_id"])

    def channel(self, entry: Any) -> Channel:
        """A stream, or the people of direct messages. Raises ValueError."""
        recipient = read_field(entry, "recipient", int)
        kind, to = self.recipients.get(recipient, (0, 0))
        if kind == _TO_STREAM:
            return own_channel(self.streams.get(to, f"stream {to}"))
        if kind == _TO_ONE:
            people = [read_field(entry, "sender", int), to]
        elif kind == _TO_GROUP:
            people = self.members.get(recipient, [])
        else:
            raise ValueError("it went to somebody whom realm.json does not know")
        names = sorted({self.person(one).name for one in people})
        return replace(own_channel(", ".join(names)[:200]), direct=True)

    def person(self, id_: int) -> Author:
        return self.people.get(id_) or Author(str(id_), f"user {id_}")


class ZulipExport(FileArchive):
    """Its folder, or the .tar.gz as it came; topics are threads."""

    expected = "expected a Zulip export: realm.json, and messages-000001.json beside it"

    def __init__(self) -> None:
        super().__init__()
        self._realms: dict[Path, _Realm] = {}

    def fits(self, head: Head) -> bool:
        return bool(_MESSAGES.search(head.text))

    def channels_of(self, file: Path) -> Sequence[Channel]:
        realm, found = self._realm(file), dict[Channel, None]()
        for entry in self._messages(file):
            try:
                found[realm.channel(entry)] = None
            except ValueError:
                continue
        return list(found)

    def read_file(self, file: Path, chosen: Collection[Channel]) -> ArchiveIterator:
        realm = self._realm(file)
        for number, entry in enumerate(self._messages(file), 1):
            if isinstance(entry, CutOff):
                yield BadLine(str(file), 0, f"{entry.reason}; what is whole before it was read")
                continue
            parse = partial(_message, realm, chosen)
            yield from parse_entries(file, [(number, entry)], parse, self.skipped)

    def _messages(self, file: Path) -> Iterator[Any]:
        with open_archive(file, self.expected) as stream:
            for place, value in walk(stream, {(), ("zerver_message",)}.__contains__):
                if place == ("zerver_message", "*") or isinstance(value, CutOff):
                    yield value

    def _realm(self, file: Path) -> _Realm:
        folder = file.parent
        if folder not in self._realms:
            path = folder / _REALM
            if not path.is_file():
                raise ArchiveError(path=file, reason=f"{_REALM} is not beside it; {self.expected}")
            self._realms[folder] = _read_realm(path, self.expected)
        return self._realms[folder]


def _read_realm(path: Path, expected: str) -> _Realm:
    realm = _Realm()
    entered = {(), *((table,) for table in _TABLES)}
    with open_archive(path, expected) as stream:
        for place, value in walk(stream, entered.__contains__):
            if place[1:] == ("*",) and isinstance(value, dict):
                realm.learn(place[0], value)
    return realm


def _message(realm: _Realm, chosen: Collection[Channel], entry: Any) -> Message | Skipped | None:
    if isinstance(entry, BrokenEntry):
        raise ValueError(entry.reason)
    channel = realm.channel(entry)
    if channel not in chosen:
        return None
    text = replace_unstorable(_text(read_field(entry, "content", str)))
    if not text:
        return WITHOUT_TEXT
    sender = realm.person(read_field(entry, "sender", int))
    if sender.name == "Notification Bot":
        return Skipped("notification")
    sent, topic = entry.get("date_sent"), read_field(entry, "subject", str, "").strip()
    if isinstance(sent, bool) or not isinstance(sent, int | float):
        raise ValueError("it has no date_sent")
    return Message(
        channel=channel,
        id=str(read_field(entry, "id", int)),
        author=sender,
        text=text,
        at=datetime.fromtimestamp(sent, UTC),
        thread="" if channel.direct else f"topic:{(topic or 'general chat').casefold()}"[:400],
        mentions=_mentions(realm, entry["content"]),
    )


def _text(content: str) -> str:
    """The Markdown as it was written, with people and channels as they are seen."""
    plain = _MENTION.sub(lambda found: f"@{found['name']}", content)
    return _LINK.sub(lambda found: f"#{found['name']}", plain).strip()


def _mentions(realm: _Realm, content: str) -> tuple[str, ...]:
    ids = {author.name: id_ for id_, author in realm.people.items()} if "@" in content else {}
    found = (one["id"] or ids.get(one["name"]) for one in _MENTION.finditer(content))
    return tuple(dict.fromkeys(str(id_) for id_ in found if id_))
