"""`nellie tune`: its arguments, and what becomes of them."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli import model_help_texts
from bot.cli.arguments import EveryChannelOption
from bot.cli.runner import run
from bot.cli.tune.applying import apply, show, undo
from bot.cli.tune.options import TuneOptions
from bot.cli.tune.running import tune
from bot.tuning.parts import PARTS, Part

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def parse_parts(given: str) -> tuple[Part, ...]:
    """Names of parts, with commas between them."""
    names = [one.strip() for one in given.split(",") if one.strip()]
    if wrong := [one for one in names if one not in PARTS]:
        raise typer.BadParameter(f"there is no part {wrong[0]!r}, but {', '.join(PARTS)}")
    if not names:
        raise typer.BadParameter(f"name some of {', '.join(PARTS)}")
    return tuple(part for part in PARTS if part in names)


@app.command("tune", help=model_help_texts.TUNE)
def tune_(
    path: Annotated[
        str,
        typer.Argument(metavar="[FILE]", help="Questions, as JSON lines; else rated answers."),
    ] = "",
    channel: EveryChannelOption = None,
    parts: Annotated[
        str, typer.Option(metavar="PARTS", help="Some of persona, rules, summary.")
    ] = "persona,rules",
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="Otherwise the channel's.")
    ] = None,
    reflection_model: Annotated[
        str | None, typer.Option(help="Writes new texts; otherwise the same one.")
    ] = None,
    budget: Annotated[
        int, typer.Option(min=1, help="So many answers for the search, and for its control.")
    ] = 150,
    seed: Annotated[int, typer.Option(help="Of what is drawn by chance.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="Only so many examples.")] = 500,
    at_once: Annotated[int, typer.Option(min=1, help="So many calls at the same time.")] = 4,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Else tuned-NAME.toml.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    applied: Annotated[
        Path | None, typer.Option("--apply", metavar="FILE", help="Set a file's texts.")
    ] = None,
    undone: Annotated[
        bool, typer.Option("--undo", help="Take back what was applied last.")
    ] = False,
    shown: Annotated[bool, typer.Option("--show", help="Show what holds.")] = False,
) -> None:
    """Tune, apply, take back or show."""
    doing = [
        name
        for name, wanted in (("--apply", applied), ("--undo", undone), ("--show", shown))
        if wanted
    ]
    if len(doing) > 1 or (doing and path):
        raise typer.BadParameter(f"{doing[0]} goes with a channel, and with nothing else")
    if not channel and (doing or not path):
        raise typer.BadParameter("say --channel NAME" + ("" if doing else ", or name a file"))
    work: Coroutine[Any, Any, int | None]
    if applied and channel:
        work = apply(applied, channel, sure=yes)
    elif undone and channel:
        work = undo(channel, sure=yes)
    elif shown and channel:
        work = show(channel)
    else:
        work = tune(
            TuneOptions(
                path=path,
                channel=channel,
                parts=parse_parts(parts),
                model=model,
                reflection_model=reflection_model,
                budget=budget,
                seed=seed,
                limit=limit,
                at_once=at_once,
                output=output,
                force=force,
                sure=yes,
            )
        )
    raise typer.Exit(run(work, level="error"))  # of a model that fails, a sentence tells
