"""Commands that work on a text: with the message of a menu, and shown to all where that is asked.

Whether a reply is for everybody has to be known before it is there: Discord is told so first.
"""

from dataclasses import replace

import discord

from adapters.discord.incoming import Location, locate, to_author
from adapters.discord.interactions import ABSENT, Interaction, is_present, services_of
from adapters.discord.responses import reply_to
from adapters.discord.rights import refusal_in
from bot.domain.errors import CommandError
from bot.domain.model import NELLIE, Command, Message, Reply

NO_TEXT = "There is no text in that message."


async def run_task(
    interaction: Interaction,
    name: str,
    arguments: str,
    *,
    public: bool = False,
    about: discord.Message | None = None,
) -> None:
    """Run such a command and show its reply; `about` is the message from whose menu it came."""

    async def run() -> Reply:
        location = locate(interaction.channel)
        if not location or not is_present(interaction):
            raise CommandError(reason=ABSENT)
        command = Command(
            name=name,
            arguments=f"--public {arguments}" if public else arguments,
            channel=location.channel,
            person=to_author(interaction.user),
            admin=interaction.permissions.manage_guild,
            refusal=refusal_in(interaction),
            thread=location.thread,
            whispered=True,
            about=await _read(interaction, about, location) if about else None,
        )
        return await services_of(interaction).commands.run(command)

    await reply_to(interaction, run, private=not public)


async def _read(interaction: Interaction, about: discord.Message, location: Location) -> Message:
    client = interaction.client
    message: Message | None = await client.read_message(about, location)
    if message is None:
        raise CommandError(reason=NO_TEXT)
    return replace(message, author=NELLIE) if about.author.id == client.own_id else message
