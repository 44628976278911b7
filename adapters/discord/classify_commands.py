"""/classify as slash commands, with the labels that a channel keeps."""

import re

from discord import app_commands
from discord.app_commands import Choice, Range

from adapters.discord.buttons import run_command
from adapters.discord.incoming import locate, to_author
from adapters.discord.interactions import Interaction, services_of
from adapters.discord.rights import refusal_in
from adapters.discord.running_tasks import run_task
from adapters.discord.task_commands import FOR_ALL, LONGEST, suggest
from bot.domain.errors import NellieError
from bot.domain.model import Command

Name = Range[str, 1, 40]

_SET = re.compile(r"^(?P<name>\S+): ", re.MULTILINE)


@app_commands.command(name="text", description="Which of some labels a text has")
@app_commands.describe(
    labels="Such as: bug, praise, question; or the name of labels that are kept here",
    text="A text, the link of a message, thread, 2h; else what somebody else said last",
    examples="Such as: bug = it crashes; praise = love it",
    public=FOR_ALL,
)
async def classify_text(
    interaction: Interaction,
    labels: Range[str, 1, 2000],
    text: Range[str, 1, LONGEST] = "",
    examples: Range[str, 1, 2000] = "",
    public: bool = False,
) -> None:
    shown = f"{labels} [{examples}]" if examples else labels
    await run_task(interaction, "classify", f"{shown}: {text}", public=public)


def classify_group() -> app_commands.Group:
    """Sorting a text, and keeping labels to sort by."""
    classify = app_commands.Group(name="classify", description="Sort a text into labels")
    classify.add_command(classify_text)

    @classify.command(name="set", description="Keep labels under a name (for who manages it)")
    @app_commands.describe(labels="Such as: bug, praise, question")
    async def set_(interaction: Interaction, name: Name, labels: Range[str, 1, 2000]) -> None:
        await run_command(interaction, "classify", f"set {name} {labels}")

    @classify.command(description="Keep a text as an example of a label (for who manages it)")
    @app_commands.describe(text="Such as: it crashes when I save")
    async def add(
        interaction: Interaction, name: Name, label: Range[str, 1, 100], text: Range[str, 1, 1000]
    ) -> None:
        await run_command(interaction, "classify", f"add {name} {label}: {text}")

    @classify.command(name="list", description="The labels that are kept here")
    async def list_(interaction: Interaction) -> None:
        await run_command(interaction, "classify", "list")

    @classify.command(description="Kept labels with their examples")
    async def show(interaction: Interaction, name: Name) -> None:
        await run_command(interaction, "classify", f"show {name}")

    @classify.command(description="Let go of kept labels, or of one example by its number")
    async def remove(interaction: Interaction, name: Name, example: int = 0) -> None:
        number = f" {example}" if example > 0 else ""
        await run_command(interaction, "classify", f"remove {name}{number}")

    set_.autocomplete("name")(suggest_sets)
    add.autocomplete("name")(suggest_sets)
    show.autocomplete("name")(suggest_sets)
    remove.autocomplete("name")(suggest_sets)
    return classify


@classify_text.autocomplete("labels")
async def suggest_sets(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """The names of the labels that are kept here, for who may read what was said here."""
    location = locate(interaction.channel)
    if not location:
        return []
    command = Command(
        "classify",
        "list",
        location.channel,
        to_author(interaction.user),
        refusal=refusal_in(interaction),
    )
    try:
        reply = await services_of(interaction).commands.run(command)
    except NellieError:
        return []
    return suggest(_SET.findall(reply.text), typed)
