"""What a workspace holds, in Slack's own shapes: people, rooms, and the texts of messages."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

TEAM, APP, BOT_ID, NELLIE = "T1", "A1", "B1", "UNELLIE"
KINDS = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
"""The kinds of rooms, and what Slack's scopes call them."""
_NUMBERS = itertools.count(1)


class Refused(Exception):  # an answer of Slack, not a fault of ours
    """Slack says no: `error` is its code, `more` what it adds to it."""

    def __init__(self, error: str, **more: Any):
        super().__init__(error)
        self.error, self.more = error, more


def new_id(letter: str) -> str:
    """An id that was not given before: "F00000012"."""
    return f"{letter}{next(_NUMBERS):08d}"


@dataclass
class Room:
    """A channel, private channel ("group"), direct message or group direct message."""

    id: str
    name: str = ""
    kind: str = "channel"
    members: list[str] = field(default_factory=list)
    creator: str = "U1"
    archived: bool = False
    topic: str = ""
    purpose: str = ""
    shown_from: float = 0.0
    """What was said before that time, the plan hides."""
    messages: dict[str, Json] = field(default_factory=dict)
    """By ts, in the order in which they were said; replies among them."""

    @property
    def event_type(self) -> str:
        """The `channel_type` of its events."""
        return self.kind

    def thread(self, root: str) -> list[Json]:
        """The root and its replies; empty where there is no such root."""
        return [one for one in self.messages.values() if root in (one["ts"], one.get("thread_ts"))]

    def top(self) -> list[Json]:
        """What is seen without opening a thread, oldest first."""
        return [
            one
            for one in self.messages.values()
            if one.get("thread_ts") in (None, one["ts"]) or one.get("subtype") == "thread_broadcast"
        ]

    def json(self) -> Json:
        """As conversations.info tells it."""
        shape: Json = {
            "id": self.id,
            "created": 1_700_000_000,
            "is_archived": self.archived,
            "is_im": self.kind == "im",
            "is_org_shared": False,
        }
        if self.kind == "im":
            return {**shape, "user": next(one for one in self.members if one != NELLIE)}
        value = {"creator": self.creator, "last_set": 0}
        return {
            **shape,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "channel",
            "is_general": self.name == "general",
            "is_shared": False,
            "is_ext_shared": False,
            "creator": self.creator,
            "is_member": NELLIE in self.members,
            "topic": {"value": self.topic, **value},
            "purpose": {"value": self.purpose, **value},
        }


@dataclass
class Person:
    """Somebody with an account."""

    id: str
    name: str
    admin: bool = False
    bot: bool = False
    deleted: bool = False
    guest: bool = False
    tz: str = "Europe/Berlin"

    def json(self) -> Json:
        """As users.info tells it."""
        real = self.name.capitalize()
        return {
            "id": self.id,
            "team_id": TEAM,
            "name": self.name,
            "deleted": self.deleted,
            "real_name": real,
            "tz": self.tz,
            "tz_label": "Central European Time",
            "tz_offset": 3600,
            "profile": {
                "real_name": real,
                "real_name_normalized": real,
                "display_name": self.name,
                "display_name_normalized": self.name,
                **({"bot_id": BOT_ID, "api_app_id": APP} if self.id == NELLIE else {}),
            },
            "is_admin": self.admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.guest,
            "is_ultra_restricted": False,
            "is_bot": self.bot,
            "is_app_user": False,
            "updated": 1_700_000_000,
        }


def visible_text(message: Json) -> str:
    """What people read of it: its blocks where it has some that hold text, else its text."""
    read = "\n".join(_read(message.get("blocks") or ()))
    return read or message.get("text", "")


def mentions_nellie(message: Json) -> bool:
    """Whether its text mentions the app, or its blocks do."""
    return f"<@{NELLIE}>" in message.get("text", "") + visible_text(message)


def _read(blocks: Any) -> Iterator[str]:
    for block in blocks:
        if block["type"] == "markdown":
            yield block["text"]
        elif block["type"] in ("section", "header") and "text" in block:
            yield block["text"]["text"]
        elif block["type"] == "rich_text":
            yield "".join(_spoken(block))


def _spoken(element: Json) -> Iterator[str]:
    kind = element.get("type")
    if kind == "text":
        yield element["text"]
    elif kind == "user":
        yield f"<@{element['user_id']}>"
    elif kind == "link":
        yield element.get("text") or element["url"]
    for inner in element.get("elements", ()):
        yield from _spoken(inner)


def rich_text_blocks(text: str) -> list[Json]:
    """The blocks that Slack's own clients send along with a text."""
    parts = [
        part for part in re.split(r"(<@\w+>|<#\w+(?:\|[^>]*)?>|<https?://[^>]+>)", text) if part
    ]
    elements: list[Json] = []
    for part in parts:
        if part.startswith("<@"):
            elements.append({"type": "user", "user_id": part[2:-1]})
        elif part.startswith("<#"):
            channel = part[2:-1].partition("|")[0]
            elements.append({"type": "channel", "channel_id": channel})
        elif re.match(r"<https?://", part):
            url, _, label = part[1:-1].partition("|")
            elements.append({"type": "link", "url": url, **({"text": label} if label else {})})
        else:
            plain = part.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
            elements.append({"type": "text", "text": plain})
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": new_id("b"), "elements": [section]}]
