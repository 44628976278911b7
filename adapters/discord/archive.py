"""DiscordChatExporter's JSON (`--format Json`): one channel or thread a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bot.archive import (
    Read,
    choose,
    document,
    each,
    each_file,
    instant,
    listed,
    named,
    opened,
    want,
)
from bot.conversation import Author, Channel, Message
from bot.errors import ArchiveError

_EXPECTED = "expected DiscordChatExporter's JSON with guild, channel and messages"
_SPOKEN = {"Default", "Reply"}
# A private thread is a channel of its own: who reads its parent may not read it.
_THREADS = {"GuildPublicThread", "GuildNewsThread"}
_DIRECT_MESSAGES = "0"


@dataclass(frozen=True, slots=True)
class _Export:
    guild: str
    id: str
    home: str
    """The id of the channel that it belongs to: its own, or a thread's parent's."""
    name: str
    """The name of that channel."""
    thread: str
    messages: list[Any]


class DiscordChatExporter:
    """A file, or a folder of them: the channel's own, its parts and its threads.

    A file is one JSON document and is loaded whole; the exporter's `--partition` keeps files small.
    """

    def read(self, path: Path, channel: Channel) -> Read:
        files = listed(path, lambda name: name.endswith(".json"))
        if files != [path]:
            files = _of_one_channel(path, files, channel)
        yield from each_file(path, files, partial(_messages, channel))


def _of_one_channel(path: Path, files: list[Path], channel: Channel) -> list[Path]:
    """The files of the channel, oldest first; those of another kind stay, to be reported."""
    names: dict[str, str] = {}
    found: list[tuple[int, str, Path]] = []
    wrong: list[Path] = []
    for file in files:
        try:
            export = _load(file)
        except ArchiveError:
            wrong.append(file)
            continue
        names[export.home] = export.name
        found.append((min(_snowflakes(export), default=0), export.home, file))
    if not names:
        return wrong
    chosen = choose(path, names, channel)
    return [file for _, home, file in sorted(found) if home == chosen] + wrong


def _load(file: Path) -> _Export:
    try:
        with opened(file, _EXPECTED) as stream:
            return _export(document(stream.read()))
    except ValueError as error:
        raise ArchiveError(path=file, reason=f"{error}; {_EXPECTED}") from None


def _export(entry: Any) -> _Export:
    channel = want(entry, "channel", dict)
    id_ = named(channel, "id")
    home, name, thread = id_, want(channel, "name", str, ""), ""
    if want(channel, "type", str, "") in _THREADS:
        # The exporter writes a thread's parent as its category.
        home, name, thread = named(channel, "categoryId"), want(channel, "category", str, ""), id_
    guild = named(want(entry, "guild", dict), "id")
    return _Export(guild, id_, home, name, thread, want(entry, "messages", list))


def _snowflakes(export: _Export) -> Iterator[int]:
    for entry in export.messages:
        id_ = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(id_, str) and _is_snowflake(id_):
            yield int(id_)


def _is_snowflake(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20


def _messages(channel: Channel, file: Path) -> Read:
    export = _load(file)
    entries = list(enumerate(export.messages, 1))
    ids = list(_snowflakes(export))
    if ids and ids[0] > ids[-1]:  # exported newest first
        entries.reverse()
    yield from each(file, entries, partial(_message, channel, export))


def _message(channel: Channel, export: _Export, entry: Any) -> Message | None:
    kind = want(entry, "type", str)
    if kind not in _SPOKEN:
        return None
    id_ = want(entry, "id", str)
    if not _is_snowflake(id_):
        raise ValueError(f"its id is not a number ({id_[:40]})")
    at = instant(want(entry, "timestamp", str))
    author = want(entry, "author", dict)
    author_id = named(author, "id")
    name = want(author, "nickname", str, "") or want(author, "name", str, "") or author_id
    reference = want(entry, "reference", dict, {}) if kind == "Reply" else {}
    text = _text(entry)
    if not text:
        return None
    place = "@me" if export.guild == _DIRECT_MESSAGES else export.guild
    return Message(
        channel=channel,
        id=id_,
        author=Author(author_id, name),
        text=text,
        at=at,
        thread=export.thread,
        reply_to=want(reference, "messageId", str, ""),
        mentions=tuple(named(person, "id") for person in want(entry, "mentions", list, [])),
        link=f"https://discord.com/channels/{place}/{export.id}/{id_}",
    )


def _text(entry: dict[str, Any]) -> str:
    forwarded = want(entry, "forwardedMessage", dict, {})
    parts = [_said(entry), _said(forwarded)]
    if not any(parts):
        parts += map(_embedded, want(entry, "embeds", list, []))
    files = (want(part, "attachments", list, []) for part in (entry, forwarded))
    parts += [f"[file: {named(file, 'fileName')}]" for some in files for file in some]
    return "\n".join(filter(None, parts))


def _said(entry: dict[str, Any]) -> str:
    return want(entry, "content", str, "").strip()


def _embedded(embed: Any) -> str:
    """What bots say in a box, where they say nothing outside of it."""
    parts = (want(embed, "title", str, ""), want(embed, "description", str, ""))
    return "\n".join(filter(None, parts))
