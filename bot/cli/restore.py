"""`nellie restore`: a backup in the place of all that is remembered."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import help_texts
from bot.cli.backup import tell
from bot.cli.runner import run
from bot.config import settings
from bot.domain.errors import SettingsError
from bot.store import backups, open_database
from bot.store.database import Database
from bot.text.plurals import counted

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("restore", help=help_texts.RESTORE)
def restore_(
    backup: Annotated[Path, typer.Argument(metavar="FILE", help="What `nellie backup` wrote.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Restore everything."""
    if not backup.is_file():
        raise typer.BadParameter(f"there is no file {backup}")
    raise typer.Exit(run(restore(backup, sure=yes)))


async def restore(backup: Path, *, sure: bool) -> None:
    """Replace what is there, after showing how much that is and asking. Raises SettingsError."""
    async with open_database.connected_database(settings.load()) as database:
        await _refuse_while_in_use(database)
        programs = await backups.programs_for(database)
        brought = await asyncio.to_thread(backups.read_contents, programs, backup)
        there = await backups.find_contents(database)
        if there.messages and not sure and not _agreed(brought, there):
            typer.echo("Nothing was changed.")
            return
        await asyncio.to_thread(backups.restore, programs, backup)
    async with open_database.migrated_database(settings.load()):
        typer.echo(f"Restored: {tell(brought)}.")


async def _refuse_while_in_use(database: Database) -> None:
    if replicas := await backups.count_replicas(database):
        processes = counted(replicas, "process", "processes")
        raise SettingsError(
            name="restore", reason=f"{processes} of Nellie use this database: stop them first"
        )


def _agreed(brought: backups.Contents, there: backups.Contents) -> bool:
    typer.echo(f"The backup holds {tell(brought)}; remembered now: {tell(there)}.")
    return typer.confirm("What is remembered now is gone then. Put the backup in its place?")
