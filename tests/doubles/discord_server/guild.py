"""Who and what there is on a Discord: people, channels and messages, in Discord's own JSON."""

import itertools
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

JSON = dict[str, Any]
EPOCH = 1_420_070_400_000  # Discord's first millisecond

TEXT, DIRECT, NEWS_THREAD, THREAD, PRIVATE_THREAD, FORUM = 0, 1, 10, 11, 12, 15
REPLY, THREAD_STARTED, COMMAND, THREAD_STARTER, MENU = 19, 18, 20, 21, 23
NO_EMBEDS, EPHEMERAL, LOADING = 4, 64, 128

SEND, READ, HISTORY, MANAGE = 1 << 11, 1 << 10, 1 << 16, 1 << 5
EVERYONE = READ | SEND | HISTORY | 1 << 6 | 1 << 14 | 1 << 15 | 1 << 31 | 1 << 35 | 1 << 38
"""What members may: read, send, react, embed, attach, commands, threads and to post in them."""

_count = itertools.count()
_latest = 0


def snowflake(at: datetime | None = None) -> str:
    """An id that tells its millisecond; later ones are greater."""
    global _latest
    millisecond = int(at.timestamp() * 1000) if at else int(time.time() * 1000)
    made = (millisecond - EPOCH) << 22 | next(_count) % 4096
    if at is None:
        made = _latest = max(made, _latest + 1)
    return str(made)


def moment(id: str) -> datetime:
    """When an id was made."""
    return datetime.fromtimestamp(((int(id) >> 22) + EPOCH) / 1000, UTC)


MANAGERS = snowflake()
"""The role of those with the right Manage Server."""


@dataclass(eq=False, slots=True)
class User:
    """An account; `manages` has the right Manage Server."""

    name: str
    manages: bool = False
    bot: bool = False
    id: str = field(default_factory=snowflake)

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    @property
    def permissions(self) -> int:
        return EVERYONE | (MANAGE if self.manages else 0)

    def json(self) -> JSON:
        return {
            "id": self.id,
            "username": self.name,
            "global_name": self.name.capitalize(),
            "discriminator": "0",
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
        }

    def member(self) -> JSON:
        """The part of a member that comes with a message: without the user."""
        return {
            "roles": [MANAGERS] if self.manages else [],
            "joined_at": moment(self.id).isoformat(),
            "nick": None,
            "avatar": None,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
            "premium_since": None,
            "communication_disabled_until": None,
        }


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the server; the one that has the server's id is everybody's."""

    id: str
    name: str
    permissions: int

    def json(self) -> JSON:
        return {
            "id": self.id,
            "name": self.name,
            "permissions": str(self.permissions),
            "position": 0,
            "color": 0,
            "colors": {"primary_color": 0},
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }


@dataclass(eq=False, slots=True)
class Channel:
    """Where something can be said: a channel, a thread, or somebody's direct messages."""

    name: str
    guild: str = ""
    """The server's id; empty for direct messages."""
    kind: int = TEXT
    parent: "Channel | None" = None
    """The channel of a thread."""
    owner: User | None = None
    """Who started the thread, or the person at the other end of the direct messages."""
    id: str = field(default_factory=snowflake)
    posts: "list[Post]" = field(default_factory=list)
    """All that was ever posted here, oldest first, also what was deleted since."""
    forbidden: bool = False
    """The bot may not send here."""
    concealed: bool = False
    """The bot may not read what was said before: Discord then shows it an empty history."""
    archived: bool = False
    removed: bool = False
    hidden: bool = False
    """Only those who were let in see it."""
    members: set[str] = field(default_factory=set)
    """Who is in a private thread besides its owner."""
    denied: dict[str, int] = field(default_factory=dict)
    """By person, the permissions that they do not have here."""

    def allowed(self, user: User) -> int:
        """The permissions of a person here; a thread has its channel's."""
        return user.permissions & ~(self.parent or self).denied.get(user.id, 0)

    @property
    def is_thread(self) -> bool:
        return self.kind in (NEWS_THREAD, THREAD, PRIVATE_THREAD)

    @property
    def standing(self) -> "list[Post]":
        """What stands here now."""
        return [post for post in self.posts if not post.deleted]

    def json(self) -> JSON:
        last = self.posts[-1].id if self.posts else None
        made: JSON = {"id": self.id, "type": self.kind, "last_message_id": last, "flags": 0}
        if self.kind == DIRECT:
            assert self.owner
            return made | {"recipients": [self.owner.json()]}
        made |= {"guild_id": self.guild, "name": self.name}
        if self.is_thread:
            return made | self._thread()
        bits = SEND * self.forbidden + HISTORY * self.concealed + READ * self.hidden
        denied = [{"id": self.guild, "type": 0, "allow": "0", "deny": str(bits)}] if bits else []
        people = [
            {"id": id, "type": 1, "allow": "0", "deny": str(one)} for id, one in self.denied.items()
        ]
        return made | {
            "position": 0,
            "topic": None,
            "nsfw": False,
            "parent_id": None,
            "rate_limit_per_user": 0,
            "permission_overwrites": [*denied, *people],
        }

    def _thread(self) -> JSON:
        assert self.parent
        assert self.owner
        return {
            "parent_id": self.parent.id,
            "owner_id": self.owner.id,
            "rate_limit_per_user": 0,
            "message_count": len(self.posts),
            "member_count": 1,
            "total_message_sent": 0,
            "thread_metadata": {
                "archived": self.archived,
                "auto_archive_duration": 1440,
                "locked": False,
                "archive_timestamp": moment(self.id).isoformat(),
                "invitable": True,
                "create_timestamp": moment(self.id).isoformat(),
            },
        }


@dataclass(eq=False, slots=True)
class Post:
    """A message. Its text over time stays readable, for whoever asks how an answer grew."""

    channel: Channel
    author: User
    text: str
    kind: int = 0
    reply_to: "Post | None" = None
    components: list[JSON] = field(default_factory=list)
    attachments: list[JSON] = field(default_factory=list)
    embeds: list[JSON] = field(default_factory=list)
    flags: int = 0
    nonce: str | int | None = None
    asker: User | None = None
    """Who gave the command that this answers; an ephemeral answer is for their eyes alone."""
    command: JSON | None = None
    application: str = ""
    """Set where an interaction's token posted it."""
    mentioned: "list[User]" = field(default_factory=list)
    """Whom it really pings."""
    roles: list[str] = field(default_factory=list)
    """The ids of the roles that it really pings."""
    everyone: bool = False
    id: str = field(default_factory=snowflake)
    more: JSON = field(default_factory=dict)
    """Whatever else it has: a poll, stickers, what it forwards."""
    edited: datetime | None = None
    deleted: bool = False
    at: float = field(default_factory=time.monotonic)
    versions: list[tuple[float, str]] = field(default_factory=list)
    """Every text that it had, with its moment on time.monotonic()."""
    opened: list[str] = field(default_factory=list)
    """The links that Discord opened for a preview, unclicked."""

    def __post_init__(self) -> None:
        self.versions.append((self.at, self.text))
        self._open_links()

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def buttons(self) -> dict[str, str]:
        """The ids of its buttons that can be pressed, by what is written on them or their emoji."""
        rows = (row.get("components", []) for row in self.components)
        return {
            one.get("label") or (one.get("emoji") or {}).get("name", ""): one["custom_id"]
            for one in itertools.chain(*rows)
            if one["type"] == 2 and "custom_id" in one and not one.get("disabled")
        }

    def rewrite(self, text: str) -> None:
        self.text, self.edited = text, datetime.now(UTC)
        self.versions.append((time.monotonic(), text))
        self._open_links()

    def _open_links(self) -> None:
        if not self.flags & NO_EMBEDS:
            self.opened += re.findall(r"https?://[^\s<>]+", self.text)

    def json(self) -> JSON:
        made: JSON = {
            "id": self.id,
            "channel_id": self.channel.id,
            "author": self.author.json(),
            "content": self.text,
            "type": self.kind,
            "timestamp": moment(self.id).isoformat(),
            "edited_timestamp": self.edited.isoformat() if self.edited else None,
            "tts": False,
            "pinned": False,
            "flags": self.flags,
            "mention_everyone": self.everyone,
            "mentions": [user.json() for user in self.mentioned],
            "mention_roles": self.roles,
            "embeds": self.embeds,
            "attachments": self.attachments,
            "components": self.components,
        }
        if self.nonce is not None:
            made["nonce"] = self.nonce
        if self.application:
            made |= {"webhook_id": self.application, "application_id": self.application}
        if self.command:
            made["interaction_metadata"] = self.command
        if self.reply_to:
            made |= self._reference(self.reply_to)
        return made | self.more

    def _reference(self, to: "Post") -> JSON:
        reference = {"type": 0, "message_id": to.id, "channel_id": to.channel.id}
        if to.channel.guild:
            reference["guild_id"] = to.channel.guild
        whole = None if to.deleted else {**to.json(), "referenced_message": None}
        return {"message_reference": reference, "referenced_message": whole}


def mentions(text: str) -> list[str]:
    """The ids of those whom a text names, in order."""
    return list(dict.fromkeys(re.findall(r"<@!?(\d+)>", text)))


def mentioned_roles(text: str) -> list[str]:
    """The ids of the roles that a text names, in order."""
    return list(dict.fromkeys(re.findall(r"<@&(\d+)>", text)))
