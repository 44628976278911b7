"""The only place from which text goes to Discord: it pings nobody, and no link gets a preview.

Discord would open a link unclicked, and tell its words to whoever is there. discord.py has the flag
against it for what is new, and for few edits: those are put together here.
"""

from collections.abc import Sequence
from typing import Any

import discord
from discord.http import MultipartParameters, handle_message_parameters
from discord.webhook.async_ import async_context

from adapters.discord.pings import allowed as allowed_mentions
from bot.domain.pings import Ping

NO_MENTIONS = discord.AllowedMentions.none()
"""Nothing that a model writes may ping."""

_ALWAYS: dict[str, Any] = {"allowed_mentions": NO_MENTIONS, "suppress_embeds": True}

Interaction = discord.Interaction[Any]
View = discord.ui.View | None


async def send(
    channel: discord.abc.Messageable, text: str, pings: Sequence[Ping] = (), **options: Any
) -> discord.Message:
    """Post a message in a channel. What no model wrote may ping somebody: these alone."""
    given = _ALWAYS | {"allowed_mentions": allowed_mentions(pings)}
    return await channel.send(text, **options, **given)


async def edit(message: discord.PartialMessage, text: str, view: View) -> None:
    """Replace what a message of ours shows."""
    with _parameters(text, view=view) as given:
        await message._state.http.edit_message(message.channel.id, message.id, params=given)


async def respond(interaction: Interaction, text: str, **options: Any) -> None:
    """Respond to an interaction at once."""
    await interaction.response.send_message(text, **options, **_ALWAYS)


async def follow_up(interaction: Interaction, text: str, **options: Any) -> int:
    """Post another message by an interaction's token; returns its id."""
    message = await interaction.followup.send(text, wait=True, **options, **_ALWAYS)
    return message.id


async def edit_response(interaction: Interaction, text: str, **options: Any) -> int:
    """Give an acknowledged interaction its response, or another one; returns its message's id."""
    with _parameters(text, **options) as given:
        message = await async_context.get().edit_original_interaction_response(
            interaction.application_id, interaction.token, **_by(interaction, given)
        )
    return int(message["id"])


async def edit_buttons(interaction: Interaction, view: View) -> None:
    """Give the message whose button was pressed other buttons; its text stays."""
    with _parameters(discord.utils.MISSING, view=view) as given:
        await async_context.get().edit_original_interaction_response(
            interaction.application_id, interaction.token, **_by(interaction, given)
        )


async def edit_follow_up(interaction: Interaction, message_id: int, text: str, view: View) -> None:
    """Replace what a message shows that was posted by an interaction's token."""
    with _parameters(text, view=view) as given:
        await async_context.get().edit_webhook_message(
            interaction.application_id, interaction.token, message_id, **_by(interaction, given)
        )


def _parameters(text: str, **options: Any) -> MultipartParameters:
    return handle_message_parameters(
        text,
        flags=discord.MessageFlags(suppress_embeds=True),
        allowed_mentions=NO_MENTIONS,
        **options,
    )


def _by(interaction: Interaction, given: MultipartParameters) -> dict[str, Any]:
    """How discord.py sends a request by an interaction's token."""
    webhook = interaction.followup
    way = {"session": webhook.session, "proxy": webhook.proxy, "proxy_auth": webhook.proxy_auth}
    return {**way, **given._asdict()}
