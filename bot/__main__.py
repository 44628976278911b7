"""The `nellie` command, and the composition root: the one file that knows every part."""

import io
import json
import re
import sys
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from bot import __version__, backlog, doctor, house, plugins, settings
from bot.conversation import Channel
from bot.engine import Engine
from bot.errors import PluginError, SettingsError
from bot.history import bring_in, take_out
from bot.ports import BadLine
from bot.progress import progress
from bot.running import run, serve
from bot.text import clean


class Commands(TyperGroup):
    """The commands below, and those of platforms: each is loaded where it is named or listed."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *plugins.names("command")]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in plugins.names("command"):
            return super().get_command(ctx, cmd_name)
        try:
            return get_command(plugins.load("command", cmd_name))
        except PluginError as error:
            house.complain(str(error))
            return None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

_PLACE = re.compile(r"(?P<platform>[a-z]+):(?P<workspace>[^/]*)/(?P<id>.+)")


def named(name: str) -> Channel:
    """The channel that a name on the command line means."""
    name = clean(name).strip()
    if place := _PLACE.fullmatch(name):
        return Channel(place["platform"], place["workspace"], place["id"])
    if not name:
        raise typer.BadParameter("a channel has a name")
    return Channel("console", "local", name, name)


def _person(name: str) -> str:
    name = clean(name).strip()
    if not name or name.casefold() == "nellie":
        raise typer.BadParameter("that is her own name" if name else "a person has a name")
    return name


def _format(name: str) -> str:
    if name not in (known := plugins.names("archive")):
        raise typer.BadParameter(f"there is {', '.join(known)}")
    return name


A_CHANNEL = typer.Option(
    "--channel",
    "-c",
    parser=named,
    metavar="NAME",
    help="A name of yours, or platform:workspace/id.",
)
ChannelName = Annotated[Channel, A_CHANNEL]


app.add_typer(backlog.app, name="turns")


@app.callback()
def nellie(ctx: typer.Context) -> None:
    """Nellie, a teammate who remembers the channel.

    \b
      nellie chat                               talk with her here
      nellie import LOG -f irc -c ubuntu        bring a channel's history in
      nellie chat -c ubuntu                     and ask her about it
      NELLIE_MODEL=openai/NAME nellie chat      let a language model answer

    Settings are read from the environment and from a file .env in the current folder;
    .env.example lists them all, each with its line.
    """
    ctx.obj = settings.environment  # where a platform's commands find its settings


@app.command()
def chat(
    channel: ChannelName = "console",  # type: ignore[assignment]  # `named` makes it a channel
    person: Annotated[
        str, typer.Option("--as", parser=_person, metavar="PERSON", help="Who you are there.")
    ] = "you",
    group: Annotated[
        bool, typer.Option("--group", help="Remember every line, answer only @nellie.")
    ] = False,
) -> None:
    """Talk with Nellie in a channel of yours.

    Piped input works too: one line in, one answer out. Without a model configured she quotes
    what was said; set NELLIE_MODEL to let one answer.

    \b
    For example:
      nellie chat --channel kitchen --as ana
      echo "where is the backup disk?" | nellie chat -c kitchen
    """

    async def talk() -> None:
        console = plugins.load("adapter", "console")
        adapter = console.at(replace(channel, direct=not group), person)
        async with house.engine(settings.load(), [adapter]) as engine:
            await adapter.run(engine)

    raise typer.Exit(run(talk(), serving=True))


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="A file or a folder; for Slack also a .zip.")],
    channel: ChannelName,
    format: Annotated[
        str,
        typer.Option(
            "--format", "-f", parser=_format, metavar="FORMAT",
            help="irc, slack, discord or jsonl (or what a plugin adds).",
        ),
    ],
) -> None:  # fmt: skip
    """Bring real history in.

    Importing the same again adds nothing, so that an import that was broken off can be
    repeated. A line that cannot be read is reported, and the rest is imported.

    \b
    For example:
      nellie import '2005-06-27-#ubuntu.txt' --format irc --channel ubuntu
      nellie import export.zip --format slack --channel general
    """

    def complain(bad: BadLine) -> None:
        house.complain(f"{bad.path}:{bad.line}: {bad.reason}")

    async def work() -> None:
        archive = plugins.load("archive", format)()
        async with house.engine(settings.load(), clock=False) as engine:
            with progress("Importing") as shown:
                done = await bring_in(
                    engine, archive, path, channel, progress=shown, complain=complain
                )
        typer.echo(f"{_label(channel)}: {done}")

    raise typer.Exit(run(work()))


@app.command()
def export(
    channel: ChannelName,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Otherwise it is printed."),
    ] = None,
) -> None:
    """Write all that is remembered of a channel, as JSON lines.

    `nellie import` reads them again, here or elsewhere.

    \b
    For example:
      nellie export --channel ubuntu --output ubuntu.jsonl
    """

    async def work() -> None:
        async with house.database(settings.load()) as database:
            with progress("Exporting") as shown:
                count = await take_out(database, channel, output, progress=shown)
        house.complain(f"{_label(channel)}: {count:,} exported")

    raise typer.Exit(run(work()))


@app.command()
def compact(
    channel: Annotated[Channel | None, A_CHANNEL] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Throw the summaries away and make them again.")
    ] = False,
) -> None:
    """Summarize now what the clock would summarize later.

    Without a channel, all of them. The messages themselves stay.

    \b
    For example:
      nellie compact --channel ubuntu
      nellie compact --rebuild
    """

    async def work() -> None:
        async with house.engine(settings.load(), clock=False) as engine:
            states = [
                state for state in await engine.channels.all() if channel in (None, state.channel)
            ]
            if channel and not states:
                reason = f"nothing is remembered of {_label(channel)}"
                raise SettingsError(name="--channel", reason=reason)
            for state in states:
                label = clean(_label(state.channel))
                step = engine.compaction.rebuild if rebuild else engine.compaction.wholly
                with progress(f"Compacting {label}") as shown:
                    made = await step(state.id, progress=shown)
                typer.echo(f"{label}: segments made: {made:,}")

    raise typer.Exit(run(work()))


@app.command("run")
def run_() -> None:
    """Serve every configured platform until SIGTERM.

    \b
    For example:
      nellie run
    """

    async def served() -> None:
        settled, environ = settings.load(), settings.environment()
        found = (
            plugins.load("adapter", name).configured(environ) for name in plugins.names("adapter")
        )
        adapters = [adapter for adapter in found if adapter]
        if not adapters:
            raise SettingsError(name="run", reason=doctor.NO_PLATFORM)
        async with (
            house.engine(settled, adapters) as engine,
            _watched(engine, settled.health),
        ):
            house.complain(f"serving {', '.join(adapter.name for adapter in adapters)}")
            await serve(adapters, engine, engine.settle)

    raise typer.Exit(run(served(), serving=True))


def _watched(engine: Engine, address: str | None) -> AbstractAsyncContextManager[None]:
    if not address:
        return nullcontext()
    from bot.health import watched  # only here: its libraries cost memory

    return watched(engine, address)


@app.command("doctor")
def doctor_(
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for each.")] = False,
) -> None:
    """Look whether all is well, and say what to do where it is not.

    Settings, database, models, Slack and Discord. Nothing is changed. The exit code is 1 when
    something is wrong.

    \b
    For example:
      nellie doctor
      docker compose exec nellie nellie doctor
    """
    wrong = False

    async def look() -> None:
        nonlocal wrong
        async for finding in doctor.examine():
            wrong = wrong or finding.state == "wrong"
            typer.echo(json.dumps(asdict(finding)) if as_json else doctor.shown(finding))

    code = run(look(), level="error")  # what is wrong is a finding, also with the settings
    raise typer.Exit(code or int(wrong))


@app.command()
def backup(
    output: Annotated[Path, typer.Argument(metavar="FILE", help="What pg_restore reads.")],
) -> None:
    """Write all memory of the embedded Postgres into one file, also while she runs.

    infra/restore puts it into the Postgres of docker-compose.yml; pg_restore into any other.

    \b
    For example:
      nellie backup memory.dump
    """

    async def work() -> None:
        await house.back_up(settings.load(), output)
        house.complain(f"backed up into {output}")

    raise typer.Exit(run(work()))


@app.command()
def migrate() -> None:
    """Bring the database up to date; every other command does this by itself.

    \b
    For example:
      DATABASE_URL=postgresql://nellie:secret@db/nellie nellie migrate
    """

    async def work() -> None:
        async with house.database(settings.load()):
            typer.echo("The database is up to date.")

    raise typer.Exit(run(work()))


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _label(channel: Channel) -> str:
    return channel.name or channel.id


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter is no reason
    app()


if __name__ == "__main__":
    main()
