"""Slack's markup of incoming messages -> plain text, as a person in Slack sees it. Pure."""

import re
from collections.abc import Mapping

from adapters.kit.timestamps import format_timestamp

_MARKUP = re.compile(r"<([^<>]*)>|&(lt|gt|amp);")
_ENTITY = re.compile(r"&(lt|gt|amp);")
_PERSON = re.compile(r"<@(\w+)(?:\|[^<>]*)?>")
_MENTION = re.compile(r"(<@\w+(?:\|[^<>]*)?>)")
_CHANNEL = re.compile(r"<#(\w+)(?:\|[^<>]*)?>")
_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&"}
_NO_NAMES: Mapping[str, str] = {}


def to_plain_text(
    text: str, people: Mapping[str, str] = _NO_NAMES, channels: Mapping[str, str] = _NO_NAMES
) -> str:
    """The text without markup; `people` and `channels` give the names of ids.

    A name from the mapping comes before the label in the text, which may be an old one.
    """

    def replacement(found: re.Match[str]) -> str:
        if found[2]:
            return _CHARACTERS[found[2]]
        return _render(found[1], people, channels)

    return _MARKUP.sub(replacement, text)


def escape_brackets(text: str) -> str:
    """Plain text in which Slack has written `&` as `&amp;` already, as markup that is none."""
    return text.replace("<", "&lt;").replace(">", "&gt;")


def keep_mentions(text: str, channels: Mapping[str, str] = _NO_NAMES) -> str:
    """The text without markup but for mentions of people: there, ids decide, and not names."""
    parts = _MENTION.split(text)
    parts[::2] = (to_plain_text(part, channels=channels) for part in parts[::2])
    return "".join(parts)


def mentioned_people(text: str) -> tuple[str, ...]:
    """The ids of the people whom the text mentions, each once, in their order."""
    return tuple(dict.fromkeys(_PERSON.findall(text)))


def linked_channels(text: str) -> tuple[str, ...]:
    """The ids of the channels that the text names, each once, in their order."""
    return tuple(dict.fromkeys(_CHANNEL.findall(text)))


def _render(markup: str, people: Mapping[str, str], channels: Mapping[str, str]) -> str:
    target, _, label = (_unescape(part) for part in markup.partition("|"))
    if target.startswith("@"):
        return "@" + (people.get(target[1:]) or label or target[1:]).removeprefix("@")
    if target.startswith("#"):
        return "#" + (channels.get(target[1:]) or label or target[1:]).removeprefix("#")
    if target.startswith("!"):
        return _render_special(target[1:], label)
    return _render_link(target, label)


def _render_special(target: str, label: str) -> str:
    kind, _, rest = target.partition("^")
    if kind == "date":
        return label or format_timestamp(rest.partition("^")[0]) or rest
    if kind == "subteam":
        return "@" + (label or rest).removeprefix("@")
    return "@" + kind


def _render_link(target: str, label: str) -> str:
    address = target.removeprefix("mailto:").removeprefix("tel:")
    if not label or label in address:
        return address
    return f"{label} ({address})"


def _unescape(text: str) -> str:
    return _ENTITY.sub(lambda found: _CHARACTERS[found[1]], text)
