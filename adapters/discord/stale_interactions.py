"""Interactions that nothing here knows: a button of an earlier version, a dialog from before."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import discord

from adapters.discord.buttons import BUTTONS
from adapters.discord.interactions import Interaction, services_of
from adapters.discord.responses import reply_to
from adapters.kit.button_presses import UNKNOWN
from bot.domain.model import Reply

OTHERS_FIRST = 1.0  # seconds in which a replica that knows it may respond, where there are several
DIALOG_LOST = "I was started anew since this opened, so it was lost. Please open it once more."


async def on_interaction(interaction: Interaction) -> None:
    """Answer what nobody else answers; else Discord only says that the interaction failed."""
    data: Mapping[str, Any] = interaction.data or {}
    custom_id = str(data.get("custom_id"))
    if interaction.type is discord.InteractionType.component:
        await _press(interaction, custom_id)
    elif _is_dialog(interaction) and custom_id not in services_of(interaction).open_dialogs:
        await _explain(interaction, DIALOG_LOST)


def _is_dialog(interaction: Interaction) -> bool:
    return interaction.type is discord.InteractionType.modal_submit


async def _press(interaction: Interaction, custom_id: str) -> None:
    for button in BUTTONS:
        if match := button.__discord_ui_compiled_template__.fullmatch(custom_id):
            # discord.py looks for a button in its message, and leaves one out that went meanwhile.
            if custom_id not in _shown_in(interaction.message):
                pressed = await button.from_custom_id(interaction, None, match)
                await pressed.callback(interaction)
            return
    await _explain(interaction, UNKNOWN)


def _shown_in(message: discord.Message | None) -> Iterator[str | None]:
    """The ids of the buttons of a message."""
    for row in message.components if message else ():
        if isinstance(row, discord.ActionRow):
            yield from (child.custom_id for child in row.children)


async def _explain(interaction: Interaction, text: str) -> None:
    if services_of(interaction).turns.replicas > 1:
        await asyncio.sleep(OTHERS_FIRST)

    async def explain() -> Reply:
        return Reply(text)

    await reply_to(interaction, explain)
