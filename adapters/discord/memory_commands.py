"""/memory as slash commands."""

from discord import app_commands
from discord.app_commands import Choice, Range

from adapters.discord.buttons import run_command
from adapters.discord.interactions import Interaction


@app_commands.command(description="How long messages are remembered here")
@app_commands.describe(days="A number of days, off (for ever) or default; else what is set")
async def retention(interaction: Interaction, days: Range[str, 1, 20] = "") -> None:
    await run_command(interaction, "memory", f"retention {days}".strip())


@app_commands.command(description="Make all summaries again (for who manages the channel)")
async def rebuild(interaction: Interaction) -> None:
    await run_command(interaction, "memory", "rebuild")


def memory_group() -> app_commands.Group:
    """What is remembered of a channel, and what is to be forgotten."""
    memory = app_commands.Group(name="memory", description="What Nellie remembers of this channel")

    @memory.command(description="What I remember of this channel")
    async def show(interaction: Interaction) -> None:
        await run_command(interaction, "memory", "show")

    @memory.command(description="Find what was said")
    async def search(interaction: Interaction, words: Range[str, 1, 200]) -> None:
        await run_command(interaction, "memory", f"search {words}")

    @memory.command(description="Forget messages, for good; I ask before I do")
    @app_commands.describe(
        what="me, person and a name, the number of a message, words that occur in it, or all"
    )
    async def forget(interaction: Interaction, what: Range[str, 1, 60]) -> None:
        await run_command(interaction, "memory", f"forget {what}")

    @forget.autocomplete("what")
    async def suggest_what(interaction: Interaction, typed: str) -> list[Choice[str]]:
        return [Choice(name=name, value=name) for name in ("me", "all") if typed.strip() in name]

    @memory.command(description="Remember nothing more that you say here")
    @app_commands.describe(undo="Remember it again")
    async def optout(interaction: Interaction, undo: bool = False) -> None:
        await run_command(interaction, "memory", "optout off" if undo else "optout")

    @memory.command(description="When I summarized what, and what it cost")
    async def log(interaction: Interaction) -> None:
        await run_command(interaction, "memory", "log")

    @memory.command(description="Everything I remember here, as a file (for who manages it)")
    async def export(interaction: Interaction) -> None:
        await run_command(interaction, "memory", "export")

    memory.add_command(retention)
    memory.add_command(rebuild)
    return memory
