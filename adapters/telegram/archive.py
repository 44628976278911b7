"""Telegram Desktop's export as JSON (result.json): one chat, or all of an account."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from adapters.kit.file_names import name_files
from bot.archives.by_files import FileArchive, own_channel
from bot.archives.json_entries import CutOff
from bot.archives.json_stream import Begun, walk
from bot.archives.json_stream import Path as Place
from bot.archives.reading import WITHOUT_TEXT, ArchiveIterator, Skipped, open_archive, parse_entries
from bot.archives.recognizing import Head
from bot.archives.zones import instant
from bot.domain.errors import ArchiveError
from bot.domain.model import Author, Channel, Message
from bot.domain.ports import BadLine
from bot.text.json_fields import read_field, replace_unstorable

_LISTS = ("chats", "left_chats")
_FACTS = ("name", "type", "id")
_ENTERED = {
    (),
    ("messages",),
    *((one,) for one in _LISTS),
    *((one, "list") for one in _LISTS),
    *((one, "list", "*") for one in _LISTS),
    *((one, "list", "*", "messages") for one in _LISTS),
}
_KIND = re.compile(
    r'"type"\s*:\s*"(?:personal_chat|bot_chat|saved_messages|replies|verification_codes|'
    r'(?:private|public)_(?:group|supergroup|channel))"'
)
_FULL = re.compile(r'"(?:chats|left_chats|personal_information)"\s*:\s*\{\s*"')
_MEDIA = {
    "sticker": "sticker",
    "voice_message": "voice message",
    "video_message": "video message",
    "animation": "animation",
}
_NOT_INCLUDED = re.compile(
    r"\(File (?:not included|exceeds maximum size|unavailable)", re.IGNORECASE
)
_DIGITS = re.compile(r"\d{1,20}", re.ASCII)

Facts = dict[str, Any]


class TelegramExport(FileArchive):
    """`result.json`, read a message at a time; times are instants where the export has them."""

    expected = "expected Telegram Desktop's result.json (exported as machine-readable JSON)"

    def __init__(self) -> None:
        super().__init__()
        self._channels: dict[Path, dict[str, Channel]] = {}

    def fits(self, head: Head) -> bool:
        text = head.text.lstrip("\ufeff \t\r\n")
        if not text.startswith("{"):
            return False
        return bool(_FULL.search(text) or (_KIND.search(text) and '"messages"' in text))

    def channels_of(self, file: Path) -> Sequence[Channel]:
        chats = {_chat(facts): _name(facts, file) for facts, _, _ in self._walk(file)}
        if not chats:
            raise ArchiveError(path=file, reason=f"it has no message; {self.expected}")
        times = Counter(chats.values())
        self._channels[file] = {
            chat: own_channel(f"{name} {chat}" if times[name] > 1 else name)
            for chat, name in chats.items()
        }
        return list(self._channels[file].values())

    def read_file(self, file: Path, chosen: Collection[Channel]) -> ArchiveIterator:
        number = 0
        for facts, kind, entry in self._walk(file):
            if kind == "end":
                yield BadLine(str(file), 0, f"{entry.reason}; what is whole before it was read")
                continue
            number += 1
            channel = self._channels[file][_chat(facts)]
            if channel in chosen:
                parse = partial(self._message, channel, _chat(facts))
                yield from parse_entries(file, [(number, entry)], parse, self.skipped)

    def _walk(self, file: Path) -> Iterator[tuple[Facts, str, Any]]:
        """Each message with what is known of its chat, and the end where it comes too early."""
        facts: Facts = {}
        with open_archive(file, self.expected) as stream:
            for place, value in walk(stream, _ENTERED.__contains__):
                if isinstance(value, CutOff):
                    yield facts, "end", value
                elif isinstance(value, Begun):
                    facts = {}
                elif place[-2:] == ("messages", "*"):
                    yield facts, "message", value
                elif place[-1:] and place[-1] in _FACTS and _is_of_chat(place):
                    facts[place[-1]] = value

    def _message(self, channel: Channel, chat: str, entry: Any) -> Message | Skipped:
        kind = read_field(entry, "type", str)
        if kind != "message":
            return Skipped(read_field(entry, "action", str, "") or kind)
        text = _text(entry)
        if not text:
            return WITHOUT_TEXT
        reply = entry.get("reply_to_message_id")
        return Message(
            channel=channel,
            id=f"{chat}/{_id(entry)}",
            author=_author(entry),
            text=text,
            at=self._time(entry, "date"),
            thread=_topic(entry),
            reply_to=f"{chat}/{reply}" if isinstance(reply, int) else "",
        )

    def _time(self, entry: Any, key: str) -> datetime:
        """By the seconds since 1970, which newer exports have; else in the zone of the import."""
        seconds = entry.get(f"{key}_unixtime")
        if isinstance(seconds, str | int) and _DIGITS.fullmatch(str(seconds)):
            return datetime.fromtimestamp(int(seconds), UTC)
        at = datetime.fromisoformat(read_field(entry, key, str))
        return at if at.tzinfo else instant(at, self.zoned())


def _is_of_chat(place: Place) -> bool:
    return len(place) == 1 or (len(place) == 4 and place[0] in _LISTS)


def _chat(facts: Facts) -> str:
    return str(facts.get("id", ""))[:40]


def _name(facts: Facts, file: Path) -> str:
    """The chat's; saved messages and deleted accounts have none."""
    name = facts.get("name")
    if isinstance(name, str) and name.strip():
        return replace_unstorable(name)
    if facts.get("type") == "saved_messages":
        return "saved messages"
    return f"telegram {_chat(facts)}" if "id" in facts else file.stem


def _id(entry: Any) -> str:
    id_ = entry.get("id")
    if isinstance(id_, bool) or not isinstance(id_, int):
        raise ValueError("it has no id")
    return str(id_)


def _author(entry: Any) -> Author:
    """Until 2021 ids were numbers, since then "user123"; deleted accounts have no name."""
    from_id, name = entry.get("from_id"), read_field(entry, "from", str, "")
    id_ = f"user{from_id}" if isinstance(from_id, int) else from_id
    if not isinstance(id_, str) or not id_:
        id_ = name
    if not id_:
        raise ValueError("it does not say who wrote it")
    return Author(
        replace_unstorable(id_), name or "Deleted Account", bot=bool(entry.get("via_bot"))
    )


def _topic(entry: Any) -> str:
    topic = entry.get("topic_id")
    return f"topic:{topic}" if isinstance(topic, int) else ""


def _text(entry: Any) -> str:
    """What was written, who wrote it where it is forwarded, and what else there is."""
    written = _plain(entry.get("text")).strip()
    if (source := entry.get("forwarded_from")) is not None and written:
        written = f"[forwarded from {source if isinstance(source, str) else 'somebody'}]\n{written}"
    return replace_unstorable("\n".join(filter(None, (written, *_attached(entry)))))


def _plain(text: Any) -> str:
    """A text is a string, or a list of strings and of what is marked up."""
    if isinstance(text, str):
        return text
    if not isinstance(text, list):
        return ""
    return "".join(map(_piece, text))


def _piece(piece: Any) -> str:
    if isinstance(piece, str):
        return piece
    if not isinstance(piece, dict) or not isinstance(piece.get("text"), str):
        return ""
    shown, link = str(piece["text"]), piece.get("href")
    if piece.get("type") == "text_link" and isinstance(link, str) and link != shown:
        return f"{shown} ({link})"
    return shown


def _attached(entry: Any) -> Iterator[str]:
    media = entry.get("media_type")
    if media == "sticker":
        yield (
            " ".join(filter(None, ("[sticker", read_field(entry, "sticker_emoji", str, "")))) + "]"
        )
    elif media in _MEDIA:
        yield f"[{_MEDIA[media]}]"
    elif isinstance(entry.get("photo"), str):
        yield "[photo]"
    elif isinstance(file := entry.get("file"), str):
        named = read_field(entry, "file_name", str, "")
        yield name_files([named or ("" if _NOT_INCLUDED.match(file) else file.rpartition("/")[2])])
    if isinstance(poll := entry.get("poll"), dict):
        yield from _poll(poll)
    if isinstance(entry.get("location_information"), dict):
        yield f"[place: {read_field(entry, 'place_name', str, '') or 'on a map'}]"
    if isinstance(person := entry.get("contact_information"), dict):
        names = (read_field(person, key, str, "") for key in ("first_name", "last_name"))
        yield f"[contact: {' '.join(filter(None, names))}]"


def _poll(poll: dict[str, Any]) -> Iterator[str]:
    yield f"[poll] {_plain(poll.get('question'))}"
    for answer in read_field(poll, "answers", list, []):
        if isinstance(answer, dict):
            yield f"- {_plain(answer.get('text'))}"
