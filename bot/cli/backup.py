"""`nellie backup`: all memory in one file."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import help_texts
from bot.cli.files import write_private
from bot.cli.runner import run
from bot.config import settings
from bot.store import backups, open_database
from bot.telemetry.logs import tell_operator
from bot.text.plurals import counted

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("backup", help=help_texts.BACKUP)
def backup_(
    output: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Otherwise nellie-DATE.dump, here."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
) -> None:
    """Back everything up."""
    raise typer.Exit(run(back_up(output or default_name(), force=force)))


async def back_up(output: Path, *, force: bool) -> None:
    """Write the database of the settings into one file that only its owner may read."""
    with write_private(output, force=force) as file:
        async with open_database.connected_database(settings.load()) as database:
            contents = await backups.find_contents(database)
            programs = await backups.programs_for(database)
            await asyncio.to_thread(backups.dump, programs, file.buffer)
    tell_operator(f"backed up into {output}: {tell(contents)}")


def default_name() -> Path:
    """A name that sorts by its time."""
    return Path(f"nellie-{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}.dump")


def tell(contents: backups.Contents) -> str:
    """How much that is, for people."""
    messages = counted(contents.messages, "message")
    return f"{messages} in {counted(contents.channels, 'channel')}"
