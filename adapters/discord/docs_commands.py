"""/docs as slash commands."""

from discord import app_commands
from discord.app_commands import Range

from adapters.discord.buttons import run_command
from adapters.discord.interactions import Interaction


def docs_group() -> app_commands.Group:
    """The documents of a channel."""
    docs = app_commands.Group(name="docs", description="Documents that Nellie has read here")

    @docs.command(name="list", description="The documents, and how far reading them is")
    async def list_(interaction: Interaction) -> None:
        await run_command(interaction, "docs", "list")

    @docs.command(description="Let me read a page or a file that stands at an address")
    @app_commands.describe(address="Such as https://example.org/terms.pdf")
    async def add(interaction: Interaction, address: Range[str, 1, 2000]) -> None:
        await run_command(interaction, "docs", f"add {address}")

    @docs.command(description="A document in a few lines, each with its page")
    @app_commands.describe(name="As /docs list shows it")
    async def summarize(interaction: Interaction, name: Range[str, 1, 120]) -> None:
        await run_command(interaction, "docs", f"summarize {name}")

    @docs.command(description="Forget a document, for good; I ask before I do")
    @app_commands.describe(name="As /docs list shows it")
    async def forget(interaction: Interaction, name: Range[str, 1, 120]) -> None:
        await run_command(interaction, "docs", f"forget {name}")

    return docs
