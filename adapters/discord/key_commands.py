"""/key: a person's own keys, shown to them alone."""

from discord import app_commands
from discord.app_commands import Range

from adapters.discord.buttons import run_command
from adapters.discord.interactions import Interaction


def key_group() -> app_commands.Group:
    """The commands below /key."""
    key = app_commands.Group(name="key", description="Your keys, for programs that ask Nellie")

    @key.command(description="Make a key; it is shown this once, to you alone")
    @app_commands.describe(
        expires="30d, 6m, 2027-01-01; else it has no end",
        models="Names with commas, * for any letters; else all models",
    )
    async def new(
        interaction: Interaction,
        expires: Range[str, 1, 20] = "",
        models: Range[str, 1, 500] = "",
    ) -> None:
        given = (("expires", expires), ("models", models.replace(" ", "")))
        words = [f"{name}={value}" for name, value in given if value]
        await run_command(interaction, "key", " ".join(["new", *words]))

    @key.command(name="list", description="Your keys, and when each was used")
    async def list_(interaction: Interaction) -> None:
        await run_command(interaction, "key", "list")

    @key.command(description="End a key, or all that you have")
    @app_commands.describe(key="How it begins, as /key list shows it; or all")
    async def revoke(interaction: Interaction, key: Range[str, 1, 60]) -> None:
        await run_command(interaction, "key", f"revoke {key}")

    return key
