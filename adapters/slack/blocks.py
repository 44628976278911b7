"""Slack's blocks -> the markup of a message's text, so that both read the same. Pure.

What people press or fill in is left out. A block of an unknown type is read by the names of its
fields: Slack adds types more often than we look.
"""

from collections.abc import Iterator
from typing import Any

from adapters.slack.markup import escape_brackets
from adapters.slack.rich_text import DEEPEST, link, rich_text

_TEXTS = (
    "pretext", "author_name", "title", "subtitle", "name", "label", "text", "body", "description",
    "caption", "value", "email", "phone", "join_url", "hint", "alt_text",
)  # fmt: skip
"""Fields whose text people see, in the order in which they see them."""
_CONTAINERS = ("details", "output", "fields", "elements", "rows", "tasks", "sources", "accessory")
_SILENT = {
    "actions", "button", "checkboxes", "context_actions", "datepicker", "datetimepicker", "divider",
    "feedback_buttons", "icon", "icon_button", "overflow", "radio_buttons", "timepicker",
    "workflow_button",
}  # fmt: skip
_SILENT_ENDS = ("_select", "_input")
_OBJECTS = {"mrkdwn", "plain_text", "raw_text"}


def read_blocks(blocks: Any) -> str:
    """What people read in blocks, in Slack's markup; what is no block says nothing."""
    return _join(_read(block, 0) for block in blocks) if isinstance(blocks, list) else ""


def _read(value: Any, depth: int) -> str:
    """A block, an element, or a text object."""
    if not isinstance(value, dict) or depth > DEEPEST:
        return ""
    kind = str(value.get("type", ""))
    if kind in _SILENT or kind.endswith(_SILENT_ENDS):
        return ""
    if kind in _OBJECTS:
        return _text(value.get("text"), plain=kind != "mrkdwn")
    if kind == "rich_text":
        return rich_text(value)
    if kind == "image":
        return _image(value, depth)
    if isinstance(value.get("url"), str) and isinstance(value.get("text"), str):
        return link(value)
    return _join(_fields(value, depth, plain=kind != "markdown"))


def _fields(block: dict[str, Any], depth: int, *, plain: bool) -> Iterator[str]:
    for name in _TEXTS:
        value = block.get(name)
        yield _text(value, plain=plain) if isinstance(value, str) else _read(value, depth + 1)
    for name in (*_CONTAINERS, *sorted(block.keys() - {*_CONTAINERS, *_TEXTS, "confirm"})):
        value = block.get(name)
        if isinstance(value, list):
            yield _join(_row(one, depth) for one in value)
        elif isinstance(value, dict):
            yield _read(value, depth + 1)


def _row(value: Any, depth: int) -> str:
    """One of several: a block or an element; or a row of a table, with its cells beside another."""
    if isinstance(value, list):
        return " | ".join(_read(cell, depth + 1) for cell in value)
    return _read(value, depth + 1)


def _image(block: dict[str, Any], depth: int) -> str:
    title, described = _read(block.get("title"), depth + 1), _text(block.get("alt_text"))
    shown = dict.fromkeys(filter(None, (title, described)))
    return f"[image: {', '.join(shown)}]" if shown else ""


def _text(value: Any, *, plain: bool = True) -> str:
    if not isinstance(value, str):
        return ""
    return (escape_brackets(value) if plain else value).strip()


def _join(parts: Iterator[str]) -> str:
    return "\n".join(filter(None, parts))
