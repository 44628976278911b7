"""`nellie turns`: what is owed, what failed for good, and answering that once more."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from bot import house, settings
from bot.errors import SettingsError
from bot.running import run
from bot.store.backlog import Backlog, Owed
from bot.text import clean

app = typer.Typer(invoke_without_command=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@app.callback()
def turns(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show the answers that are owed, and those that failed for good.

    \b
    For example:
      nellie turns
      nellie turns retry 4711
      nellie turns retry --all-failed
    """
    if ctx.invoked_subcommand is None:
        raise typer.Exit(run(_show(as_json)))


@app.command()
def retry(
    turn: Annotated[int | None, typer.Argument(help="The turn's id.")] = None,
    all_failed: Annotated[bool, typer.Option("--all-failed", help="Each that failed.")] = False,
) -> None:
    """Let a running replica answer a failed turn once more, in the place of what is posted.

    \b
    For example:
      nellie turns retry 4711
    """
    if (turn is None) == (not all_failed):
        raise typer.BadParameter("name one turn, or say --all-failed")
    raise typer.Exit(run(_retry(turn)))


async def _show(as_json: bool) -> None:
    async with house.database(settings.load()) as database:
        found = await Backlog(database).turns()
    if as_json:
        for one in found:
            typer.echo(json.dumps(asdict(one), default=str, ensure_ascii=False))
    elif found:
        typer.echo(_table(found))
    else:
        typer.echo("Nothing is owed, and nothing has failed.")


async def _retry(turn: int | None) -> None:
    async with house.database(settings.load()) as database:
        backlog = Backlog(database)
        failed = [one.turn for one in await backlog.turns() if one.state == "failed"]
        done = [one for one in ([turn] if turn else failed) if await backlog.retry(one)]
    if turn and not done:
        reason = "it has not failed, was answered, or its question was taken back"
        raise SettingsError(name=f"turn {turn}", reason=reason)
    typer.echo(f"To be answered again: {len(done)}. A running replica takes them up at once.")


def _table(found: Sequence[Owed]) -> str:
    lines = [("TURN", "STATE", "ASKED (UTC)", "CHANNEL", "PERSON", "TRIES", "ERROR")]
    for one in found:
        place = clean(f"{one.platform}:{one.name or one.channel}")
        asked = f"{one.asked:%Y-%m-%d %H:%M:%S}"
        lines.append(
            (str(one.turn), one.state, asked, place, clean(one.person), str(one.attempts),
             one.error or "")
        )  # fmt: skip
    widths = [max(len(line[number]) for line in lines) for number in range(len(lines[0]))]
    rows = (zip(line, widths, strict=True) for line in lines)
    return "\n".join("  ".join(cell.ljust(width) for cell, width in row).rstrip() for row in rows)
