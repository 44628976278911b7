"""One interaction of a person with the bot, and its JSON."""

import secrets
import time
from dataclasses import dataclass, field
from enum import IntEnum

from doubles.discord_server.guild import DIRECT, JSON, LOADING, Channel, Post, User, snowflake

CALL, PRESS, COMPLETE, SUBMIT = 2, 3, 4, 5


class Answer(IntEnum):
    """How a bot may respond at first, in Discord's numbers."""

    MESSAGE = 4
    DEFER = 5
    DEFER_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(eq=False, slots=True)
class Interaction:
    """Something that a person did with the bot."""

    user: User
    channel: Channel
    kind: int
    data: JSON
    on: Post | None = None
    """The message whose button was pressed."""
    id: str = field(default_factory=snowflake)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    began: float = field(default_factory=time.monotonic)
    acknowledged: float | None = None
    """Seconds until its first answer; None as long as there is none."""
    response: int = 0
    """The kind of that answer, in Discord's numbers."""
    original: Post | None = None
    followups: list[Post] = field(default_factory=list)
    ephemeral: bool = False
    choices: list[str] | None = None
    modal: JSON | None = None
    refused: list[int] = field(default_factory=list)
    """Discord's codes of the answers that it did not take."""

    @property
    def shown(self) -> str:
        """What the person reads: empty while the bot is thinking, or when it was deleted."""
        first = self.original
        return first.text if first and not first.deleted else ""

    @property
    def thinking(self) -> bool:
        return self.original is not None and bool(self.original.flags & LOADING)


def event_json(interaction: Interaction, bot: User) -> JSON:
    """INTERACTION_CREATE, as the bot hears of it."""
    owner = interaction.channel.guild or bot.id
    made: JSON = {
        "id": interaction.id,
        "application_id": bot.id,
        "type": interaction.kind,
        "version": 1,
        "token": interaction.token,
        "channel_id": interaction.channel.id,
        "channel": interaction.channel.json(),
        "data": interaction.data,
        "locale": "en-US",
        "entitlements": [],
        "attachment_size_limit": 10**7,
        "app_permissions": str(bot.permissions),
        "context": 0 if interaction.channel.guild else 1,
        "authorizing_integration_owners": {"0": owner},
    }
    if interaction.on:
        made["message"] = interaction.on.json()
    if interaction.channel.kind == DIRECT:
        return made | {"user": interaction.user.json()}
    member = interaction.user.member() | {"user": interaction.user.json()}
    member["permissions"] = str(interaction.channel.allowed(interaction.user))
    guild = {"id": interaction.channel.guild, "features": [], "locale": "en-US"}
    return made | {"guild_id": interaction.channel.guild, "guild": guild, "member": member}


def response_json(interaction: Interaction) -> JSON:
    """What a callback returns that asks for it."""
    made: JSON = {
        "id": interaction.id,
        "type": interaction.kind,
        "response_message_ephemeral": interaction.ephemeral,
        "response_message_loading": interaction.response == Answer.DEFER,
    }
    if interaction.original is None:
        return {"interaction": made}
    made["response_message_id"] = interaction.original.id
    return {
        "interaction": made,
        "resource": {"type": interaction.response, "message": interaction.original.json()},
    }
