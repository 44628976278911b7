"""The files of DiscordChatExporter: each one channel or thread, checked before it is read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.archives.json_entries import Entry, decode, read_object
from bot.archives.reading import choose_channel, open_archive
from bot.archives.recognizing import Head, files_in
from bot.domain.errors import ArchiveError
from bot.domain.model import Channel
from bot.text.json_fields import read_field, read_nonempty

EXPECTED = "expected DiscordChatExporter's JSON with guild, channel and messages"
DIRECT_MESSAGES = "0"
# A private thread is a channel of its own: whoever reads its parent may not read it.
_THREADS = {"GuildPublicThread", "GuildNewsThread"}
_BEGINNING = re.compile(r'"guild"\s*:\s*\{.*"channel"\s*:\s*\{', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Export:
    """One file, checked."""

    guild: str
    id: str
    parent: str
    """The id of the channel that it belongs to: its own, or that of a thread's parent, if known."""
    name: str
    """The name of that channel."""
    thread: str
    one_person: bool
    """The direct messages of one person."""
    messages: list[Entry]


def exports_in(path: Path) -> list[Path]:
    """A file as it is, whatever it is called; of a folder those that may be exports."""
    found = [one for one in files_in(path) if one == path or one.suffix.lower() == ".json"]
    if not found:
        raise ArchiveError(path=path, reason="the folder has no file of this format")
    return found


def fits(head: Head) -> bool:
    return head.text.lstrip("\ufeff \t\r\n")[:1] == "{" and bool(_BEGINNING.search(head.text))


def look(files: Iterable[Path]) -> tuple[list[Path], list[tuple[int, Path, Export]]]:
    """Files of another format, and the exports: each with its first id, and at home."""
    found: list[tuple[int, Path, Export]] = []
    said: dict[str, Export] = {}
    wrong: list[Path] = []
    for file in files:
        try:
            export = load(file)
        except ArchiveError:
            wrong.append(file)
            continue
        ids = set(snowflakes(export))
        export = replace(export, messages=[])  # each file is loaded again when its turn comes
        found.append((min(ids, default=0), file, export))
        if not export.thread:
            said |= dict.fromkeys(map(str, ids), export)
    return wrong, [(first, file, _at_home(export, said)) for first, file, export in found]


def _at_home(export: Export, said: Mapping[str, Export]) -> Export:
    """The export with its parent, which for some threads only another file knows."""
    home = export if export.parent else said.get(export.thread, export)
    return replace(export, parent=home.parent or home.id, name=home.name)


def live_channel(export: Export) -> Channel:
    direct = export.guild == DIRECT_MESSAGES
    server = "@me" if direct else export.guild
    return Channel("discord", server, export.parent, export.name, direct=export.one_person)


def of_one_channel(path: Path, files: list[Path], channel: Channel) -> list[Path]:
    """The files of the channel, oldest first, and those of another format, to be reported."""
    wrong, found = look(files)
    if not found:
        return wrong
    names = {export.parent: export.name for _, _, export in found}
    chosen = choose_channel(path, names, channel)
    ours = sorted((first, file) for first, file, export in found if export.parent == chosen)
    return [file for _, file in ours] + wrong


def load(file: Path) -> Export:
    try:
        with open_archive(file, EXPECTED) as stream:
            return _export(*read_object(decode(stream.read()), "messages"))
    except ValueError as error:
        raise ArchiveError(path=file, reason=f"{error}; {EXPECTED}") from None


def _export(entry: dict[str, Any], messages: list[Entry]) -> Export:
    channel = read_field(entry, "channel", dict)
    id_ = read_nonempty(channel, "id")
    kind = read_field(channel, "type", str, "")
    parent, name, thread = id_, read_field(channel, "name", str, ""), ""
    if kind in _THREADS:
        # The exporter writes a thread's parent as its category, if it knows it.
        parent = read_field(channel, "categoryId", str, "")
        name, thread = read_field(channel, "category", str, "") if parent else name, id_
    guild = read_nonempty(read_field(entry, "guild", dict), "id")
    return Export(guild, id_, parent, name, thread, kind == "DirectTextChat", messages)


def snowflakes(export: Export) -> Iterator[int]:
    for _, entry in export.messages:
        id_ = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(id_, str) and is_snowflake(id_):
            yield int(id_)


def is_snowflake(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20
