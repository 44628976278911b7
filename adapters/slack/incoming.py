"""Slack's events -> messages. Pure: names, files and channels were looked up before."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.slack.markup import mentioned, plain
from bot.archive import want
from bot.conversation import Author, Channel, Message

SPOKEN = {"", "bot_message", "file_share", "me_message", "thread_broadcast"}
"""The subtypes of what somebody said; all others are about something that happened."""
TOMBSTONE = "tombstone"  # a deleted message that had replies

_TS = re.compile(r"(\d{1,11})\.(\d{1,6})", re.ASCII)
_FIELDS: dict[str, type] = {
    "type": str, "subtype": str, "user": str, "bot_id": str, "app_id": str, "username": str,
    "text": str, "ts": str, "thread_ts": str, "channel": str, "channel_type": str,
    "client_msg_id": str, "hidden": bool, "files": list, "attachments": list,
    "user_profile": dict, "bot_profile": dict,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Me:
    """Who Nellie is in this workspace, as auth.test says."""

    team: str
    user: str
    bot: str
    url: str
    """The workspace's address, with a slash at its end."""

    def wrote(self, message: Mapping[str, Any]) -> bool:
        """Whether a message is her own."""
        return message.get("user") == self.user or message.get("bot_id", "") == self.bot


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the ids that a message has."""

    people: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)


def checked(message: Any) -> dict[str, Any]:
    """What counts of a message, each of its own type. Raises ValueError when it is malformed."""
    found = {name: want(message, name, kind, kind()) for name, kind in _FIELDS.items()}
    one = {name: value for name, value in found.items() if value}
    one["files"] = [file for file in found["files"] if isinstance(file, dict)]
    return one


def moment(ts: str) -> datetime:
    """The time that a ts is. Raises ValueError."""
    found = _TS.fullmatch(ts)
    if not found:
        raise ValueError(f"its ts is not a time ({ts[:40]})")
    seconds, fraction = found.groups()
    return datetime.fromtimestamp(int(seconds), UTC) + timedelta(
        microseconds=int(fraction.ljust(6, "0"))
    )


def stamp(at: datetime) -> str:
    """A time as Slack writes it."""
    return f"{at.timestamp():.6f}"


def display_name(user: dict[str, Any], profile: dict[str, Any]) -> str:
    """How a person or a bot is called there; a message's own profile stands for both."""
    names = (
        want(profile, "display_name", str, ""),
        want(profile, "real_name", str, ""),
        want(user, "real_name", str, ""),
        want(user, "name", str, ""),
    )
    return next(filter(None, names), "")


def is_direct(event: Mapping[str, Any], channel: str) -> bool:
    """One person alone with her; an app_mention does not say, but ids do."""
    return event.get("channel_type") == "im" or channel.startswith("D")


def is_said(message: Mapping[str, Any], me: Me, bots: frozenset[str]) -> bool:
    """Whether somebody said it whom she hears: a person, or a bot that she was told to hear."""
    if message.get("subtype", "") not in SPOKEN or message.get("hidden") or me.wrote(message):
        return False
    if not message.get("bot_id") and message.get("subtype") != "bot_message":
        return bool(message.get("user"))
    ids = (message.get("bot_id"), message.get("user"), message.get("app_id"))
    return any(one in bots for one in ids)


def people(message: dict[str, Any]) -> tuple[str, ...]:
    """The ids whose names it needs: its author's first."""
    author = want(message, "user", str, "")
    return tuple(dict.fromkeys(filter(None, (author, *mentioned(_text(message))))))


def to_message(
    event: dict[str, Any],
    channel: Channel,
    me: Me,
    names: Names,
    files: str = "",
) -> Message:
    """What was said; `files` is what its files say. Raises ValueError when it is malformed."""
    ts = want(event, "ts", str)
    at = moment(ts)
    thread = want(event, "thread_ts", str, "")
    mentions = mentioned(_text(event))
    addressed = channel.direct or me.user in mentions or event.get("type") == "app_mention"
    if addressed and not channel.direct:
        thread = thread or ts  # what mentions her at top level starts its thread
    return Message(
        channel=channel,
        id=ts,
        author=author(event, names),
        text=to_text(event, me, names, files),
        at=at,
        thread=thread,
        addressed=addressed,
        mentions=tuple(one for one in mentions if one != me.user),
        link=permalink(me, channel.id, ts, want(event, "thread_ts", str, "")),
    )


def to_text(message: dict[str, Any], me: Me, names: Names, files: str = "") -> str:
    """What a message says, as people see it; that it begins by calling her says nothing more."""
    raw = _text(message).strip()
    called = raw.removeprefix(f"<@{me.user}>").lstrip(" \t\n,:")
    said = plain(called or raw, names.people, names.channels).strip()
    if not said:
        attached = want(message, "attachments", list, [])
        said = "\n".join(filter(None, (_attached(one, names) for one in attached)))
    if want(message, "subtype", str, "") == "me_message" and said:
        said = f"/me {said}"
    return "\n".join(filter(None, (said, files)))


def author(message: dict[str, Any], names: Names) -> Author:
    """Who said it. Raises ValueError when nobody did."""
    user, bot = want(message, "user", str, ""), want(message, "bot_id", str, "")
    username = want(message, "username", str, "")
    id_ = user or bot or username
    if not id_:
        raise ValueError("it has no user")
    profile = want(message, "user_profile", dict, {})
    known = (
        username if bot else "",  # people have one only in old exports, and in markup
        names.people.get(id_, ""),
        display_name(profile, profile),
        want(want(message, "bot_profile", dict, {}), "name", str, ""),
    )
    return Author(id_, next(filter(None, known), id_))


def permalink(me: Me, channel: str, ts: str, thread: str = "") -> str:
    """Where a person opens it; computed, because asking Slack would cost a call a message."""
    link = f"{me.url}archives/{channel}/p{ts.replace('.', '')}"
    return f"{link}?thread_ts={thread}&cid={channel}" if thread and thread != ts else link


def _text(message: dict[str, Any]) -> str:
    return want(message, "text", str, "")


def _attached(attachment: Any, names: Names) -> str:
    if not isinstance(attachment, dict):
        return ""
    said = want(attachment, "fallback", str, "") or want(attachment, "text", str, "")
    return plain(said, names.people, names.channels).strip()
