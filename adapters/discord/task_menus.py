"""What a message's menu offers to do with its text.

Discord lets an app have five entries for messages, and two are for asking: the others are here.
"""

from collections.abc import Sequence

import discord
from discord import app_commands

from adapters.discord.interactions import Interaction, services_of
from adapters.discord.running_tasks import run_task
from bot.text.common_languages import language_of

LIFETIME = 900  # seconds in which a modal may be submitted


def task_menus() -> Sequence[app_commands.ContextMenu]:
    """The entries, in their order."""
    return (summarize_this, translate_this, sentiment_of_this)


@app_commands.context_menu(name="Summarize this")
async def summarize_this(interaction: Interaction, message: discord.Message) -> None:
    await run_task(interaction, "summarize", "", about=message)


@app_commands.context_menu(name="Translate this")
async def translate_this(interaction: Interaction, message: discord.Message) -> None:
    modal = TranslateModal(message, language_of(str(interaction.locale)))
    services_of(interaction).open_dialogs[modal.custom_id] = None
    await interaction.response.send_modal(modal)


@app_commands.context_menu(name="Sentiment of this")
async def sentiment_of_this(interaction: Interaction, message: discord.Message) -> None:
    await run_task(interaction, "sentiment", "", about=message)


class TranslateModal(discord.ui.Modal, title="Translate this"):
    """Into which language; whose Discord speaks one of those that are common is offered that."""

    language: discord.ui.TextInput["TranslateModal"] = discord.ui.TextInput(
        label="Into which language?", placeholder="German, deutsch, 日本語, pt-BR", max_length=60
    )

    def __init__(self, message: discord.Message, own: str) -> None:
        super().__init__(timeout=LIFETIME)
        self.message = message
        self.language.default = own or None

    async def on_submit(self, interaction: Interaction) -> None:
        await run_task(interaction, "translate", f"{self.language.value}:", about=self.message)
