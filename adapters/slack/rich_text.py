"""Slack's rich text -> the markup that Slack itself writes for it. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from adapters.kit.timestamps import format_timestamp
from adapters.slack.outgoing import escape

DEEPEST = 12  # how far things may be nested; Slack's own go half as far

_MARKS = (("code", "`"), ("strike", "~"), ("italic", "_"), ("bold", "*"))
_BULLETS = "•◦▪"


def rich_text(block: Mapping[str, Any], depth: int = 0) -> str:
    """The parts of a rich text, each on lines of its own."""
    return "\n".join(filter(None, (_part(one, depth) for one in _elements(block))))


def link(element: Mapping[str, Any]) -> str:
    """A link, with its label where it has one."""
    url = escape(_string(element, "url")).replace("|", "%7C")
    label = escape(_string(element, "text"))
    return f"<{url}|{label}>" if label and label != url else f"<{url}>" if url else label


def _part(part: Mapping[str, Any], depth: int) -> str:
    if depth > DEEPEST:
        return ""
    kind = part.get("type")
    if kind == "rich_text_list":
        return "\n".join(_items(part, depth))
    if kind == "rich_text_quote":
        return "\n".join(f"&gt; {line}" for line in _inline(part, depth).splitlines())
    if kind == "rich_text_preformatted":
        code = _inline(part, depth)
        return f"```\n{code}\n```" if code else ""
    return _inline(part, depth).strip()


def _items(part: Mapping[str, Any], depth: int) -> Iterator[str]:
    indent, first = _number(part, "indent"), _number(part, "offset") + 1
    for number, item in enumerate(_elements(part), first):
        ordered = part.get("style") == "ordered"
        mark = f"{number}." if ordered else _BULLETS[indent % len(_BULLETS)]
        yield f"{'    ' * indent}{mark} {_part(item, depth + 1)}"


def _inline(part: Mapping[str, Any], depth: int) -> str:
    """The elements of a section, one behind the other; a part among them is read as one."""
    return "".join(
        _part(one, depth + 1) if str(one.get("type", "")).startswith("rich_text") else _element(one)
        for one in _elements(part)
    )


def _element(element: Mapping[str, Any]) -> str:
    read = _ELEMENTS.get(str(element.get("type", "")))
    text = read(element) if read else link(element)
    return _styled(text, element.get("style"))


def _styled(text: str, style: Any) -> str:
    """The text between the marks of its style, which stand at words and not at spaces."""
    said = text.strip()
    if not said or not isinstance(style, dict):
        return text
    marked = said
    for name, mark in _MARKS:
        if style.get(name) is True:
            marked = f"{mark}{marked}{mark}"
    before = text[: len(text) - len(text.lstrip())]
    return f"{before}{marked}{text[len(before) + len(said) :]}"


def _emoji(element: Mapping[str, Any]) -> str:
    tone = _number(element, "skin_tone")
    name = _string(element, "name")
    return f":{name}:" + (f":skin-tone-{tone}:" if tone else "") if name else ""


def _date(element: Mapping[str, Any]) -> str:
    fallback = _string(element, "fallback")
    return escape(fallback or format_timestamp(element.get("timestamp")))


def _id(key: str, sign: str) -> Callable[[Mapping[str, Any]], str]:
    def read(element: Mapping[str, Any]) -> str:
        id_ = escape(_string(element, key))
        return f"<{sign}{id_}>" if id_ else ""

    return read


_ELEMENTS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "text": lambda element: escape(_string(element, "text")),
    "link": link,
    "user": _id("user_id", "@"),
    "usergroup": _id("usergroup_id", "!subteam^"),
    "channel": _id("channel_id", "#"),
    "team": lambda element: escape(f"@{_string(element, 'team_id')}"),
    "broadcast": _id("range", "!"),
    "emoji": _emoji,
    "color": lambda element: escape(_string(element, "value")),
    "date": _date,
}


def _elements(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = part.get("elements")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _string(element: Mapping[str, Any], key: str) -> str:
    value = element.get(key)
    return value if isinstance(value, str) else ""


def _number(element: Mapping[str, Any], key: str) -> int:
    value = element.get(key)
    return value if isinstance(value, int) and 0 <= value <= 1_000 else 0
