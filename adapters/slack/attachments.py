"""A message's attachments -> Slack's markup: what apps add, and what people share. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any

from adapters.slack.blocks import read_blocks
from adapters.slack.markup import escape_brackets
from adapters.slack.wording import fuller

_PREVIEWS = ("from_url", "original_url", "app_unfurl_url", "is_app_unfurl")
_NO_TEXT = {
    "[no preview available]",
    "This content can't be displayed.",
    "This message contains interactive elements.",
}
"""What Slack puts in place of a text where there are only blocks."""


def read_attachments(attachments: Any, *, previews: bool) -> str:
    """What people read in attachments; `previews` counts those that Slack made of links, too."""
    if not isinstance(attachments, list):
        return ""
    known = (one for one in attachments if isinstance(one, dict))
    return _join(_shared(one) or _own(one) for one in known if previews or not _is_preview(one))


def has_text(fallback: str) -> bool:
    """Whether a text says something, and does not only stand in for blocks."""
    return fallback.strip() not in _NO_TEXT


def _is_shared(attachment: dict[str, Any]) -> bool:
    return attachment.get("is_share") is True or attachment.get("is_msg_unfurl") is True


def _is_preview(attachment: dict[str, Any]) -> bool:
    return not _is_shared(attachment) and any(attachment.get(name) for name in _PREVIEWS)


def _shared(attachment: dict[str, Any]) -> str:
    """A message that somebody shares here, and who wrote it."""
    if not _is_shared(attachment):
        return ""
    said = _join((_body(attachment), *_shared_blocks(attachment), *_files(attachment)))
    said = said or _string(attachment, "fallback")
    author = escape_brackets(_string(attachment, "author_name"))
    return f"[shared] {author}: {said}" if author and said else f"[shared] {said}" if said else ""


def _shared_blocks(attachment: dict[str, Any]) -> Iterator[str]:
    """The blocks of the shared message, where its text is empty."""
    found = attachment.get("message_blocks")
    for one in found if isinstance(found, list) and not _body(attachment) else ():
        message = one.get("message") if isinstance(one, dict) else None
        yield read_blocks(message.get("blocks")) if isinstance(message, dict) else ""


def _own(attachment: dict[str, Any]) -> str:
    author, footer = _string(attachment, "author_name"), _string(attachment, "footer")
    parts = (
        _string(attachment, "pretext"),
        escape_brackets(author),
        _title(attachment),
        _body(attachment),
        *_fields(attachment.get("fields")),
        *_files(attachment),
        escape_brackets(footer),
    )
    fallback = _string(attachment, "fallback")
    return _join(parts) or (fallback if has_text(fallback) else "")


def _title(attachment: dict[str, Any]) -> str:
    title, url = _string(attachment, "title"), _string(attachment, "title_link")
    return f"<{url}|{title}>" if title and url and not set("<>|") & set(url + title) else title


def _body(attachment: dict[str, Any]) -> str:
    return fuller(_string(attachment, "text"), read_blocks(attachment.get("blocks")))


def _fields(fields: Any) -> Iterator[str]:
    for field in fields if isinstance(fields, list) else ():
        if isinstance(field, dict):
            name, value = _string(field, "title"), _string(field, "value")
            yield f"{name}: {value}" if name and value else name or value


def _files(attachment: dict[str, Any]) -> Iterator[str]:
    found = attachment.get("files")
    for file in found if isinstance(found, list) else ():
        if isinstance(file, dict) and (name := _string(file, "name") or _string(file, "title")):
            yield f"[file: {escape_brackets(name)}]"


def _string(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    return value.strip() if isinstance(value, str) else ""


def _join(parts: Iterable[str]) -> str:
    return "\n".join(filter(None, parts))
