"""A post of ours that pings one person or one user group, and nobody else. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.slack.markup import to_plain_text
from adapters.slack.outgoing import fallback_text
from bot.domain.pings import Ping

_IDS = {"person": re.compile(r"[UW][A-Z0-9]{1,30}"), "group": re.compile(r"S[A-Z0-9]{1,30}")}
_MARKUP = re.compile(
    r"<@(?P<person>[UW][A-Z0-9]{1,30})(?:\|(?P<name>[^<>]*))?>"
    r"|<!subteam\^(?P<group>S[A-Z0-9]{1,30})(?:\|(?P<handle>[^<>]*))?>"
)
_LINK = re.compile(r"(https?://\S+)")

Block = dict[str, Any]


def read_pings(text: str, people: Mapping[str, str]) -> str:
    """Plain text, but for whom it mentions: that is as commands are given it (`Ping.markup`)."""
    pieces, at = list[str](), 0
    for found in _MARKUP.finditer(text):
        pieces += [to_plain_text(text[at : found.start()]), _read(found, people).markup]
        at = found.end()
    return "".join([*pieces, to_plain_text(text[at:])])


def pinged_at_start(text: str, pings: Sequence[Ping]) -> Ping | None:
    """Whom a text names at its beginning, where Slack can ping them."""
    for ping in pings:
        if text.startswith(ping.shown) and _IDS[ping.kind].fullmatch(ping.id):
            return ping
    return None


def pinging(text: str, ping: Ping) -> dict[str, Any]:
    """A message that pings who its text begins with, for eyes and for notifications."""
    rest = text.removeprefix(ping.shown)
    return {"text": _markup(ping) + fallback_text(rest), "blocks": [_block(rest, ping)]}


def _read(found: re.Match[str], people: Mapping[str, str]) -> Ping:
    if id_ := found["group"]:
        return Ping.of("group", id_, found["handle"] or "")
    id_ = found["person"]
    return Ping.of("person", id_, people.get(id_) or found["name"] or "")


def _block(rest: str, ping: Ping) -> Block:
    """Its first element pings; all others are words and links, whatever they hold."""
    mention = (
        {"type": "user", "user_id": ping.id}
        if ping.kind == "person"
        else {"type": "usergroup", "usergroup_id": ping.id}
    )
    parts = _LINK.split(rest)
    said = [
        {"type": "link", "url": part} if number % 2 else {"type": "text", "text": part}
        for number, part in enumerate(parts)
        if part
    ]
    section = {"type": "rich_text_section", "elements": [mention, *said]}
    return {"type": "rich_text", "elements": [section]}


def _markup(ping: Ping) -> str:
    return f"<@{ping.id}>" if ping.kind == "person" else f"<!subteam^{ping.id}>"
