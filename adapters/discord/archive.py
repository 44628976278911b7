"""DiscordChatExporter's JSON (`--format Json`): one channel or thread a file."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from adapters.discord.markup import render_markup
from adapters.discord.message_text import VOICE_FILE, VOICE_MESSAGE, Post
from adapters.kit.text_files import name_files
from bot.archives.json_entries import Entry, decode, read_object
from bot.archives.reading import (
    WITHOUT_TEXT,
    ArchiveIterator,
    Skipped,
    choose_channel,
    list_files,
    open_archive,
    parse_entries,
    read_files,
)
from bot.domain.errors import ArchiveError
from bot.domain.model import Author, Channel, Message
from bot.text.json_fields import parse_time, read_field, read_nonempty

_EXPECTED = "expected DiscordChatExporter's JSON with guild, channel and messages"
_CONVERSATION = {"Default", "Reply", "20", "23", "46"}
"""The exporter has no name for what bots answer to commands, nor for the results of polls."""
# A private thread is a channel of its own: whoever reads its parent may not read it.
_THREADS = {"GuildPublicThread", "GuildNewsThread"}
_DIRECT_MESSAGES = "0"


@dataclass(frozen=True, slots=True)
class _Export:
    """One file, checked."""

    guild: str
    id: str
    parent: str
    """The id of the channel that it belongs to: its own, or that of a thread's parent, if known."""
    name: str
    """The name of that channel."""
    thread: str
    messages: list[Entry]


class DiscordChatExporter:
    """A file, or a folder of them: the channel's own, its parts and its threads.

    A file is one JSON document and is loaded whole; the exporter's `--partition` keeps files small.
    """

    def __init__(self) -> None:
        self.skipped = Counter[str]()
        """What was not read as it is no message, by its kind."""

    def read(self, path: Path, channel: Channel) -> ArchiveIterator:
        self.skipped.clear()
        files = list_files(path, lambda name: name.endswith(".json"))
        if files != [path]:
            files = _of_one_channel(path, files, channel)
        yield from read_files(path, files, partial(_messages, channel, self.skipped))


def _of_one_channel(path: Path, files: list[Path], channel: Channel) -> list[Path]:
    """The files of the channel, oldest first, and those of another format, to be reported."""
    found: list[tuple[int, Path, _Export]] = []
    said: dict[str, _Export] = {}
    wrong: list[Path] = []
    for file in files:
        try:
            export = _load(file)
        except ArchiveError:
            wrong.append(file)
            continue
        ids = set(_snowflakes(export))
        export = replace(export, messages=[])  # each file is loaded again when its turn comes
        found.append((min(ids, default=0), file, export))
        if not export.thread:
            said |= dict.fromkeys(map(str, ids), export)
    if not found:
        return wrong
    names: dict[str, str] = {}
    parents: list[tuple[int, Path, str]] = []
    for first, file, export in found:
        home = export if export.parent else said.get(export.thread, export)
        parent = home.parent or home.id
        names[parent] = home.name
        parents.append((first, file, parent))
    chosen = choose_channel(path, names, channel)
    return [file for _, file, parent in sorted(parents) if parent == chosen] + wrong


def _load(file: Path) -> _Export:
    try:
        with open_archive(file, _EXPECTED) as stream:
            return _export(*read_object(decode(stream.read()), "messages"))
    except ValueError as error:
        raise ArchiveError(path=file, reason=f"{error}; {_EXPECTED}") from None


def _export(entry: dict[str, Any], messages: list[Entry]) -> _Export:
    channel = read_field(entry, "channel", dict)
    id_ = read_nonempty(channel, "id")
    parent, name, thread = id_, read_field(channel, "name", str, ""), ""
    if read_field(channel, "type", str, "") in _THREADS:
        # The exporter writes a thread's parent as its category, if it knows it.
        parent = read_field(channel, "categoryId", str, "")
        name, thread = read_field(channel, "category", str, "") if parent else name, id_
    guild = read_nonempty(read_field(entry, "guild", dict), "id")
    return _Export(guild, id_, parent, name, thread, messages)


def _snowflakes(export: _Export) -> Iterator[int]:
    for _, entry in export.messages:
        id_ = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(id_, str) and _is_snowflake(id_):
            yield int(id_)


def _is_snowflake(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20


def _messages(channel: Channel, skipped: Counter[str], file: Path) -> ArchiveIterator:
    export = _load(file)
    entries = export.messages
    ids = list(_snowflakes(export))
    if ids and ids[0] > ids[-1]:  # exported newest first
        entries.reverse()
    yield from parse_entries(file, entries, partial(_message, channel, export), skipped)


def _message(channel: Channel, export: _Export, entry: Any) -> Message | Skipped:
    kind = read_field(entry, "type", str)
    if kind not in _CONVERSATION:
        return Skipped(kind)
    id_ = read_field(entry, "id", str)
    if not _is_snowflake(id_):
        raise ValueError(f"its id is not a number ({id_[:40]})")
    at = parse_time(read_field(entry, "timestamp", str))
    author = read_field(entry, "author", dict)
    author_id = read_nonempty(author, "id")
    name = (
        read_field(author, "nickname", str, "") or read_field(author, "name", str, "") or author_id
    )
    reference = read_field(entry, "reference", dict, {}) if kind == "Reply" else {}
    text = _text(entry)
    if not text:
        return WITHOUT_TEXT
    server = "@me" if export.guild == _DIRECT_MESSAGES else export.guild
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
    )


def _text(entry: dict[str, Any]) -> str:
    """The text as in a live message; of the files, an export has the names alone."""
    people = {
        int(id_): read_field(person, "nickname", str, "") or read_field(person, "name", str, "")
        for person in _objects(entry, "mentions")
        if _is_snowflake(id_ := read_nonempty(person, "id"))
    }
    shown = render_markup(_post(entry).text, people).strip()
    return "\n".join(filter(None, (shown, *_files(entry))))


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


def _files(entry: dict[str, Any]) -> Iterator[str]:
    for part in (entry, read_field(entry, "forwardedMessage", dict, {})):
        names = [read_nonempty(file, "fileName") for file in _objects(part, "attachments")]
        yield from (VOICE_MESSAGE for name in names if name == VOICE_FILE)
        yield name_files(name for name in names if name != VOICE_FILE)


def _objects(entry: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """A list's objects: the exporter puts null where it knows nothing of one."""
    return [one for one in read_field(entry, key, list, []) if isinstance(one, dict)]
