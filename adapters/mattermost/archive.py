"""Mattermost's bulk export: JSON lines of teams, channels, users, posts and direct posts."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from adapters.kit.file_names import name_files
from bot.archives.by_files import FileArchive, own_channel
from bot.archives.reading import (
    LONGEST_LINE,
    WITHOUT_TEXT,
    ArchiveIterator,
    Skipped,
    open_archive,
    parse_entries,
    read_lines,
)
from bot.archives.recognizing import Head
from bot.domain.errors import ArchiveError
from bot.domain.model import Author, Channel, Message
from bot.domain.ports import BadLine
from bot.text.json_fields import parse_json, read_field, read_nonempty

_TYPES = {
    *("version", "scheme", "role", "emoji", "team", "channel", "user", "bot", "post"),
    *("direct_channel", "direct_post"),
}
_POSTS = ("post", "direct_post")
_LOOKED_AT = 20  # lines, among which one must be of this format
_MENTION = re.compile(r"(?<![\w.@-])@([a-z0-9][a-z0-9._-]*)", re.IGNORECASE)

Place = tuple[str, ...]
"""Team and channel of a post; of a direct one, its members behind an empty team."""


class MattermostExport(FileArchive):
    """`import.jsonl`, read line by line; in its zip the attached files lie beside it."""

    expected = "expected Mattermost's bulk export, a JSON object with a type in each line"

    def __init__(self) -> None:
        super().__init__()
        self._channels: dict[Path, dict[Place, Channel]] = {}

    def fits(self, head: Head) -> bool:
        lines = [line for line in head.lines if line.strip()][:_LOOKED_AT]
        if len(head.lines) < 2 and head.text.lstrip("\ufeff").startswith("{"):
            lines = lines or [head.text]
        return any(map(_is_of_export, lines))

    def channels_of(self, file: Path) -> Sequence[Channel]:
        """Those with posts; a team's name is told where there are several of that name."""
        places = dict.fromkeys(
            place for kind, entry in self._entries(file) if (place := _place(kind, entry))
        )
        if not places:
            raise ArchiveError(path=file, reason="it holds no post")
        times = Counter(place[1] for place in places if place[0])
        self._channels[file] = {place: _channel(place, times) for place in places}
        return list(self._channels[file].values())

    def read_file(self, file: Path, chosen: Collection[Channel]) -> ArchiveIterator:
        reader = _Posts(self._channels[file], chosen)
        with open_archive(file, self.expected) as stream:
            for number, raw in enumerate(read_lines(stream), 1):
                said = list(self._of_line(reader, raw))
                for part in said:
                    parse = partial(reader.message, *part[:2])
                    yield from parse_entries(file, [(number, part[2])], parse, self.skipped)
                if not said and (fault := _fault(raw)):
                    yield BadLine(str(file), number, fault)

    def _of_line(self, reader: "_Posts", raw: bytes) -> Iterator[tuple[Channel, str, Any]]:
        try:
            entry = parse_json(raw)
        except ValueError:
            return
        kind = entry.get("type") if isinstance(entry, dict) else None
        if kind in ("user", "bot"):
            reader.learn(entry.get(kind), bot=kind == "bot")
        elif kind in _POSTS:
            yield from reader.posts(kind, entry)

    def _entries(self, file: Path) -> Iterator[tuple[str, Any]]:
        with open_archive(file, self.expected) as stream:
            for raw in read_lines(stream):
                try:
                    entry = parse_json(raw)
                except ValueError:
                    continue
                if isinstance(entry, dict) and entry.get("type") in _POSTS:
                    yield entry["type"], entry


class _Posts:
    """The posts of the chosen channels, with the names of those who wrote them."""

    def __init__(self, channels: dict[Place, Channel], chosen: Collection[Channel]) -> None:
        self._channels = channels
        self._chosen = chosen
        self._people: dict[str, Author] = {}
        self._moment = ("", 0)
        self._times = Counter[str]()

    def learn(self, user: Any, *, bot: bool) -> None:
        """A line that tells of somebody; what is garbled tells nothing."""
        try:
            name = read_nonempty(user, "username")
            names = (read_field(user, key, str, "") for key in ("first_name", "last_name"))
            full = " ".join(filter(None, names))
            shown = read_field(user, "nickname", str, "") or full
            shown = shown or read_field(user, "display_name", str, "") or name
        except ValueError:
            return
        self._people[name] = Author(name, shown, bot=bot)

    def posts(self, kind: str, entry: Any) -> Iterator[tuple[Channel, str, Any]]:
        """A post and its replies, each with its channel and the id of its thread."""
        channel = self._channels.get(_place(kind, entry) or ())
        if channel not in self._chosen or channel is None:
            return
        post = entry[kind]
        replies = _list(post, "replies")
        thread = f"{post.get('create_at')}/{post.get('user')}" if replies else ""
        for one in (post, *replies):
            yield channel, thread, one

    def message(self, channel: Channel, thread: str, post: Any) -> Message | Skipped:
        kind = read_field(post, "type", str, "")
        if kind.startswith("system_"):
            return Skipped(kind)
        user, created = read_nonempty(post, "user"), read_field(post, "create_at", int)
        text = _text(post)
        if not text:
            return WITHOUT_TEXT
        if kind == "me":
            text = f"/me {text.strip('*')}"
        return Message(
            channel=channel,
            id=self._id(channel, created, user),
            author=self._people.get(user) or Author(user, user),
            text=text,
            at=datetime.fromtimestamp(created / 1000, UTC),
            thread=thread,
            mentions=tuple(dict.fromkeys(m for m in _MENTION.findall(text) if m in self._people)),
        )

    def _id(self, channel: Channel, created: int, user: str) -> str:
        """By when and by whom: the words may be edited until the next export."""
        if (channel.id, created) != self._moment:
            self._moment = channel.id, created
            self._times.clear()
        self._times[user] += 1
        again = self._times[user]
        return f"{created}/{user}" if again == 1 else f"{created}/{user}/{again}"


def _is_of_export(line: str) -> bool:
    try:
        entry = parse_json(line.encode("utf-8", "replace"))
    except ValueError:
        return False
    kind = entry.get("type") if isinstance(entry, dict) else None
    return isinstance(kind, str) and kind in _TYPES and kind in entry


def _fault(raw: bytes) -> str:
    if len(raw) >= LONGEST_LINE:
        return f"the line is longer than {LONGEST_LINE // 2**20} MB"
    if not raw.strip():
        return ""
    try:
        entry = parse_json(raw)
    except ValueError as error:
        return str(error)[:200]
    return (
        "" if isinstance(entry, dict) and isinstance(entry.get("type"), str) else "it has no type"
    )


def _place(kind: str, entry: Any) -> Place | None:
    post = entry.get(kind)
    if not isinstance(post, dict):
        return None
    if kind == "direct_post":
        members = post.get("channel_members")
        named = (
            [one for one in members if isinstance(one, str)] if isinstance(members, list) else []
        )
        return ("", *sorted(named)) if named else None
    team, channel = post.get("team"), post.get("channel")
    return (team, channel) if isinstance(team, str) and isinstance(channel, str) else None


def _channel(place: Place, times: Counter[str]) -> Channel:
    team, *rest = place
    if not team:
        return replace(own_channel(", ".join(islice(rest, 8))), direct=True)
    return own_channel(f"{team}/{rest[0]}" if times[rest[0]] > 1 else rest[0])


def _text(post: Any) -> str:
    """What was written, what an integration attached, and files by name."""
    shown = [read_field(post, "message", str, "").strip()]
    props = post.get("props")
    for card in _list(props, "attachments"):
        if isinstance(card, dict) and not shown[0]:
            told = (card.get(key) for key in ("pretext", "title", "text"))
            found = [one for one in told if isinstance(one, str) and one]
            shown.append("\n".join(found) or str(card.get("fallback") or ""))
    files = post.get("attachments")
    paths = (
        [one.get("path") for one in files if isinstance(one, dict)]
        if isinstance(files, list)
        else []
    )
    shown.append(name_files(path.rpartition("/")[2] for path in paths if isinstance(path, str)))
    return "\n".join(filter(None, shown))


def _list(entry: Any, key: str) -> list[Any]:
    found = entry.get(key) if isinstance(entry, dict) else None
    return found if isinstance(found, list) else []
