"""Slash commands and the two entries in a message's menu."""

import re
from typing import TYPE_CHECKING, Any

import discord
import structlog
from discord import app_commands
from discord.app_commands import Choice, CommandTree, Range

from adapters.discord.buttons import carry_out, present
from adapters.discord.incoming import asked, author, place
from adapters.discord.requests import ACKNOWLEDGED
from bot.conversation import Command
from bot.errors import NellieError

if TYPE_CHECKING:
    from adapters.discord.client import Client

Given = discord.Interaction[Any]

log = structlog.get_logger(__name__)

ABSENT = "I am not in this channel, so I remember nothing here. Invite me, or ask me elsewhere."
TOO_LATE = "I could not take this in; please ask again."
_CHOICES = re.compile(r"To choose from: (?P<names>.+)\.\Z")
_TIMES = ("2h", "8h", "today", "yesterday", "3d", "1w")


class Tree(CommandTree[Any]):
    """A command that fails, or that Discord garbled, is one line in the log."""

    async def on_error(self, interaction: Given, error: app_commands.AppCommandError, /) -> None:
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        if getattr(cause, "code", 0) != ACKNOWLEDGED:  # else another replica does it
            log.warning("a command failed", error=type(cause).__name__)

    async def _call(self, interaction: Given) -> None:
        try:
            await super()._call(interaction)
        except app_commands.AppCommandError:
            raise
        except Exception as error:  # whatever a garbled event makes discord.py raise
            log.warning("a command was not understood", error=type(error).__name__)


def tree(client: "Client") -> Tree:
    """All commands, for servers and direct messages where she has been installed."""
    made = Tree(
        client,
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
    )
    groups = (_memory(), _persona(), _model())
    every: list[Any] = [ask, catchup, digest, usage, help_, *groups, about_this, from_here]
    for command in every:
        made.add_command(command)
    return made


@app_commands.command(description="Ask Nellie, who remembers this channel")
@app_commands.describe(question="What would you like to know?", private="Only you see the answer")
async def ask(interaction: Given, question: Range[str, 1, 4000], private: bool = False) -> None:
    await put(interaction, question, private=private)


@app_commands.command(description="What happened since you last spoke, or since some time")
@app_commands.describe(since="2h, 3d, today, yesterday or 2026-11-20; else since you last spoke")
async def catchup(interaction: Given, since: Range[str, 1, 40] = "") -> None:
    await carry_out(interaction, "catchup", since)


@catchup.autocomplete("since")
async def _since(interaction: Given, typed: str) -> list[Choice[str]]:
    return _matching(_TIMES, typed)


@app_commands.command(description="Tokens used in this channel")
async def usage(interaction: Given) -> None:
    await carry_out(interaction, "usage")


@app_commands.command(description="Post what was said here, every day or week, with links")
@app_commands.describe(
    when="daily 09:00, weekly monday 09:00 (with Europe/Berlin, say), or off; else what is set"
)
async def digest(interaction: Given, when: Range[str, 1, 80] = "") -> None:
    await carry_out(interaction, "digest", when)


@app_commands.command(name="help", description="What Nellie can do")
async def help_(interaction: Given) -> None:
    await carry_out(interaction, "help")


@app_commands.command(description="How long messages are remembered here")
@app_commands.describe(days="A number of days, off (for ever) or default; else what is set")
async def retention(interaction: Given, days: Range[str, 1, 20] = "") -> None:
    await carry_out(interaction, "memory", f"retention {days}".strip())


@app_commands.command(description="Make all summaries again (for who manages the channel)")
async def rebuild(interaction: Given) -> None:
    await carry_out(interaction, "memory", "rebuild")


def _memory() -> app_commands.Group:
    memory = app_commands.Group(name="memory", description="What Nellie remembers of this channel")

    @memory.command(description="What I remember of this channel")
    async def show(interaction: Given) -> None:
        await carry_out(interaction, "memory", "show")

    @memory.command(description="Find what was said")
    async def search(interaction: Given, words: Range[str, 1, 200]) -> None:
        await carry_out(interaction, "memory", f"search {words}")

    @memory.command(description="Forget messages, for good; I ask before I do")
    @app_commands.describe(
        what="me, person and a name, the number of a message, words that occur in it, or all"
    )
    async def forget(interaction: Given, what: Range[str, 1, 60]) -> None:
        await carry_out(interaction, "memory", f"forget {what}")

    @forget.autocomplete("what")
    async def what(interaction: Given, typed: str) -> list[Choice[str]]:
        return _matching(("me", "all"), typed)

    @memory.command(description="Remember nothing more that you say here")
    @app_commands.describe(undo="Remember it again")
    async def optout(interaction: Given, undo: bool = False) -> None:
        await carry_out(interaction, "memory", "optout off" if undo else "optout")

    @memory.command(description="When I summarized what, and what it cost")
    async def log(interaction: Given) -> None:
        await carry_out(interaction, "memory", "log")

    @memory.command(description="Everything I remember here, as a file (for who manages it)")
    async def export(interaction: Given) -> None:
        await carry_out(interaction, "memory", "export")

    memory.add_command(retention)
    memory.add_command(rebuild)
    return memory


def _persona() -> app_commands.Group:
    persona = app_commands.Group(
        name="persona",
        description="Who Nellie is in this channel",
        default_permissions=discord.Permissions(manage_guild=True),
    )

    @persona.command(description="Who I am in this channel")
    async def show(interaction: Given) -> None:
        await carry_out(interaction, "persona", "show")

    @persona.command(name="set", description="Make me someone else in this channel")
    async def set_(interaction: Given, text: Range[str, 1, 2000]) -> None:
        await carry_out(interaction, "persona", f"set {text}")

    @persona.command(description="Make me my general self again")
    async def clear(interaction: Given) -> None:
        await carry_out(interaction, "persona", "clear")

    return persona


def _model() -> app_commands.Group:
    model = app_commands.Group(
        name="model",
        description="Which language model answers in this channel",
        default_permissions=discord.Permissions(manage_guild=True),
    )

    @model.command(description="Which language model answers here")
    async def show(interaction: Given) -> None:
        await carry_out(interaction, "model", "show")

    @model.command(name="set", description="Choose the language model that answers here")
    async def set_(interaction: Given, model: Range[str, 1, 100]) -> None:
        await carry_out(interaction, "model", f"set {model}")

    @set_.autocomplete("model")
    async def models(interaction: Given, typed: str) -> list[Choice[str]]:
        return _matching(await _models(interaction), typed)

    return model


@app_commands.context_menu(name="Ask Nellie about this")
async def about_this(interaction: Given, message: discord.Message) -> None:
    await interaction.response.send_modal(About(message))


@app_commands.context_menu(name="Catch me up from here")
async def from_here(interaction: Given, message: discord.Message) -> None:
    await carry_out(interaction, "catchup", message.created_at.isoformat())


class About(discord.ui.Modal, title="Ask Nellie about this"):
    """What somebody wants to know about a message."""

    question: discord.ui.TextInput["About"] = discord.ui.TextInput(
        label="Your question", placeholder="What is this about?", required=False, max_length=2000
    )

    def __init__(self, message: discord.Message) -> None:
        super().__init__(timeout=900)
        self.message = message

    async def on_submit(self, interaction: Given) -> None:
        question = self.question.value.strip() or "What is this about?"
        await put(interaction, question, about=self.message)


async def put(
    interaction: Given,
    question: str,
    *,
    private: bool = False,
    about: discord.Message | None = None,
) -> None:
    """Put a question to her: acknowledged once it is committed, or soon."""
    client: Client = interaction.client
    where = place(interaction.channel)
    if not where or not present(interaction):
        await interaction.response.send_message(ABSENT, ephemeral=True)
        return
    said = asked(interaction, where, question, private=private, about=about)
    await client.take_in(interaction, said)


async def _models(interaction: Given) -> list[str]:
    """The models that may be chosen, which `/model show` lists at its end."""
    client: Client = interaction.client
    if not (where := place(interaction.channel)):
        return []
    try:
        reply = await client.door.command(
            Command("model", "", where.channel, author(interaction.user))
        )
    except NellieError:
        return []
    found = _CHOICES.search(reply.text)
    return found["names"].split(", ") if found else []


def _matching(names: list[str] | tuple[str, ...], typed: str) -> list[Choice[str]]:
    typed = typed.strip().lower()
    return [Choice(name=name, value=name) for name in names if typed in name.lower()][:25]


def differs(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> bool:
    """Whether commands must be registered anew: where Discord has other ones than these."""
    named = {(one.get("type", 1), one.get("name")): one for one in theirs}
    if len(named) != len(ours):
        return True
    return any(not _holds(named.get((one.get("type", 1), one["name"])), one) for one in ours)


def _holds(theirs: Any, ours: Any) -> bool:
    """Whether theirs says all that ours does; Discord adds to it, and leaves out what is empty."""
    if isinstance(ours, dict):
        return isinstance(theirs, dict) and all(
            _holds(theirs.get(key), value) for key, value in ours.items()
        )
    if isinstance(ours, list) and isinstance(theirs, list):
        if not all(isinstance(one, dict) for one in ours):
            return sorted(map(str, theirs)) == sorted(map(str, ours))
        pairs = zip(theirs, ours, strict=False)
        return len(theirs) == len(ours) and all(_holds(*pair) for pair in pairs)
    return bool(ours == theirs or (not ours and not theirs) or str(ours) == str(theirs))
