"""Slack's events -> messages. Pure: names and channels were looked up before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.slack.files import is_deleted, to_files
from adapters.slack.markup import linked_channels, mentioned_people
from adapters.slack.message_text import mentions_in, read_text, whole_markup
from adapters.slack.timestamps import edit_time
from adapters.slack.timestamps import format_ts as format_ts
from adapters.slack.timestamps import parse_ts as parse_ts
from bot.domain.documents import name_files
from bot.domain.model import Author, Channel, Message
from bot.text.json_fields import read_field

MESSAGE_SUBTYPES = {
    "", "bot_message", "file_share", "me_message", "slackbot_response", "thread_broadcast",
}  # fmt: skip
"""The subtypes of what somebody wrote; all others are about something that happened."""
BOT_SUBTYPES = {"bot_message", "slackbot_response"}
SLACKBOT = "USLACKBOT"  # Slack's own bot, which writes as if it were a person
TOMBSTONE = "tombstone"  # the subtype of a deleted message with replies

_FIELDS: dict[str, type] = {
    "type": str,
    "subtype": str,
    "user": str,
    "bot_id": str,
    "app_id": str,
    "username": str,
    "text": str,
    "ts": str,
    "thread_ts": str,
    "channel": str,
    "channel_type": str,
    "client_msg_id": str,
    "hidden": bool,
    "edited": dict,
    "files": list,
    "attachments": list,
    "user_profile": dict,
    "bot_profile": dict,
}


@dataclass(frozen=True, slots=True)
class BotIdentity:
    """Who Nellie is in this workspace, as auth.test says."""

    team_id: str
    user_id: str
    bot_id: str
    url: str
    """The workspace's address, with a slash at its end."""

    def wrote(self, message: Mapping[str, Any]) -> bool:
        """Whether a message is Nellie's own."""
        return message.get("user") == self.user_id or message.get("bot_id", "") == self.bot_id


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the ids in a message."""

    people: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    """Of those alone whose names may be told where the message stands."""


def check_fields(message: Any) -> dict[str, Any]:
    """The fields of a message that matter here. Raises ValueError where one has a wrong type."""
    found = {name: read_field(message, name, kind, kind()) for name, kind in _FIELDS.items()}
    fields = {name: value for name, value in found.items() if value}
    fields["files"] = [file for file in found["files"] if isinstance(file, dict)]
    if isinstance(message.get("blocks"), list):
        fields["blocks"] = message["blocks"]
    return fields


@dataclass(frozen=True, slots=True)
class Edit:
    """What a message_changed event says."""

    message: dict[str, Any]
    """The message as it is now, its fields checked."""
    is_deletion: bool
    """What had replies when it was deleted leaves a tombstone."""
    changes_text: bool
    """False for an unfurl, a reaction or a reply: they change a message too."""
    adds_mention_of: frozenset[str] = frozenset()
    """Whom it mentions that it did not mention before."""


def read_edit(event: Mapping[str, Any]) -> Edit:
    """A message_changed event. Raises ValueError for one of another shape."""
    new = check_fields(read_field(event, "message", dict))
    old = check_fields(read_field(event, "previous_message", dict, {}))
    same = whole_markup(new) == whole_markup(old) and _files_of(new) == _files_of(old)
    added = frozenset(mentions_in(new)) - frozenset(mentions_in(old))
    return Edit(new, new.get("subtype") == TOMBSTONE, not same, added)


def has_deleted_file(message: Mapping[str, Any]) -> bool:
    """Whether somebody deleted one of its files: Slack does not call that an edit."""
    return any(map(is_deleted, message["files"]))


def _files_of(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What of its files is told in its text, or is lost with one of them."""
    return [(file.id, str(file)) for file in to_files(message["files"])]


def display_name(user: dict[str, Any], profile: dict[str, Any]) -> str:
    """How a person or a bot is called there; a message's own profile stands for both."""
    names = (
        read_field(profile, "display_name", str, ""),
        read_field(profile, "real_name", str, ""),
        read_field(user, "real_name", str, ""),
        read_field(user, "name", str, ""),
    )
    return next(filter(None, names), "")


def is_direct(event: Mapping[str, Any], channel: str) -> bool:
    """Whether one person is alone with Nellie: an app_mention does not say so, but ids do."""
    return event.get("channel_type") == "im" or channel.startswith("D")


def is_heard(message: Mapping[str, Any], identity: BotIdentity, bots: frozenset[str]) -> bool:
    """Whether it was written by a person, or by a bot that Nellie is allowed to hear."""
    if not _is_by_others(message, identity):
        return False
    return _is_one_of(message, bots) if is_bot(message) else bool(message.get("user"))


def is_of_unheard_bot(
    message: Mapping[str, Any], identity: BotIdentity, bots: frozenset[str]
) -> bool:
    """Whether another bot wrote it, which Nellie is not allowed to hear."""
    return _is_by_others(message, identity) and is_bot(message) and not _is_one_of(message, bots)


def is_said(message: Mapping[str, Any]) -> bool:
    """Whether somebody wrote it; all else is about something that happened, or was deleted."""
    return message.get("subtype", "") in MESSAGE_SUBTYPES and not message.get("hidden")


def _is_by_others(message: Mapping[str, Any], identity: BotIdentity) -> bool:
    return is_said(message) and not identity.wrote(message)


def _is_one_of(message: Mapping[str, Any], bots: frozenset[str]) -> bool:
    ids = (message.get("bot_id"), message.get("user"), message.get("app_id"))
    return any(id_ in bots for id_ in ids)


def is_bot(message: Mapping[str, Any]) -> bool:
    """Whether an app wrote it, a workflow or Slackbot; some of them write under a user's id."""
    by_app = message.get("bot_id") or message.get("bot_profile")
    kind = message.get("subtype")
    return bool(by_app) or kind in BOT_SUBTYPES or message.get("user") == SLACKBOT


def people_in(message: dict[str, Any]) -> tuple[str, ...]:
    """The ids of its author and of those whom it mentions, whose names are needed to read it."""
    author = read_field(message, "user", str, "")
    return tuple(dict.fromkeys(filter(None, (author, *mentioned_people(whole_markup(message))))))


def channels_in(message: dict[str, Any]) -> tuple[str, ...]:
    """The ids of the channels that it names."""
    return linked_channels(whole_markup(message))


def to_message(
    event: dict[str, Any],
    channel: Channel,
    identity: BotIdentity,
    names: Names,
) -> Message:
    """The event as a message. Raises ValueError where it is malformed."""
    ts = read_field(event, "ts", str)
    thread = read_field(event, "thread_ts", str, "")
    mentions = mentions_in(event)
    mentioned = identity.user_id in mentions or event.get("type") == "app_mention"
    if mentioned and not channel.direct:
        thread = thread or ts  # a mention at top level starts its thread
    return Message(
        channel=channel,
        id=ts,
        author=author_of(event, names),
        text=to_text(event, identity, names),
        at=parse_ts(ts),
        thread=thread,
        addressed=channel.direct or mentioned,
        mentions=tuple(id_ for id_ in mentions if id_ != identity.user_id),
        link=permalink(identity, channel.id, ts, read_field(event, "thread_ts", str, "")),
        edited_at=edit_time(event),
        files=to_files(event["files"]),
    )


def to_text(message: dict[str, Any], identity: BotIdentity, names: Names) -> str:
    """The text of a message as people see it, without the mention of Nellie that it begins with."""
    text = read_text(message, names.people, names.channels, called=identity.user_id)
    return "\n".join(filter(None, (text, name_files(to_files(message["files"])))))


def author_of(message: dict[str, Any], names: Names) -> Author:
    """Who wrote it. Raises ValueError where the message does not say."""
    user, bot = read_field(message, "user", str, ""), read_field(message, "bot_id", str, "")
    username = read_field(message, "username", str, "")
    id_ = user or bot or username
    if not id_:
        raise ValueError("it has no user")
    profile = read_field(message, "user_profile", dict, {})
    candidates = (
        username if bot else "",  # people have one only in old exports, and in markup
        names.people.get(id_, ""),
        display_name(profile, profile),
        read_field(read_field(message, "bot_profile", dict, {}), "name", str, ""),
    )
    return Author(id_, next(filter(None, candidates), id_), bot=is_bot(message))


def permalink(identity: BotIdentity, channel: str, ts: str, thread: str = "") -> str:
    """Where a person opens it; computed, because asking Slack would cost a call a message."""
    link = f"{identity.url}archives/{channel}/p{ts.replace('.', '')}"
    return f"{link}?thread_ts={thread}&cid={channel}" if thread and thread != ts else link
