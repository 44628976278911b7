"""The `nellie` command: its arguments. What it does is in bot.cli, loaded when it is called.

Completing a word in a shell starts this program, and so does --help: what is imported up here is
paid for each time, and a test holds what that is.
"""

import io
import sys
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Annotated

import typer

from bot import __version__
from bot.cli import help_texts, model_help_texts
from bot.cli.arguments import (
    CHANNELS,
    ChannelOption,
    EveryChannelOption,
    FormatOption,
    IntoOption,
    NewOption,
    PeopleOption,
    PersonOption,
    ZoneOption,
)
from bot.cli.collector import spare_while_loading
from bot.cli.plugin_commands import CommandsWithPlugins

app = typer.Typer(
    cls=CommandsWithPlugins,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback(help=help_texts.NELLIE)
def nellie(
    ctx: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Tell a platform's own commands where to find its settings."""
    ctx.obj = _read_environment


def _read_environment() -> Mapping[str, str]:
    from bot.config.environment import read_environment

    return read_environment()


@app.command("chat", help=help_texts.CHAT)
def chat_(
    channel: ChannelOption = "console",
    person: PersonOption = "you",
    group: Annotated[
        bool, typer.Option("--group", help="Remember every line, answer only @nellie.")
    ] = False,
    new: NewOption = False,
) -> None:
    """Talk at the terminal."""
    from bot.cli import chat

    _exit_after(chat.chat(channel, person, group=group, new=new), serving=True)


@app.command("channels", help=help_texts.CHANNELS)
def channels_(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List what is remembered where."""
    from bot.cli.channels import show_channels

    _exit_after(show_channels(as_json=as_json))


@app.command("import", help=help_texts.IMPORT)
def import_(
    path: Annotated[str, typer.Argument(metavar="FILE", help="A file, a folder, or - for a pipe.")],
    channel: Annotated[list[str] | None, CHANNELS] = None,
    into: IntoOption = None,
    format: FormatOption = None,
    zone: ZoneOption = None,
    people: PeopleOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Only say what would come in.")
    ] = False,
    new: NewOption = False,
) -> None:
    """Import an archive."""
    from bot.cli.importing import ImportOptions, import_history

    options = ImportOptions(
        format=format or "",
        names=tuple(channel or ()),
        into=into or "",
        zone=zone,
        people=people,
        dry_run=dry_run,
        new=new,
    )
    _exit_after(import_history(path, options))


@app.command(help=help_texts.EXPORT)
def export(
    channel: ChannelOption,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Otherwise it is printed."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
) -> None:
    """Export a channel."""
    from bot.cli import exporting

    _exit_after(exporting.export_history(channel, output, force=force))


@app.command("compact", help=help_texts.COMPACT)
def compact_(
    channel: EveryChannelOption = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Throw the summaries away and make them again.")
    ] = False,
) -> None:
    """Compact one channel or all."""
    from bot.cli import compact

    _exit_after(compact.compact(channel, rebuild=rebuild))


@app.command("run", help=help_texts.RUN)
def run_() -> None:
    """Serve the platforms."""
    from bot.cli import serve

    _exit_after(serve.serve(), serving=True)


@app.command(help=help_texts.DOCTOR)
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for each.")] = False,
) -> None:
    """Check everything."""
    from bot.cli.doctor import check_everything

    raise typer.Exit(check_everything(as_json=as_json))


@app.command("models", help=model_help_texts.MODELS)
def models_() -> None:
    """List the models."""
    from bot.cli.models import show_models

    _exit_after(show_models())


@app.command(help=help_texts.MIGRATE)
def migrate() -> None:
    """Migrate the database."""
    from bot.cli import database

    _exit_after(database.migrate())


@app.command(help=help_texts.VERSION)
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _exit_after(work: Coroutine[None, None, int | None], *, serving: bool = False) -> None:
    from bot.cli.runner import run

    raise typer.Exit(run(work, serving=serving))


def main() -> None:
    """The console script."""
    spare_while_loading()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may lack a letter of the output
    app()


if __name__ == "__main__":
    main()
