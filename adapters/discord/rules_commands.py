"""/rules as slash commands."""

import discord
from discord import app_commands
from discord.app_commands import Range

from adapters.discord.buttons import run_command
from adapters.discord.interactions import Interaction
from bot.domain.pings import Ping

Name = Range[str, 1, 40]
NAME = "The rule's, as /rules list shows it"


def rules_group() -> app_commands.Group:
    """What messages of a channel are labelled by as they arrive."""
    rules = app_commands.Group(
        name="rules", description="What Nellie does with messages as they arrive here"
    )
    _add_reading(rules)
    _add_making(rules)
    _add_changing(rules)
    return rules


def _add_reading(rules: app_commands.Group) -> None:
    @rules.command(name="list", description="The rules of this channel")
    async def list_(interaction: Interaction) -> None:
        await run_command(interaction, "rules", "list")

    @rules.command(description="What a rule found, whom it tells, and what is left to do")
    @app_commands.describe(name=NAME)
    async def show(interaction: Interaction, name: Name) -> None:
        await run_command(interaction, "rules", f"show {name}")


def _add_making(rules: app_commands.Group) -> None:
    @rules.command(description="Label every message from now on")
    @app_commands.describe(name="One word, such as triage", labels="Such as: bug, praise, outage")
    async def add(interaction: Interaction, name: Name, labels: Range[str, 1, 2000]) -> None:
        await run_command(interaction, "rules", f"add {name}: {labels}")

    @rules.command(description="Tell somebody of a label; without a name, nobody any more")
    @app_commands.describe(name=NAME, label="Such as outage", whom="A person or a role")
    async def tell(
        interaction: Interaction,
        name: Name,
        label: Range[str, 1, 60],
        whom: discord.User | discord.Role | None = None,
    ) -> None:
        await run_command(interaction, "rules", f"tell {name} {label} {_written(whom)}")

    @rules.command(description="Post how often each label was given, every day or week")
    @app_commands.describe(
        name=NAME, when="daily 09:00, weekly friday 16:00 (with Europe/Berlin, say), or off"
    )
    async def recap(interaction: Interaction, name: Name, when: Range[str, 1, 80]) -> None:
        await run_command(interaction, "rules", f"recap {name} {when}")


def _add_changing(rules: app_commands.Group) -> None:
    @rules.command(description="How many messages a day a rule labels")
    @app_commands.describe(name=NAME)
    async def limit(interaction: Interaction, name: Name, per_day: Range[int, 1, 100_000]) -> None:
        await run_command(interaction, "rules", f"limit {name} {per_day}")

    @rules.command(description="Label nothing more for now")
    @app_commands.describe(name=NAME)
    async def off(interaction: Interaction, name: Name) -> None:
        await run_command(interaction, "rules", f"off {name}")

    @rules.command(description="Label again what is said from now on")
    @app_commands.describe(name=NAME)
    async def on(interaction: Interaction, name: Name) -> None:
        await run_command(interaction, "rules", f"on {name}")

    @rules.command(description="Forget a rule with its counts; I ask before I do")
    @app_commands.describe(name=NAME)
    async def remove(interaction: Interaction, name: Name) -> None:
        await run_command(interaction, "rules", f"remove {name}")


def _written(whom: discord.abc.User | discord.Role | None) -> str:
    if whom is None:
        return "off"
    if isinstance(whom, discord.Role):
        # The role of everybody is nobody in particular: that is refused.
        return (
            "@everyone" if whom.is_default() else Ping.of("group", str(whom.id), whom.name).markup
        )
    return Ping.of("person", str(whom.id), whom.display_name).markup
