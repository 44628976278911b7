"""discord.py's message -> what it shows, and the names in it that may be told there. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any

import discord

from adapters.discord.markup import ids_in, render_markup
from adapters.discord.message_text import Poll, Post
from adapters.kit.calls import without_call
from bot.domain.documents import PostedFile

DEEPEST = 8  # how far components may be nested; Discord's own go half as far


def read_text(message: discord.Message, own_id: int) -> str:
    """The text of a message as people see it, without the mention that only calls Nellie."""
    markup = without_call(to_post(message).text, rf"<@!?{own_id}>")
    people = {person.id: person.display_name for person in message.mentions}
    roles = {role.id: role.name for role in message.role_mentions}
    return render_markup(markup, people, roles, _channel_names(message, markup)).strip()


def to_post(message: discord.Message) -> Post:
    """What a message shows."""
    poll = message.poll
    return Post(
        content=message.content,
        by_bot=message.author.bot or bool(message.webhook_id),
        embeds=[_to_json(embed) for embed in message.embeds],
        texts=list(_texts(message.components)),
        poll=Poll(poll.question, list(map(_answer, poll.answers))) if poll else None,
        stickers=[sticker.name for sticker in message.stickers],
        forwarded=[_forwarded(snapshot) for snapshot in message.message_snapshots],
    )


def _answer(answer: discord.PollAnswer) -> str:
    """What it says; where that is an emoji alone, the emoji, or the name of a server's own."""
    emoji = answer.emoji
    name = emoji.name if emoji else ""
    return answer.text or (f":{name}:" if emoji and emoji.id else name)


def read_files(message: discord.Message, location_id: int) -> tuple[PostedFile, ...]:
    """Its files as Discord describes them; what of them is garbled says nothing."""
    return tuple(to_file(one, location_id) for one in attachments_of(message))


def to_file(attachment: discord.Attachment, location_id: int = 0) -> PostedFile:
    """A file. Its address ends in the channel or thread of its message, where there is one."""
    url, size = _text(attachment.url), attachment.size
    return PostedFile(
        id=str(attachment.id),
        name=_text(attachment.filename),
        media_type=_text(attachment.content_type),
        size=size if isinstance(size, int) else 0,
        alt=_text(attachment.description),
        address=f"{url}#{location_id}" if location_id else url,
    )


def attachments_of(message: discord.Message) -> list[discord.Attachment]:
    """Its files, and those of what it forwards."""
    forwarded = (one.attachments for one in message.message_snapshots)
    return [*message.attachments, *(file for files in forwarded for file in files)]


def _forwarded(snapshot: discord.MessageSnapshot) -> Post:
    return Post(
        content=snapshot.content,
        by_bot=True,  # nobody says who wrote it: its embeds may be all that it says
        embeds=[_to_json(embed) for embed in snapshot.embeds],
        texts=list(_texts(snapshot.components)),
        stickers=[sticker.name for sticker in snapshot.stickers],
    )


def _to_json(embed: discord.Embed) -> dict[str, Any]:
    return dict(embed.to_dict())


def _texts(components: Iterable[Any], depth: int = 0) -> Iterator[str]:
    """The texts that components show; what is on buttons and in menus is nobody's words."""
    for component in components if depth < DEEPEST else ():
        if isinstance(component, discord.TextDisplay):
            yield component.content.strip()
        elif isinstance(component, discord.SectionComponent):
            yield from _texts((*component.children, component.accessory), depth + 1)
        elif isinstance(component, discord.Container):
            yield from _texts(component.children, depth + 1)
        elif isinstance(component, discord.MediaGalleryComponent):
            yield from _described(component.items)
        elif isinstance(component, discord.components.ThumbnailComponent):
            yield from _described([component])


def _described(items: Iterable[Any]) -> Iterator[str]:
    return (f"[image: {item.description}]" for item in items if item.description)


def _text(found: object) -> str:
    """A text; what Discord garbled is none."""
    return found if isinstance(found, str) else ""


def _channel_names(message: discord.Message, markup: str) -> dict[int, str]:
    """The names of channels that everybody in the server may see, and of its own."""
    guild = message.guild
    if guild is None:
        return {}
    found = map(guild.get_channel_or_thread, ids_in(markup, "channel"))
    return {one.id: one.name for one in found if one and _may_be_named(one, message)}


def _may_be_named(
    channel: discord.abc.GuildChannel | discord.Thread, message: discord.Message
) -> bool:
    here = message.channel
    if channel.id in {here.id, getattr(here, "parent_id", None)}:
        return True
    if isinstance(channel, discord.Thread) and (channel.is_private() or not channel.parent):
        return False
    return channel.permissions_for(channel.guild.default_role).view_channel
