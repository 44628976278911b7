"""Discord's markup -> text as people see it. Pure."""

import re
from collections.abc import Mapping

from adapters.kit.timestamps import format_timestamp

_MARKUP = re.compile(
    r"<(?:@!?(?P<person>\d{1,20})|@&(?P<role>\d{1,20})|#(?P<channel>\d{1,20})"
    r"|a?:(?P<emoji>\w{1,32}):\d{1,20}|t:(?P<time>-?\d{1,13})(?::(?P<style>[A-Za-z]))?"
    r"|/(?P<command>[^<>:]{1,120}):\d{1,20}|id:(?P<place>[a-z-]{1,20})(?::\d{1,20})?)>"
)
_SHOWN = {"t": "%H:%M UTC", "T": "%H:%M UTC", "d": "%Y-%m-%d", "D": "%Y-%m-%d"}
"""How a time is shown, by its style; any other style is day and time."""
_PLACES = {
    "browse": "Browse Channels",
    "customize": "Channels & Roles",
    "guide": "Server Guide",
    "linked-roles": "Linked Roles",
}
_NO_NAMES: Mapping[int, str] = {}


def render_markup(
    text: str,
    people: Mapping[int, str] | None = None,
    roles: Mapping[int, str] | None = None,
    channels: Mapping[int, str] | None = None,
) -> str:
    """Discord's markup for people, roles, channels, emoji, times and commands, as people see it.

    Whoever has no name here keeps the number.
    """
    kinds = (("person", "@", people), ("role", "@", roles), ("channel", "#", channels))

    def render(match: re.Match[str]) -> str:
        for kind, sign, names in kinds:
            if id_ := match[kind]:
                return sign + ((names or _NO_NAMES).get(int(id_)) or id_)
        return _render_other(match)

    return _MARKUP.sub(render, text)


def ids_in(text: str, kind: str) -> set[int]:
    """The ids of each "person", "role" or "channel" in a text."""
    return {int(match[kind]) for match in _MARKUP.finditer(text) if match[kind]}


def _render_other(match: re.Match[str]) -> str:
    if match["emoji"]:
        return f":{match['emoji']}:"
    if match["command"]:
        return f"/{match['command']}"
    if match["place"]:
        return _PLACES.get(match["place"], match[0])
    shown = _SHOWN.get(match["style"] or "", "%Y-%m-%d %H:%M UTC")
    return format_timestamp(match["time"], shown) or match[0]
