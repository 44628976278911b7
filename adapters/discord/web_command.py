"""/web: a link to the page, shown to its person alone."""

from discord import app_commands

from adapters.discord.buttons import run_command
from adapters.discord.interactions import Interaction


@app_commands.command(description="A link to what Nellie remembers, in a browser; for you alone")
async def web(interaction: Interaction) -> None:
    await run_command(interaction, "web")
