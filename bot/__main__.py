"""The `nellie` command: its arguments. What it does is in bot.cli."""

import io
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated

import typer

from bot import __version__
from bot.cli import chat, compact, database, forget, help_texts, import_export, serve, turns
from bot.cli.arguments import (
    ChannelOption,
    EveryChannelOption,
    FormatOption,
    NewOption,
    PersonOption,
)
from bot.cli.doctor.command import check_everything
from bot.cli.plugin_commands import CommandsWithPlugins
from bot.cli.runner import run
from bot.config.environment import read_environment

app = typer.Typer(
    cls=CommandsWithPlugins,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.add_typer(turns.app, name="turns")
app.add_typer(forget.app, name="forget")


@app.callback(help=help_texts.NELLIE)
def nellie(ctx: typer.Context) -> None:
    """Tell a platform's own commands where to find its settings."""
    ctx.obj = read_environment


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
    path: Annotated[Path, typer.Argument(help="A file or a folder; for Slack also a .zip.")],
    channel: ChannelOption,
    format: FormatOption,
    new: NewOption = False,
) -> None:
    """Import an archive."""
    _exit_after(import_export.import_history(format, path, channel, new=new))


@app.command(help=help_texts.EXPORT)
def export(
    channel: ChannelOption,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Otherwise it is printed."),
    ] = None,
) -> None:
    """Export a channel."""
    _exit_after(import_export.export_history(channel, output))


@app.command("compact", help=help_texts.COMPACT)
def compact_(
    channel: EveryChannelOption = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Throw the summaries away and make them again.")
    ] = False,
) -> None:
    """Compact one channel or all."""
    _exit_after(compact.compact(channel, rebuild=rebuild))


@app.command("run", help=help_texts.RUN)
def run_() -> None:
    """Serve the platforms."""
    _exit_after(serve.serve(), serving=True)


@app.command(help=help_texts.DOCTOR)
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for each.")] = False,
) -> None:
    """Check everything."""
    raise typer.Exit(check_everything(as_json=as_json))


@app.command("models", help=help_texts.MODELS)
def models_() -> None:
    """List the models."""
    from bot.cli.models import show_models  # only here: a large library is behind it

    _exit_after(show_models())


@app.command(help=help_texts.BACKUP)
def backup(
    output: Annotated[Path, typer.Argument(metavar="FILE", help="What pg_restore reads.")],
) -> None:
    """Back the embedded Postgres up."""
    _exit_after(database.back_up(output))


@app.command(help=help_texts.MIGRATE)
def migrate() -> None:
    """Migrate the database."""
    _exit_after(database.migrate())


@app.command(help=help_texts.VERSION)
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _exit_after(work: Coroutine[None, None, None], *, serving: bool = False) -> None:
    raise typer.Exit(run(work, serving=serving))


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may lack a letter of the output
    app()


if __name__ == "__main__":
    main()
