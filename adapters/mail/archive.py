"""mbox: a mailing list's archive, or a folder of a mail program."""

import re
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message as Mail
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path

from adapters.kit.file_names import name_files
from adapters.mail.body import files, written
from bot.archives.by_files import FileArchive, own_channel
from bot.archives.made_ids import MadeIds
from bot.archives.reading import (
    WITHOUT_TEXT,
    ArchiveIterator,
    Skipped,
    open_archive,
    parse_entries,
    read_lines,
)
from bot.archives.recognizing import Head, read_head
from bot.domain.model import Author, Channel, Message
from bot.text.json_fields import replace_unstorable
from bot.text.mail_parts import header

MOST_BYTES = 2**23  # of one mail that are read: attachments are not
MOST_KNOWN = 200_000  # mails whose thread is kept in memory

_BEGINS = re.compile(rb"From \S.*\d\d:\d\d.*\d{4}|From \S+@\S+|From (?:-|MAILER-DAEMON|\?\?\?)")
_HEADER = re.compile(r"(?:From|Date|Message-ID|Subject|Received|Return-Path):", re.IGNORECASE)
_ID = re.compile(r"<([^<>\s]{1,400})>")
_LIST = re.compile(r"(?im)^List-Id:\s*(?:\"?(?P<name>[^<\n\"]*?)\"?\s*)?<(?P<id>[^>\s.]+)")
_DATED = re.compile(r"(?:19|20)\d\d[-_ ]?(?:\w{3,9}|\d\d?)?", re.ASCII)
_HIDDEN_AT = re.compile(r"(\S+) (?:at|\(at\)|_at_) (\S+)", re.IGNORECASE)
_ANSWER = re.compile(r"(?:(?:re|aw|antw|sv|vs|fwd?|wg)(?:\[\d+\])?:\s*)+", re.IGNORECASE)


class Mbox(FileArchive):
    """Read mail by mail; threads by References, else by In-Reply-To."""

    expected = "expected an mbox, in which each mail begins with a line like From ana@example.org"

    def fits(self, head: Head) -> bool:
        lines = [line for line in head.lines if line.strip()][:40]
        if not lines or not _BEGINS.match(lines[0].lstrip("\ufeff").encode("utf-8", "replace")):
            return False
        return sum(bool(_HEADER.match(line)) for line in lines) >= 2

    def channels_of(self, file: Path) -> Sequence[Channel]:
        return [own_channel(_list_name(file))]

    def read_file(self, file: Path, chosen: Collection[Channel]) -> ArchiveIterator:
        [channel] = chosen
        box = _Box(channel)
        yield from parse_entries(file, self._mails(file), box.message, self.skipped)

    def _mails(self, file: Path) -> Iterator[tuple[int, bytes]]:
        """Each mail, with the number of its first line."""
        with open_archive(file, self.expected) as stream:
            begun, size, lines, blank = 0, 0, list[bytes](), True
            for number, line in enumerate(read_lines(stream), 1):
                if blank and _BEGINS.match(line):
                    if begun:
                        yield begun, b"".join(lines)
                    begun, size, lines = number, 0, []
                elif size < MOST_BYTES:
                    lines.append(line[1:] if line.startswith(b">From ") else line)
                    size += len(line)
                blank = not line.strip()
            if begun:
                yield begun, b"".join(lines)


class _Box:
    """One file's mails as messages."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._ids = MadeIds()
        self._threads: OrderedDict[str, str] = OrderedDict()

    def message(self, raw: bytes) -> Message | Skipped:
        mail = message_from_bytes(raw)
        author, at = _author(mail), _time(header(mail, "Date"))
        subject, said = header(mail, "Subject"), written(mail)
        found = _ID.search(header(mail, "Message-ID"))
        id_ = found[1] if found else self._ids.make(at.isoformat(), author.id, f"{subject} {said}")
        answered, thread = self._thread(mail, id_)
        if not answered and not _ANSWER.match(subject):
            said = "\n\n".join(filter(None, (subject, said)))
        text = "\n".join(filter(None, (said, name_files(files(mail)))))
        if not text:
            return WITHOUT_TEXT
        return Message(
            channel=self._channel,
            id=id_,
            author=author,
            text=replace_unstorable(text),
            at=at,
            thread=thread,
            reply_to=answered,
        )

    def _thread(self, mail: Mail, id_: str) -> tuple[str, str]:
        """What it answers, and the first mail of its thread: itself, where it answers none."""
        references = _ID.findall(header(mail, "References"))
        direct = _ID.findall(header(mail, "In-Reply-To"))
        answered = (direct or references or [""])[-1]
        first = (references or direct or [id_])[0]
        thread = self._threads.get(answered) or self._threads.get(first) or first
        self._threads[id_] = thread
        if len(self._threads) > MOST_KNOWN:
            self._threads.popitem(last=False)
        return answered, thread


def _author(mail: Mail) -> Author:
    """By the address; archives on the web write "ana at example.org (Ana)"."""
    given = _HIDDEN_AT.sub(r"\1@\2", header(mail, "From"))
    name, address = parseaddr(given)
    address = address.strip().lower()
    if not address:
        if not given:
            raise ValueError("it does not say who wrote it")
        return Author(given, given)
    return Author(address, name.strip() or address.partition("@")[0])


def _time(text: str) -> datetime:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        raise ValueError(f"its Date is none ({text[:40]})") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _list_name(file: Path) -> str:
    """The list's; else the file's, unless that is a month of an archive."""

    if found := _LIST.search(read_head(file).text):
        return found["id"]
    stem = re.sub(r"\.(?:mbox|txt|mbx)\Z", "", file.stem, flags=re.IGNORECASE)
    return file.parent.name if _DATED.fullmatch(stem) or stem.lower() == "mbox" else stem
