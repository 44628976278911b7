"""WhatsApp's exported chats: `_chat.txt`, `WhatsApp Chat with Ana.txt`, alone or in their zip."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from unicodedata import normalize

from adapters.kit.file_names import name_files
from adapters.whatsapp.stamps import ORDERS, Order, Stamp, find_order, split_line
from adapters.whatsapp.words import attached, is_notice, what_is_missing, without_edit_note
from bot.archives.by_files import FileArchive, own_channel
from bot.archives.made_ids import MadeIds
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
from bot.archives.zones import instant
from bot.domain.model import Author, Channel, Message
from bot.text.json_fields import replace_unstorable

_LOOKED_AT = 30  # lines, among which one must begin a message
_NAME = re.compile(
    r".*whats\s?app.*?\s(?:with|mit|con|avec|com|met|med|di|ile|с|-|–|と|z)\s+(?P<name>.+)",
    re.IGNORECASE,
)
_COPY = re.compile(r"\s*\(\d+\)\Z")
_AUTHOR = re.compile(r"(?P<author>[^:\n]{1,80}?)\s?:(?:\s(?P<text>.*)|\Z)", re.DOTALL)
_QUOTES = frozenset('"“”„«»‘「')
_MOST_LINES = 20_000  # of one message


@dataclass(slots=True)
class _Said:
    """A message, or a notice without an author, while its lines are read."""

    stamp: Stamp
    author: str
    lines: list[str] = field(default_factory=list)
    too_long: bool = False

    def is_text(self, order: Order) -> bool:
        """Whether its date cannot be in this order: it is somebody's words, or of another chat.

        What somebody said on a day that is in no order at all is a broken line, and told as one.
        """
        return not self.stamp.fits(order) and (not self.author or any(map(self.stamp.fits, ORDERS)))


class WhatsAppChat(FileArchive):
    """Read twice, line by line: first to find out in which order day and month stand."""

    expected = "expected a chat that was exported from WhatsApp as text"

    def fits(self, head: Head) -> bool:
        lines = [line for line in head.lines if line.strip()][:_LOOKED_AT]
        begun = [found for line in lines if (found := split_line(line))]
        return any(":" in rest for _, rest in begun) and len(begun) * 10 >= len(lines)

    def channels_of(self, file: Path) -> Sequence[Channel]:
        return [own_channel(_chat_name(file))]

    def read_file(self, file: Path, chosen: Collection[Channel]) -> ArchiveIterator:
        [channel] = chosen
        order, sure = find_order(said.stamp for _, said in self._said(file) if said.author)
        if not sure:
            shown = {"dmy": "day/month", "mdy": "month/day", "ymd": "year/month/day"}[order]
            self.notes.append(f"{file.name}: dates are taken as {shown}; no date tells them apart")
        chat = _Chat(channel, order, self)
        yield from parse_entries(file, self._said(file, order), chat.message, self.skipped)

    def _said(self, file: Path, order: Order | None = None) -> Iterator[tuple[int, _Said]]:
        """What was said, with the number of its first line.

        Once the order is known, a line that begins like another one may be text that goes on.
        """
        last: tuple[int, _Said] | None = None
        with open_archive(file, self.expected) as stream:
            for number, raw in enumerate(read_lines(stream), 1):
                line = _decode(raw)
                found = split_line(line)
                begun = _begun(*found) if found else None
                if begun and not (last and order and begun.is_text(order)):
                    if last:
                        yield last
                    last = number, begun
                elif last:
                    _go_on(last[1], line)
                if last and len(raw) >= LONGEST_LINE:
                    last[1].too_long = True
        if last:
            yield last


class _Chat:
    """One file's messages, with ids made of what they are."""

    def __init__(self, channel: Channel, order: Order, archive: WhatsAppChat) -> None:
        self._channel = channel
        self._order = order
        self._zone = archive.zoned()
        self._ids = MadeIds()

    def message(self, said: _Said) -> Message | Skipped:
        if said.too_long:
            raise ValueError(f"it is longer than {LONGEST_LINE // 2**20} MB")
        if not said.author:
            return Skipped("notice")
        local, text = said.stamp.at(self._order), "\n".join(said.lines).rstrip()
        if kind := what_is_missing(text):
            return Skipped(kind)
        if is_notice(text):
            return Skipped("notice")
        name, written = attached(without_edit_note(text))
        shown = "\n".join(filter(None, (written, name_files([name] if name else ()))))
        if not shown:
            return WITHOUT_TEXT
        return Message(
            channel=self._channel,
            id=self._ids.make(local.isoformat(), said.author, shown),
            author=Author(said.author, said.author),
            text=shown,
            at=instant(local, self._zone),
        )


def _begun(stamp: Stamp, rest: str) -> _Said:
    found = _AUTHOR.match(rest)
    if not found or _QUOTES & set(found["author"]):
        return _Said(stamp, "", [rest])
    return _Said(stamp, _person(found["author"]), [found["text"] or ""])


def _go_on(said: _Said, line: str) -> None:
    if len(said.lines) < _MOST_LINES:
        said.lines.append(line)
    else:
        said.too_long = True


def _person(name: str) -> str:
    """A name without the ~ before those who are no contacts, and without what nobody sees."""
    plain = re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", name)
    plain = re.sub("[\u00a0\u202f]", " ", plain).strip()
    return normalize("NFC", plain.removeprefix("~").strip())


def _decode(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return replace_unstorable(text.rstrip("\r\n"))


def _chat_name(file: Path) -> str:
    """Whom the chat is with, from the name of the file, or of the zip or folder around it."""
    named = file.parent.name if file.stem.lower() == "_chat" else file.stem
    found = _NAME.fullmatch(named.replace("_", " "))
    return _COPY.sub("", found["name"] if found else named) or "whatsapp"
