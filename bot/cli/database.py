"""`nellie migrate`."""

import typer

from bot.config import settings
from bot.store import open_database


async def migrate() -> None:
    """Bring the tables up to date, which opening the database does."""
    async with open_database.migrated_database(settings.load()):
        typer.echo("The database is up to date.")
