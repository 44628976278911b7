"""What Discord reports -> messages: pure, and no word is invented."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import discord

from adapters.discord.markup import render_markup
from adapters.discord.message_text import name_attachments
from adapters.discord.posts import read_files, read_text
from bot.domain.documents import PostedFile
from bot.domain.model import Author, Channel, Message

PLATFORM = "discord"
DIRECT = "@me"
"""The workspace of direct messages, as Discord's own links name it."""

OF_COMMANDS = {discord.MessageType.chat_input_command, discord.MessageType.context_menu_command}
"""What another bot answers to a command: often empty at first, and filled in later."""
_CONVERSATION = OF_COMMANDS | {
    discord.MessageType.default,
    discord.MessageType.reply,
    discord.MessageType.poll_result,
}

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
            return Location(Channel(PLATFORM, guild, str(where.id), _text(where.name)))
        parent = _text(where.parent.name) if where.parent else ""
        return Location(Channel(PLATFORM, guild, str(where.parent_id), parent), str(where.id))
    if isinstance(where, discord.DMChannel):
        name = _text(where.recipient.display_name) if where.recipient else "direct message"
        return Location(Channel(PLATFORM, DIRECT, str(where.id), name, direct=True))
    if isinstance(where, discord.abc.GuildChannel):
        return Location(Channel(PLATFORM, str(where.guild.id), str(where.id), _text(where.name)))
    return None


def to_author(person: discord.abc.User) -> Author:
    """A person or a bot, by the name that people see there."""
    return Author(str(person.id), _text(person.display_name), bot=person.bot is True)


def is_conversation(message: discord.Message, *, own_id: int, bots: frozenset[int]) -> bool:
    """Whether a person wrote it, or a bot that is allowed to; system messages are left out."""
    if not _is_by_others(message, own_id):
        return False
    return not is_by_bot(message) or (message.webhook_id or message.author.id) in bots


def is_of_unheard_bot(message: discord.Message, *, own_id: int, bots: frozenset[int]) -> bool:
    """Whether another bot or a webhook wrote it, which Nellie is not allowed to hear."""
    heard = is_conversation(message, own_id=own_id, bots=bots)
    return _is_by_others(message, own_id) and not heard


def is_by_bot(message: discord.Message) -> bool:
    """Whether no person wrote it."""
    return message.author.bot or bool(message.webhook_id)


def is_addressed(message: discord.Message, own_id: int) -> bool:
    """Whether it mentions Nellie, or replies to her."""
    return own_id in _mentioned_ids(message) or _mentions_own_role(message, own_id)


def to_message(message: discord.Message, location: Location, *, own_id: int) -> Message | None:
    """A Discord message, whose text names its files; None where it says nothing."""
    files = read_files(message, location.id)
    text = _with_names(read_text(message, own_id), files)
    if not text:
        return None
    reply = _reply_reference(message)
    return Message(
        channel=location.channel,
        id=str(message.id),
        author=replace(to_author(message.author), bot=is_by_bot(message)),
        text=text,
        at=message.created_at,
        thread=location.thread,
        reply_to=str(reply.message_id) if reply else "",
        addressed=location.channel.direct or is_addressed(message, own_id),
        mentions=tuple(str(id_) for id_ in _mentioned_ids(message) if id_ != own_id),
        link=_link(location, message.id),
        edited_at=message.edited_at,
        files=files,
    )


def to_question(
    interaction: discord.Interaction,
    location: Location,
    question: str,
    *,
    private: bool,
    about: discord.Message | None = None,
    files: Sequence[PostedFile] = (),
) -> Message:
    """A question asked by a command. Its id is the interaction's, and it has no link.

    The message that it is about stays its author's: the question only refers to it.
    """
    return Message(
        channel=location.channel,
        id=str(interaction.id),
        author=to_author(interaction.user),
        text=_with_names(render_markup(question), files),
        at=interaction.created_at,
        thread=location.thread,
        reply_to=str(about.id) if about else "",
        addressed=True,
        private=private,
        files=tuple(files),
    )


def _with_names(text: str, files: Sequence[PostedFile]) -> str:
    return "\n".join(filter(None, (text, name_attachments(files))))


def _link(location: Location, message_id: int) -> str:
    server = location.channel.workspace
    return f"https://discord.com/channels/{server}/{location.id}/{message_id}"


def _reply_reference(message: discord.Message) -> discord.MessageReference | None:
    """What it replies to; a forwarded message is no reply."""
    reference = message.reference
    is_reply = message.type is discord.MessageType.reply
    return reference if reference and is_reply and reference.message_id else None


def _mentioned_ids(message: discord.Message) -> tuple[int, ...]:
    """Whom it mentions, and whom it replies to, each once."""
    people = (*message.mentions, *_referenced_author(_reply_reference(message)))
    return tuple(dict.fromkeys(person.id for person in people))


def _is_by_others(message: discord.Message, own_id: int) -> bool:
    return message.type in _CONVERSATION and message.author.id != own_id


def _referenced_author(reference: discord.MessageReference | None) -> tuple[discord.abc.User, ...]:
    resolved = reference.resolved if reference else None
    return (resolved.author,) if isinstance(resolved, discord.Message) else ()


def _mentions_own_role(message: discord.Message, own_id: int) -> bool:
    """People who type Nellie's name often pick the role that Discord made for the bot."""
    return any(role.tags and role.tags.bot_id == own_id for role in message.role_mentions)


def _text(name: object) -> str:
    """A name; what Discord garbled is none."""
    return name if isinstance(name, str) else ""
