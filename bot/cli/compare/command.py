"""`nellie compare`: its arguments, and what becomes of them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import model_help_texts, onlooking
from bot.cli.compare.asking import Contender, ask_all
from bot.cli.compare.figures import ModelFigures
from bot.cli.compare.picture import draw
from bot.cli.compare.prompts import OWN_SET, ComparedPrompt, read_prompts
from bot.cli.compare.rated import RatedPrompts
from bot.cli.compare.table import as_json, as_table
from bot.cli.files import refuse_to_replace, write_private
from bot.cli.progress import show_progress
from bot.cli.runner import run
from bot.cli.tables import terminal_width
from bot.config import settings
from bot.config.settings import Settings
from bot.domain.errors import SettingsError
from bot.llm.registry import ModelRegistry
from bot.store import open_database
from bot.store.rated_turns import RatedTurns
from bot.telemetry.logs import tell_operator
from bot.text.plurals import counted

MOST = 1_000  # prompts, where nobody says how many

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareOptions:
    """What is asked for, and where it goes."""

    path: str
    rated: bool
    models: tuple[str, ...]
    limit: int | None
    repeat: int
    at_once: int
    as_json: bool
    picture: Path | None
    answers: Path | None
    force: bool


@app.command("compare", help=model_help_texts.COMPARE)
def compare(
    path: Annotated[
        str,
        typer.Argument(metavar="[FILE]", help="Prompts, one a line, or JSON lines; - for a pipe."),
    ] = "",
    rated: Annotated[
        bool, typer.Option("--rated", help="The questions whose answers people have rated.")
    ] = False,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", "-m", metavar="NAME", help="Otherwise all that are configured."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many prompts.")] = None,
    repeat: Annotated[int, typer.Option(min=1, help="Ask each so often.")] = 1,
    at_once: Annotated[int, typer.Option(min=1, help="So many calls at the same time.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a model.")] = False,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw it as well, as SVG.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every answer, as JSON lines.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace these files.")] = False,
) -> None:
    """Ask every model the same."""
    if path and rated:
        raise typer.BadParameter("name a file, or say --rated")
    options = CompareOptions(
        path=path,
        rated=rated,
        models=tuple(model or ()),
        limit=limit,
        repeat=repeat,
        at_once=at_once,
        as_json=as_json,
        picture=picture,
        answers=answers,
        force=force,
    )
    raise typer.Exit(run(_compare(options)))


async def _compare(options: CompareOptions) -> int:
    current = settings.load()
    for file in filter(None, (options.picture, options.answers)):
        refuse_to_replace(file, force=options.force)
    prompts = await _prompts(options, current)
    names = dict.fromkeys(options.models or (*current.model, *current.choices))
    contenders = [Contender.load(name, current) for name in names]
    asked = [one for one in _limited(prompts, options.limit) for _ in range(options.repeat)]
    title = f"{counted(len(asked), 'prompt')}, {counted(len(contenders), 'model')}"
    try:
        with show_progress(title) as progress:
            await ask_all(contenders, asked, current, at_once=options.at_once, progress=progress)
    finally:  # also of what was broken off, the figures so far
        prices = current.price_of
        told = [one.figures(len(asked), prices.get(one.name)) for one in contenders]
        _tell(options, told, contenders, f"nellie compare: {title}")
        for contender in contenders:
            await contender.close()
    return 0 if any(one.answered for one in told) else 1


async def _prompts(options: CompareOptions, current: Settings) -> list[ComparedPrompt]:
    if not options.rated:
        return read_prompts(options.path or str(OWN_SET), current)
    # Memory is read without the models that are compared: a broken one is a line of the table.
    alone = current.model_copy(update={"model": ("extractive",), "models": ()})
    async with (
        open_database.migrated_database(alone) as database,
        onlooking.reading(alone, database.url, ModelRegistry(alone)) as nellie,
    ):
        rated = RatedPrompts(
            turns=RatedTurns(nellie.database),
            messages=nellie.stores.messages,
            recall=nellie.recall,
            settings=current,
        )
        found = await rated.read(most=options.limit or MOST)
    if not found:
        reason = "nobody has rated an answer whose question is remembered; name a file of prompts"
        raise SettingsError(name="--rated", reason=reason)
    return found


def _limited(prompts: Sequence[ComparedPrompt], limit: int | None) -> Sequence[ComparedPrompt]:
    if limit is None and len(prompts) > MOST:
        tell_operator(f"asking the first {MOST:,} of {len(prompts):,}; --limit says how many")
    return prompts[: limit or MOST]


def _tell(
    options: CompareOptions,
    told: Sequence[ModelFigures],
    contenders: Sequence[Contender],
    title: str,
) -> None:
    if options.as_json:
        for one in told:
            typer.echo(json.dumps(as_json(one), ensure_ascii=False))
    else:
        typer.echo(as_table(told, terminal_width()))
    if options.picture:
        with write_private(options.picture, force=options.force) as file:
            file.write(draw(told, title))
        tell_operator(f"wrote {options.picture}")
    if options.answers:
        with write_private(options.answers, force=options.force) as file:
            for contender in contenders:
                for answer in contender.answers:
                    line = {"model": contender.name, **asdict(answer)}
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
        tell_operator(f"wrote {options.answers}")
