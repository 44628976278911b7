"""Slash commands, and what a message's menu offers."""

import re
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice, Range

from adapters.discord import posting
from adapters.discord.buttons import run_command
from adapters.discord.classify_commands import classify_group
from adapters.discord.command_registration import LoggedCommandTree
from adapters.discord.docs_commands import docs_group
from adapters.discord.incoming import locate, to_author, to_question
from adapters.discord.interactions import Interaction, is_present, services_of
from adapters.discord.key_commands import key_group
from adapters.discord.memory_commands import memory_group
from adapters.discord.posts import to_file
from adapters.discord.rights import refusal_in
from adapters.discord.rules_commands import rules_group
from adapters.discord.task_commands import suggest, task_commands
from adapters.discord.task_menus import task_menus
from adapters.discord.tool_commands import remind_group, tools_group
from adapters.discord.web_command import web
from bot.domain.documents import PostedFile
from bot.domain.errors import NellieError
from bot.domain.model import Command

ABSENT = "I am not in this channel, so I remember nothing here. Invite me, or ask me elsewhere."
ABOUT = "What is this about?"
_CHOICES = re.compile(r"To choose from: (?P<names>.+)\.\Z")
_TIMES = ("2h", "8h", "today", "yesterday", "3d", "1w")


def command_tree(client: discord.Client) -> LoggedCommandTree:
    """All commands, for servers and direct messages where Nellie has been installed."""
    tree = LoggedCommandTree(
        client,
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
    )
    groups = (memory_group(), _persona_group(), _model_group(), key_group())
    commands: list[Any] = [ask, catchup, digest, usage, help_, ask_about, catch_up_from, *groups]
    commands += [tools_group(), docs_group(), remind_group(), rules_group(), web]
    commands += [*task_commands(), classify_group(), *task_menus()]
    for command in commands:
        tree.add_command(command)
    return tree


@app_commands.command(description="Ask Nellie, who remembers this channel")
@app_commands.describe(
    question="What would you like to know?",
    private="Only you see the answer",
    file="A document or a picture that it is about",
)
async def ask(
    interaction: Interaction,
    question: Range[str, 1, 4000],
    private: bool = False,
    file: discord.Attachment | None = None,
) -> None:
    files = [to_file(file)] if file else []
    await _ask(interaction, question, private=private, files=files)


@app_commands.command(description="What happened since you last spoke, or since some time")
@app_commands.describe(since="2h, 3d, today, yesterday or 2026-11-20; else since you last spoke")
async def catchup(interaction: Interaction, since: Range[str, 1, 40] = "") -> None:
    await run_command(interaction, "catchup", since)


@catchup.autocomplete("since")
async def _suggest_times(interaction: Interaction, typed: str) -> list[Choice[str]]:
    return suggest(_TIMES, typed)


@app_commands.command(description="Tokens used in this channel")
async def usage(interaction: Interaction) -> None:
    await run_command(interaction, "usage")


@app_commands.command(description="Post what was said here, every day or week, with links")
@app_commands.describe(
    when="daily 09:00, weekly monday 09:00 (with Europe/Berlin, say), or off; else what is set"
)
async def digest(interaction: Interaction, when: Range[str, 1, 80] = "") -> None:
    await run_command(interaction, "digest", when)


@app_commands.command(name="help", description="What Nellie can do")
async def help_(interaction: Interaction) -> None:
    await run_command(interaction, "help")


def _persona_group() -> app_commands.Group:
    persona = app_commands.Group(
        name="persona",
        description="Who Nellie is in this channel",
        default_permissions=discord.Permissions(manage_guild=True),
    )

    @persona.command(description="Who I am in this channel")
    async def show(interaction: Interaction) -> None:
        await run_command(interaction, "persona", "show")

    @persona.command(name="set", description="Make me someone else in this channel")
    async def set_(interaction: Interaction, text: Range[str, 1, 2000]) -> None:
        await run_command(interaction, "persona", f"set {text}")

    @persona.command(description="Make me my general self again")
    async def clear(interaction: Interaction) -> None:
        await run_command(interaction, "persona", "clear")

    return persona


def _model_group() -> app_commands.Group:
    model = app_commands.Group(
        name="model",
        description="Which language model answers in this channel",
        default_permissions=discord.Permissions(manage_guild=True),
    )

    @model.command(description="Which language model answers here")
    async def show(interaction: Interaction) -> None:
        await run_command(interaction, "model", "show")

    @model.command(name="set", description="Choose the language model that answers here")
    @app_commands.describe(settings="How it generates, such as: temperature=0.2 seed=7")
    async def set_(
        interaction: Interaction,
        model: Range[str, 1, 100] = "",
        settings: Range[str, 1, 1500] = "",
    ) -> None:
        await run_command(interaction, "model", " ".join(f"set {model} {settings}".split()))

    @model.command(description="Let the general one answer here again")
    async def clear(interaction: Interaction) -> None:
        await run_command(interaction, "model", "clear")

    @set_.autocomplete("model")
    async def suggest_models(interaction: Interaction, typed: str) -> list[Choice[str]]:
        return suggest(await _list_models(interaction), typed)

    return model


@app_commands.context_menu(name="Ask Nellie about this")
async def ask_about(interaction: Interaction, message: discord.Message) -> None:
    if refusal := refusal_in(interaction):
        await posting.respond(interaction, refusal, ephemeral=True)
        return
    dialog = AskAboutModal(message)
    services_of(interaction).open_dialogs[dialog.custom_id] = None
    await interaction.response.send_modal(dialog)


@app_commands.context_menu(name="Catch me up from here")
async def catch_up_from(interaction: Interaction, message: discord.Message) -> None:
    await run_command(interaction, "catchup", message.created_at.isoformat())


class AskAboutModal(discord.ui.Modal, title="Ask Nellie about this"):
    """What somebody wants to know about a message."""

    question: discord.ui.TextInput["AskAboutModal"] = discord.ui.TextInput(
        label="Your question", placeholder=ABOUT, required=False, max_length=2000
    )

    def __init__(self, message: discord.Message) -> None:
        super().__init__(timeout=900)
        self.message = message

    async def on_submit(self, interaction: Interaction) -> None:
        question = self.question.value.strip() or ABOUT
        await _ask(interaction, question, about=self.message)


async def _ask(
    interaction: Interaction,
    question: str,
    *,
    private: bool = False,
    about: discord.Message | None = None,
    files: Sequence[PostedFile] = (),
) -> None:
    location = locate(interaction.channel)
    if not location or not is_present(interaction):
        await posting.respond(interaction, ABSENT, ephemeral=True)
        return
    if refusal := refusal_in(interaction):
        await posting.respond(interaction, refusal, ephemeral=True)
        return
    message = to_question(
        interaction, location, question, private=private, about=about, files=files
    )
    await services_of(interaction).questions.ask(interaction, message, about)


async def _list_models(interaction: Interaction) -> list[str]:
    """The models that may be chosen, which `/model show` lists at its end."""
    location = locate(interaction.channel)
    if not location:
        return []
    command = Command("model", "", location.channel, to_author(interaction.user))
    try:
        reply = await services_of(interaction).commands.run(command)
    except NellieError:
        return []
    found = _CHOICES.search(reply.text)
    return found["names"].split(", ") if found else []
