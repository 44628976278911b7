"""The state of a small Discord: one server, its people and channels, and what is said there."""

import re
from dataclasses import dataclass, field

from doubles.discord_server.gateway import Gateway
from doubles.discord_server.guild import (
    DIRECT,
    EVERYONE,
    JSON,
    MANAGE,
    MANAGERS,
    Channel,
    Post,
    Role,
    User,
    mentioned_roles,
    mentions,
    snowflake,
)
from doubles.discord_server.rest import unknown

CONTENT_FLAG = 1 << 18  # of an application that may read what is said


@dataclass
class World:
    """What the REST side and the people share."""

    bot: User
    guild: str = field(default_factory=snowflake)
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    commands: list[JSON] = field(default_factory=list)
    invited: bool = True
    """The bot is in the server."""
    gateway: Gateway = field(init=False)

    def channel(self, id: str) -> Channel:
        """Raises Refusal where there is none."""
        found = self.channels.get(id)
        if found is None or found.removed:
            raise unknown("Channel", 10003)
        return found

    def post(self, channel: Channel, id: str) -> Post:
        """Raises Refusal where there is none."""
        found = self.posts.get(id)
        if found is None or found.deleted or found.channel is not channel:
            raise unknown("Message", 10008)
        return found

    @property
    def roles(self) -> list[Role]:
        """Everybody's, and that of those with the right Manage Server."""
        everyone = Role(self.guild, "@everyone", EVERYONE)
        return [everyone, Role(MANAGERS, "managers", MANAGE)]

    def add(self, post: Post) -> Post:
        """It is said, and everybody hears of it."""
        post.channel.posts.append(post)
        self.posts[post.id] = post
        if not post.ephemeral:
            self.tell("MESSAGE_CREATE", post)
        return post

    def changed(self, post: Post) -> None:
        if not post.ephemeral:
            self.tell("MESSAGE_UPDATE", post)

    def remove(self, post: Post) -> None:
        post.deleted = True
        if not post.ephemeral:
            data = {"id": post.id, "channel_id": post.channel.id}
            self.gateway.emit("MESSAGE_DELETE", data | self.where(post.channel))

    def tell(self, event: str, post: Post) -> None:
        """The event, with the text taken out for those who may not read it."""
        data = post.json() | self.where(post.channel)
        if post.channel.guild:
            data["member"] = post.author.member()
        hidden = data | {"content": "", "embeds": [], "attachments": [], "components": []}
        open_to_all = (
            not post.channel.guild or post.author is self.bot or self.bot in post.mentioned
        )
        self.gateway.emit(event, data, plain=data if open_to_all else hidden)

    def where(self, channel: Channel) -> JSON:
        return {"guild_id": channel.guild} if channel.guild else {}

    def pings(self, text: str, allowed: JSON | None, reply_to: Post | None) -> list[User]:
        """Whom a text names and may ping; without `allowed`, everyone that it names."""
        if allowed is None:
            allowed = {"parse": ["users", "everyone"], "replied_user": True}
        listed, parse = allowed.get("users") or [], allowed.get("parse") or []
        named = [id for id in mentions(text) if "users" in parse or int(id) in map(int, listed)]
        found = [self.users[id] for id in named if id in self.users]
        if reply_to and allowed.get("replied_user") and reply_to.author not in found:
            found.append(reply_to.author)
        return found

    def role_pings(self, text: str, allowed: JSON | None) -> list[str]:
        """The roles that a text names and may ping; without `allowed`, all that it names."""
        named = mentioned_roles(text)
        if allowed is None or "roles" in (allowed.get("parse") or []):
            return named
        listed = [int(one) for one in allowed.get("roles") or []]
        return [one for one in named if int(one) in listed]

    def everyone(self, text: str, allowed: JSON | None) -> bool:
        """Whether it pings the whole channel."""
        may = allowed is None or "everyone" in (allowed.get("parse") or [])
        return may and re.search("@(everyone|here)", text) is not None

    def direct(self, user: User) -> Channel:
        """That person's direct messages with the bot."""
        for channel in self.channels.values():
            if channel.kind == DIRECT and channel.owner is user:
                return channel
        return self.open(Channel("", kind=DIRECT, owner=user))

    def open(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        return channel

    def welcome(self) -> list[tuple[str, JSON]]:
        """READY and what follows it."""
        flags = 0 if self.gateway.withheld_intents else CONTENT_FLAG
        ready: JSON = {
            "v": 10,
            "user": self.bot.json(),
            "guilds": [],
            "application": {"id": self.bot.id, "flags": flags},
        }
        if not self.invited:
            return [("READY", ready)]
        ready["guilds"] = [{"id": self.guild, "unavailable": True}]
        return [("READY", ready), ("GUILD_CREATE", self.guild_json() | {"unavailable": False})]

    def guild_json(self) -> JSON:
        here = [
            one for one in self.channels.values() if one.guild == self.guild and not one.removed
        ]
        return {
            "id": self.guild,
            "name": "The harbour",
            "owner_id": snowflake(),
            "roles": [role.json() for role in self.roles],
            "emojis": [],
            "features": [],
            "member_count": len(self.users),
            "large": False,
            "channels": [one.json() for one in here if not one.is_thread],
            "threads": [one.json() for one in here if one.is_thread and not one.archived],
            "members": [self.bot.member() | {"user": self.bot.json()}],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "premium_tier": 0,
            "joined_at": self.bot.member()["joined_at"],
            "preferred_locale": "en-US",
        }
