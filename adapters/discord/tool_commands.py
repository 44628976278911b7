"""/tools and /remind as slash commands."""

from discord import app_commands
from discord.app_commands import Range

from adapters.discord.buttons import run_command
from adapters.discord.interactions import Interaction


def tools_group() -> app_commands.Group:
    """What may be used to answer in a channel."""
    tools = app_commands.Group(
        name="tools",
        description="What Nellie may use to answer in this channel",
    )

    @tools.command(name="list", description="The tools, and which of them are on")
    async def list_(interaction: Interaction) -> None:
        await run_command(interaction, "tools", "list")

    @tools.command(description="Switch tools on")
    @app_commands.describe(names="One or more, such as: web_search fetch_page; else the usual ones")
    async def on(interaction: Interaction, names: Range[str, 1, 200] = "") -> None:
        await run_command(interaction, "tools", f"on {names}".strip())

    @tools.command(description="Switch tools off")
    @app_commands.describe(names="One or more; else all of them")
    async def off(interaction: Interaction, names: Range[str, 1, 200] = "") -> None:
        await run_command(interaction, "tools", f"off {names}".strip())

    @tools.command(description="What was used here, when and for whom")
    async def log(interaction: Interaction) -> None:
        await run_command(interaction, "tools", "log")

    return tools


def remind_group() -> app_commands.Group:
    """The reminders that are still to come."""
    remind = app_commands.Group(name="remind", description="Your reminders in this channel")

    @remind.command(name="list", description="What you will be reminded of here, and when")
    async def list_(interaction: Interaction) -> None:
        await run_command(interaction, "remind", "list")

    @remind.command(description="Take a reminder back")
    @app_commands.describe(number="Its number in the list")
    async def cancel(interaction: Interaction, number: Range[int, 1]) -> None:
        await run_command(interaction, "remind", f"cancel {number}")

    return remind
