"""What Discord reports -> messages: pure, and no word is invented."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import discord

from bot.domain.model import Author, Channel, Message

PLATFORM = "discord"
DIRECT = "@me"
"""The workspace of direct messages, as Discord's own links name it."""

_QUOTED = 1_000  # characters of the message that a question is about
_CONVERSATION = {discord.MessageType.default, discord.MessageType.reply}
_MARKUP = re.compile(
    r"<(?:@!?(?P<person>\d{1,20})|@&(?P<role>\d{1,20})|#(?P<channel>\d{1,20})"
    r"|a?:(?P<emoji>\w{1,32}):\d{1,20})>"
)

DiscordChannel = (
    discord.abc.GuildChannel
    | discord.Thread
    | discord.abc.PrivateChannel
    | discord.PartialMessageable
)


@dataclass(frozen=True, slots=True)
class Location:
    """Where a message was written: the channel of memory, and the thread in it."""

    channel: Channel
    thread: str = ""

    @property
    def id(self) -> int:
        """Discord's id of that channel: to Discord, a thread is a channel too."""
        return int(self.thread or self.channel.id)


def locate(where: DiscordChannel | None) -> Location | None:
    """The location of a Discord channel; None for one that Discord says nothing about.

    A public thread belongs to its parent. A private one is a channel of its own, because whoever
    reads the parent may not read it.
    """
    if isinstance(where, discord.Thread):
        guild = str(where.guild.id)
        if where.is_private():
            return Location(Channel(PLATFORM, guild, str(where.id), where.name))
        parent = where.parent.name if where.parent else ""
        return Location(Channel(PLATFORM, guild, str(where.parent_id), parent), str(where.id))
    if isinstance(where, discord.DMChannel):
        name = where.recipient.display_name if where.recipient else "direct message"
        return Location(Channel(PLATFORM, DIRECT, str(where.id), name, direct=True))
    if isinstance(where, discord.abc.GuildChannel):
        return Location(Channel(PLATFORM, str(where.guild.id), str(where.id), where.name))
    return None


def to_author(person: discord.abc.User) -> Author:
    """A person, by the name that people see there."""
    return Author(str(person.id), person.display_name)


def is_conversation(message: discord.Message, *, own_id: int, bots: frozenset[int]) -> bool:
    """Whether a person wrote it, or a bot that is allowed to; system messages are left out."""
    if message.type not in _CONVERSATION or message.author.id == own_id:
        return False
    if message.webhook_id:
        return message.webhook_id in bots
    return not message.author.bot or message.author.id in bots


def to_message(
    message: discord.Message, location: Location, *, own_id: int, files: str = ""
) -> Message | None:
    """A Discord message with the text of its files; None where it says nothing."""
    text = "\n".join(part for part in (_text(message, own_id), files) if part)
    if not text:
        return None
    reply = _reply_reference(message)
    others = dict.fromkeys(person.id for person in (*message.mentions, *_referenced_author(reply)))
    addressed = own_id in others or _mentions_own_role(message, own_id)
    return Message(
        channel=location.channel,
        id=str(message.id),
        author=to_author(message.author),
        text=text,
        at=message.created_at,
        thread=location.thread,
        reply_to=str(reply.message_id) if reply else "",
        addressed=location.channel.direct or addressed,
        mentions=tuple(str(id_) for id_ in others if id_ != own_id),
        link=_link(location, message.id),
    )


def to_question(
    interaction: discord.Interaction,
    location: Location,
    question: str,
    *,
    private: bool,
    about: discord.Message | None = None,
) -> Message:
    """A question asked by a command. Its id is the interaction's, and it has no link."""
    return Message(
        channel=location.channel,
        id=str(interaction.id),
        author=to_author(interaction.user),
        text=render_markup(question) + _quote(about),
        at=interaction.created_at,
        thread=location.thread,
        reply_to=str(about.id) if about else "",
        addressed=True,
        private=private,
    )


def render_markup(
    text: str,
    people: Mapping[int, str] | None = None,
    roles: Mapping[int, str] | None = None,
    channels: Mapping[int, str] | None = None,
) -> str:
    """Discord's markup for people, roles, channels and emoji as people see it.

    Whoever has no name here keeps the number.
    """
    kinds = (("person", "@", people), ("role", "@", roles), ("channel", "#", channels))

    def render(match: re.Match[str]) -> str:
        for kind, sign, names in kinds:
            if id_ := match[kind]:
                return sign + ((names or {}).get(int(id_)) or id_)
        return f":{match['emoji']}:"

    return _MARKUP.sub(render, text)


def _text(message: discord.Message, own_id: int) -> str:
    people = {person.id: person.display_name for person in message.mentions}
    roles = {role.id: role.name for role in message.role_mentions}
    channels = {channel.id: getattr(channel, "name", "") for channel in message.channel_mentions}
    content = _without_leading_mention(message.content, own_id)
    own = render_markup(content, people, roles, channels).strip()
    forwarded = [f"[forwarded] {render_markup(one.content)}" for one in message.message_snapshots]
    # Bots often write into embeds alone; beside a text, embeds are link previews and decoration.
    embeds = [] if own or not message.author.bot else map(_embed_text, message.embeds)
    return "\n".join(part for part in (own, *forwarded, *embeds) if part)


def _without_leading_mention(text: str, own_id: int) -> str:
    """Without the mention that only calls Nellie, where something else follows."""
    rest = re.sub(rf"^\s*<@!?{own_id}>[,:]?\s*", "", text)
    return rest if rest.strip() else text


def _embed_text(embed: discord.Embed) -> str:
    return "\n".join(part for part in (embed.title, embed.description) if part)


def _quote(about: discord.Message | None) -> str:
    """The message that a question is about, below the question."""
    if not about or not (text := render_markup(about.content)[:_QUOTED]):
        return ""
    lines = "\n".join(f"> {line}" for line in text.splitlines())
    return f"\n\n{about.author.display_name} had said:\n{lines}"


def _link(location: Location, message_id: int) -> str:
    server = location.channel.workspace
    return f"https://discord.com/channels/{server}/{location.id}/{message_id}"


def _reply_reference(message: discord.Message) -> discord.MessageReference | None:
    """What it replies to; a forwarded message is no reply."""
    reference = message.reference
    is_reply = message.type is discord.MessageType.reply
    return reference if reference and is_reply and reference.message_id else None


def _referenced_author(reference: discord.MessageReference | None) -> tuple[discord.abc.User, ...]:
    resolved = reference.resolved if reference else None
    return (resolved.author,) if isinstance(resolved, discord.Message) else ()


def _mentions_own_role(message: discord.Message, own_id: int) -> bool:
    """People who type Nellie's name often pick the role that Discord made for the bot."""
    return any(role.tags and role.tags.bot_id == own_id for role in message.role_mentions)
