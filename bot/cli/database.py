"""`nellie backup` and `nellie migrate`."""

from pathlib import Path

import typer

from bot.config import settings
from bot.store import open_database
from bot.telemetry.logs import tell_operator


async def back_up(output: Path) -> None:
    """Write the embedded Postgres into one file."""
    await open_database.back_up(settings.load(), output)
    tell_operator(f"backed up into {output}")


async def migrate() -> None:
    """Bring the tables up to date, which opening the database does."""
    async with open_database.migrated_database(settings.load()):
        typer.echo("The database is up to date.")
