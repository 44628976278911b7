"""`nellie turns`: what is owed, what failed for good, and answering that once more."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from bot.cli import help_texts
from bot.cli.channel_names import exact_name, label
from bot.cli.runner import run
from bot.cli.tables import align
from bot.config import settings
from bot.domain.errors import SettingsError
from bot.domain.model import Channel
from bot.store import open_database
from bot.store.turn_listing import ListedTurn, TurnListing
from bot.text.sanitize import clean

HEADER = ("TURN", "STATE", "ASKED (UTC)", "CHANNEL", "PERSON", "TRIES", "ERROR")

app = typer.Typer(invoke_without_command=True, add_completion=False, rich_markup_mode=None)


@app.callback(help=help_texts.TURNS)
def turns(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show what is owed, unless a subcommand is given."""
    if ctx.invoked_subcommand is None:
        raise typer.Exit(run(_show(as_json=as_json)))


@app.command(help=help_texts.RETRY)
def retry(
    turn: Annotated[int | None, typer.Argument(help="The turn's id.")] = None,
    all_failed: Annotated[bool, typer.Option("--all-failed", help="Each that failed.")] = False,
) -> None:
    """Retry one failed turn or all of them."""
    if (turn is None) == (not all_failed):
        raise typer.BadParameter("name one turn, or say --all-failed")
    raise typer.Exit(run(_retry(turn)))


async def _show(*, as_json: bool) -> None:
    async with open_database.migrated_database(settings.load()) as database:
        found = await TurnListing(database).turns()
    if as_json:
        for turn in found:
            entry = {**asdict(turn), "exact_name": exact_name(_channel(turn))}
            typer.echo(json.dumps(entry, default=str, ensure_ascii=False))
    elif found:
        typer.echo(align([HEADER, *map(_cells, found)]))
    else:
        typer.echo("Nothing is owed, and nothing has failed.")


async def _retry(turn: int | None) -> None:
    async with open_database.migrated_database(settings.load()) as database:
        listing = TurnListing(database)
        failed = [found.turn for found in await listing.turns() if found.state == "failed"]
        retried = [id_ for id_ in ([turn] if turn else failed) if await listing.retry(id_)]
    if turn and not retried:
        reason = "it has not failed, was answered, or its question was taken back"
        raise SettingsError(name=f"turn {turn}", reason=reason)
    typer.echo(f"To be answered again: {len(retried)}. A running replica takes them up at once.")


def _channel(turn: ListedTurn) -> Channel:
    return Channel(turn.platform, turn.workspace, turn.channel, turn.name, turn.direct)


def _cells(turn: ListedTurn) -> tuple[str, ...]:
    return (
        str(turn.turn),
        turn.state,
        f"{turn.asked:%Y-%m-%d %H:%M:%S}",
        label(_channel(turn)),
        clean(turn.person),
        str(turn.attempts),
        turn.error or "",
    )
