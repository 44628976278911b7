"""A command as an interaction gives it: of this channel, with the rights of who gives it."""

from adapters.discord.incoming import locate, to_author
from adapters.discord.interactions import ABSENT, Interaction, is_present
from adapters.discord.rights import refusal_in
from bot.domain.errors import CommandError
from bot.domain.model import Command


def to_command(interaction: Interaction, name: str, arguments: str) -> Command:
    """Raises CommandError where Nellie is not in the channel."""
    location = locate(interaction.channel)
    if not location or not is_present(interaction):
        raise CommandError(reason=ABSENT)
    return Command(
        name=name,
        arguments=arguments,
        channel=location.channel,
        person=to_author(interaction.user),
        admin=interaction.permissions.manage_guild,
        refusal=refusal_in(interaction),
        whispered=True,
    )
