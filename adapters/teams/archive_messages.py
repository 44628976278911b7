"""One message of Microsoft Teams, in either shape."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from adapters.kit.file_names import name_files
from bot.archives.reading import WITHOUT_TEXT, Skipped
from bot.domain.model import Author, Channel, Message
from bot.text.html_text import to_text
from bot.text.json_fields import parse_time, read_field, read_nonempty, replace_unstorable

_SPOKEN = ("Text", "RichText", "RichText/Html")
_FILE = ("reference", "file")
_FRACTION = re.compile(r"\.(\d{1,6})\d*")


def _time(text: str) -> datetime:
    """Graph writes more digits of a second than there may be."""
    text = _FRACTION.sub(r".\1", text)
    at = datetime.fromisoformat(text)
    return parse_time(text) if at.tzinfo else at.replace(tzinfo=UTC)


def of_graph(channel: Channel, entry: Any) -> Message | Skipped:
    if isinstance(entry, str):
        raise ValueError(entry)
    kind = read_field(entry, "messageType", str, "message")
    if kind != "message":
        return Skipped(kind)
    if entry.get("deletedDateTime"):
        return Skipped("deleted")
    text = _graph_text(entry)
    if not text:
        return WITHOUT_TEXT
    id_, answered = read_nonempty(entry, "id"), read_field(entry, "replyToId", str, "")
    mentioned = (one.get("mentioned") for one in _objects(entry, "mentions"))
    people = (one.get("user") for one in mentioned if isinstance(one, dict))
    ids = (one.get("id") for one in people if isinstance(one, dict))
    return Message(
        channel=channel,
        id=id_,
        author=_graph_author(entry),
        text=text,
        at=_time(read_field(entry, "createdDateTime", str)),
        thread=answered or (id_ if entry.get("replies") else ""),
        mentions=tuple(dict.fromkeys(one for one in ids if isinstance(one, str))),
        link=read_field(entry, "webUrl", str, ""),
    )


def _graph_author(entry: Any) -> Author:
    given = read_field(entry, "from", dict)
    for kind in ("user", "application", "device"):
        if isinstance(one := given.get(kind), dict):
            id_ = read_field(one, "id", str, "") or read_nonempty(one, "displayName")
            return Author(id_, read_field(one, "displayName", str, "") or id_, bot=kind != "user")
    raise ValueError("it does not say who wrote it")


def _graph_text(entry: Any) -> str:
    body = read_field(entry, "body", dict, {})
    content = read_field(body, "content", str, "")
    shown = (
        to_text(content) if read_field(body, "contentType", str, "") == "html" else content.strip()
    )
    files, cards = [], []
    for one in _objects(entry, "attachments"):
        kind = read_field(one, "contentType", str, "")
        if kind in _FILE or kind.startswith(("image/", "video/", "application/pdf")):
            files.append(read_field(one, "name", str, ""))
        elif "card" in kind and not shown:
            cards.append(_card(one.get("content")))
    parts = (read_field(entry, "subject", str, ""), shown, *cards, name_files(files))
    return replace_unstorable("\n".join(part for part in parts if part.strip()))


def _card(content: Any) -> str:
    """The texts of a card that an app posted."""
    try:
        card = json.loads(content) if isinstance(content, str) else content
    except (ValueError, RecursionError):
        return ""
    told = [card.get(key) for key in ("title", "summary", "text")] if isinstance(card, dict) else []
    body = card.get("body") if isinstance(card, dict) else None
    told += (
        [one.get("text") for one in body if isinstance(one, dict)] if isinstance(body, list) else []
    )
    return "\n".join(to_text(one) for one in told if isinstance(one, str))


def of_personal_export(channel: Channel, entry: Any) -> Message | Skipped:
    kind = read_field(entry, "messagetype", str)
    if kind not in _SPOKEN:
        return Skipped(kind)
    text = replace_unstorable(to_text(read_field(entry, "content", str, "")))
    if not text:
        return WITHOUT_TEXT
    author = read_nonempty(entry, "from").rpartition("/")[2]
    name = read_field(entry, "displayName", str, "") or author.partition(":")[2] or author
    return Message(
        channel=channel,
        id=read_nonempty(entry, "id"),
        author=Author(author, name, bot=author.startswith("28:")),
        text=text,
        at=_time(read_field(entry, "originalarrivaltime", str)),
    )


def _objects(entry: Any, key: str) -> list[dict[str, Any]]:
    return [one for one in read_field(entry, key, list, []) if isinstance(one, dict)]
