"""Commands that work on a text: with the message of a menu, and shown to all where that is asked.

Whether a reply is for everybody has to be known before it is there: Discord is told so first.
"""

from dataclasses import replace

import discord

from adapters.discord.given_commands import to_command
from adapters.discord.incoming import Location, locate
from adapters.discord.interactions import Interaction, services_of
from adapters.discord.responses import reply_to
from bot.domain.errors import CommandError
from bot.domain.model import NELLIE, Message, Reply

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
        command = to_command(interaction, name, f"--public {arguments}" if public else arguments)
        if location := locate(interaction.channel):
            read = await _read(interaction, about, location) if about else None
            command = replace(command, thread=location.thread, about=read)
        return await services_of(interaction).commands.run(command)

    await reply_to(interaction, run, private=not public)


async def _read(interaction: Interaction, about: discord.Message, location: Location) -> Message:
    client = interaction.client
    message: Message | None = await client.read_message(about, location)
    if message is None:
        raise CommandError(reason=NO_TEXT)
    return replace(message, author=NELLIE) if about.author.id == client.own_id else message
