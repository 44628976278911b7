"""DiscordChatExporter's JSON (`--format Json`): one channel or thread a file."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from adapters.discord.archive_files import (
    DIRECT_MESSAGES,
    EXPECTED,
    Export,
    exports_in,
    fits,
    is_snowflake,
    live_channel,
    load,
    look,
    of_one_channel,
    snowflakes,
)
from adapters.discord.markup import render_markup
from adapters.discord.message_text import Post, name_attachments
from bot.archives.reading import (
    WITHOUT_TEXT,
    ArchiveIterator,
    Skipped,
    parse_entries,
    read_files,
)
from bot.archives.recognizing import any_file
from bot.domain.archives import Archive
from bot.domain.documents import PostedFile
from bot.domain.errors import ArchiveError
from bot.domain.model import Author, Channel, Message
from bot.text.json_fields import parse_time, read_field, read_nonempty

_CONVERSATION = {"Default", "Reply", "20", "23", "46"}
"""The exporter has no name for what bots answer to commands, nor for the results of polls."""


class DiscordChatExporter(Archive):
    """A file, or a folder of them: the channel's own, its parts and its threads.

    A file is one JSON document and is loaded whole; the exporter's `--partition` keeps files small.
    """

    def __init__(self) -> None:
        self.skipped = Counter[str]()
        """What was not read as it is no message, by its kind."""

    def read(self, path: Path, channel: Channel) -> ArchiveIterator:
        self.skipped.clear()
        yield from self._read(path, channel)

    def recognizes(self, path: Path) -> bool:
        return any_file(path, fits)

    def channels(self, path: Path) -> Sequence[Channel]:
        """The channels, as Nellie calls them live; public threads belong to their parents."""
        _, exports = look(exports_in(path))
        if not exports:
            load(path)
            raise ArchiveError(path=path, reason=f"it is something else; {EXPECTED}")
        return list(dict.fromkeys(live_channel(export) for _, _, export in exports))

    def read_channels(self, path: Path, channels: Collection[Channel]) -> ArchiveIterator:
        self.skipped.clear()
        for channel in channels:
            yield from self._read(path, channel)

    def _read(self, path: Path, channel: Channel) -> ArchiveIterator:
        files = exports_in(path)
        if files != [path]:
            files = of_one_channel(path, files, channel)
        yield from read_files(path, files, partial(_messages, channel, self.skipped))


def _messages(channel: Channel, skipped: Counter[str], file: Path) -> ArchiveIterator:
    export = load(file)
    entries = export.messages
    ids = list(snowflakes(export))
    if ids and ids[0] > ids[-1]:  # exported newest first
        entries.reverse()
    yield from parse_entries(file, entries, partial(_message, channel, export), skipped)


def _message(channel: Channel, export: Export, entry: Any) -> Message | Skipped:
    kind = read_field(entry, "type", str)
    if kind not in _CONVERSATION:
        return Skipped(kind)
    id_ = read_field(entry, "id", str)
    if not is_snowflake(id_):
        raise ValueError(f"its id is not a number ({id_[:40]})")
    at = parse_time(read_field(entry, "timestamp", str))
    author = read_field(entry, "author", dict)
    author_id = read_nonempty(author, "id")
    name = (
        read_field(author, "nickname", str, "") or read_field(author, "name", str, "") or author_id
    )
    reference = read_field(entry, "reference", dict, {}) if kind == "Reply" else {}
    files = tuple(_files(entry, export.id))
    text = "\n".join(filter(None, (_text(entry), name_attachments(files))))
    if not text:
        return WITHOUT_TEXT
    server = "@me" if export.guild == DIRECT_MESSAGES else export.guild
    return Message(
        channel=channel,
        id=id_,
        author=Author(author_id, name, bot=read_field(author, "isBot", bool, False)),
        text=text,
        at=at,
        thread=export.thread,
        reply_to=read_field(reference, "messageId", str, ""),
        mentions=tuple(read_nonempty(person, "id") for person in _objects(entry, "mentions")),
        link=f"https://discord.com/channels/{server}/{export.id}/{id_}",
        files=files if channel.platform == "discord" else (),  # only Discord can hand them over
    )


def _text(entry: dict[str, Any]) -> str:
    """The text as in a live message, without its files."""
    people = {
        int(id_): read_field(person, "nickname", str, "") or read_field(person, "name", str, "")
        for person in _objects(entry, "mentions")
        if is_snowflake(id_ := read_nonempty(person, "id"))
    }
    return render_markup(_post(entry).text, people).strip()


def _post(entry: dict[str, Any], *, forwarded: bool = False) -> Post:
    author, inner = (
        read_field(entry, "author", dict, {}),
        read_field(entry, "forwardedMessage", dict, {}),
    )
    return Post(
        content=read_field(entry, "content", str, ""),
        by_bot=forwarded or read_field(author, "isBot", bool, False),
        embeds=_objects(entry, "embeds"),
        stickers=[read_field(one, "name", str, "") for one in _objects(entry, "stickers")],
        forwarded=[_post(inner, forwarded=True)] if inner and not forwarded else [],
    )


def _files(entry: dict[str, Any], location_id: str) -> Iterator[PostedFile]:
    """The files as of a live message, of which an export does not say the types."""
    for part in (entry, read_field(entry, "forwardedMessage", dict, {})):
        for file in _objects(part, "attachments"):
            yield PostedFile(
                id=read_field(file, "id", str, ""),
                name=read_nonempty(file, "fileName"),
                size=read_field(file, "fileSizeBytes", int, 0),
                address=f"{read_field(file, 'url', str, '')}#{location_id}",
            )


def _objects(entry: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """A list's objects: the exporter puts null where it knows nothing of one."""
    return [one for one in read_field(entry, key, list, []) if isinstance(one, dict)]
