"""What Discord reports -> messages: pure, and no word is invented."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import discord

from bot.conversation import Author, Channel, Message

PLATFORM = "discord"
DIRECT = "@me"
"""The workspace of direct messages, as Discord's own links name it."""

_SPOKEN = {discord.MessageType.default, discord.MessageType.reply}
_MARKUP = re.compile(
    r"<(?:@!?(?P<person>\d{1,20})|@&(?P<role>\d{1,20})|#(?P<channel>\d{1,20})"
    r"|a?:(?P<emoji>\w{1,32}):\d{1,20})>"
)

Somewhere = (
    discord.abc.GuildChannel | discord.Thread | discord.abc.PrivateChannel
    | discord.PartialMessageable
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was said: the unit of memory, and the thread in it."""

    channel: Channel
    thread: str = ""

    @property
    def id(self) -> int:
        """What Discord calls the channel: to it, a thread is one too."""
        return int(self.thread or self.channel.id)


def place(where: Somewhere | None) -> Place | None:
    """The place that a channel of Discord's is; None for one that it told us nothing about.

    A public thread is one in its parent; a private one is a channel of its own, for who reads the
    parent may not read it.
    """
    if isinstance(where, discord.Thread):
        guild = str(where.guild.id)
        if where.is_private():
            return Place(Channel(PLATFORM, guild, str(where.id), where.name))
        parent = where.parent.name if where.parent else ""
        return Place(Channel(PLATFORM, guild, str(where.parent_id), parent), str(where.id))
    if isinstance(where, discord.DMChannel):
        name = where.recipient.display_name if where.recipient else "direct message"
        return Place(Channel(PLATFORM, DIRECT, str(where.id), name, direct=True))
    if isinstance(where, discord.abc.GuildChannel):
        return Place(Channel(PLATFORM, str(where.guild.id), str(where.id), where.name))
    return None


def author(person: discord.abc.User) -> Author:
    """A person, by the name that people see there."""
    return Author(str(person.id), person.display_name)


def heard(said: discord.Message, me: int, bots: frozenset[int]) -> bool:
    """Whether it was said by somebody she listens to: no bot, no webhook, no system message."""
    if said.type not in _SPOKEN or said.author.id == me:
        return False
    if said.webhook_id:
        return said.webhook_id in bots
    return not said.author.bot or said.author.id in bots


def message(
    said: discord.Message, where: Place, me: int, files: Sequence[str] = ()
) -> Message | None:
    """What was said, as text; None where that is nothing."""
    text = "\n".join(part for part in (_text(said, me), *files) if part)
    if not text:
        return None
    replied = _replied_to(said)
    others = dict.fromkeys(person.id for person in (*said.mentions, *_author_of(replied)))
    return Message(
        where.channel,
        str(said.id),
        author(said.author),
        text,
        said.created_at,
        thread=where.thread,
        reply_to=str(replied.message_id) if replied else "",
        addressed=where.channel.direct or me in others or _names_her_role(said, me),
        mentions=tuple(str(id_) for id_ in others if id_ != me),
        link=f"https://discord.com/channels/{where.channel.workspace}/{where.id}/{said.id}",
    )


def asked(
    interaction: discord.Interaction, where: Place, question: str, *, private: bool,
    about: discord.Message | None = None,
) -> Message:  # fmt: skip
    """A question by a command; its id is the interaction's, and it has no link."""
    question = readable(question)
    if about and (quoted := readable(about.content)[:1_000]):
        quote = "\n".join(f"> {line}" for line in quoted.splitlines())
        question = f"{question}\n\n{about.author.display_name} had said:\n{quote}"
    return Message(
        where.channel,
        str(interaction.id),
        author(interaction.user),
        question,
        interaction.created_at,
        thread=where.thread,
        reply_to=str(about.id) if about else "",
        addressed=True,
        private=private,
    )


def readable(
    text: str,
    people: Mapping[int, str] | None = None,
    roles: Mapping[int, str] | None = None,
    channels: Mapping[int, str] | None = None,
) -> str:
    """Discord's markup for people, roles, channels and emoji as people see it."""

    def shown(found: re.Match[str]) -> str:
        for kind, sign, names in (
            ("person", "@", people), ("role", "@", roles), ("channel", "#", channels),
        ):  # fmt: skip
            if id_ := found[kind]:
                return sign + ((names or {}).get(int(id_)) or id_)
        return f":{found['emoji']}:"

    return _MARKUP.sub(shown, text)


def _text(said: discord.Message, me: int) -> str:
    people = {person.id: person.display_name for person in said.mentions}
    roles = {role.id: role.name for role in said.role_mentions}
    channels = {one.id: getattr(one, "name", "") for one in said.channel_mentions}
    own = readable(_without_call(said.content, me), people, roles, channels).strip()
    forwarded = [f"[forwarded] {readable(one.content)}" for one in said.message_snapshots]
    boxes = [] if own or not said.author.bot else [_boxed(box) for box in said.embeds]
    return "\n".join(part for part in (own, *forwarded, *boxes) if part)


def _without_call(text: str, me: int) -> str:
    """Without the mention that only calls her, where something else is said."""
    called = re.sub(rf"^\s*<@!?{me}>[,:]?\s*", "", text)
    return called if called.strip() else text


def _boxed(embed: discord.Embed) -> str:
    """What bots say in a box, where they say nothing outside of it."""
    return "\n".join(part for part in (embed.title, embed.description) if part)


def _replied_to(said: discord.Message) -> discord.MessageReference | None:
    """What it replies to; a forwarded message is no reply."""
    reference = said.reference
    if not reference or said.type is not discord.MessageType.reply or not reference.message_id:
        return None
    return reference


def _author_of(reference: discord.MessageReference | None) -> tuple[discord.abc.User, ...]:
    resolved = reference.resolved if reference else None
    return (resolved.author,) if isinstance(resolved, discord.Message) else ()


def _names_her_role(said: discord.Message, me: int) -> bool:
    """People who type her name often pick the role that Discord made for her."""
    return any(role.tags and role.tags.bot_id == me for role in said.role_mentions)
