"""The `nellie` command, and the composition root: the one file that knows every part."""

import asyncio
import logging
import os
import re
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated

import structlog
import typer

from bot import __version__, house, plugins, settings
from bot.conversation import Channel
from bot.errors import NellieError, SettingsError
from bot.history import bring_in, take_out
from bot.ports import Adapter, BadLine, Door
from bot.progress import progress

app = typer.Typer(
    help="Nellie, a teammate who remembers the channel. Start with: nellie chat",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_PLACE = re.compile(r"(?P<platform>[a-z]+):(?P<workspace>[^/]*)/(?P<id>.+)")
_RESTART = 5  # seconds before an adapter that failed is started again

ChannelName = Annotated[
    str, typer.Option("--channel", "-c", help="A name of yours, or platform:workspace/id.")
]


@app.command()
def chat(
    channel: ChannelName = "console",
    person: Annotated[str, typer.Option("--as", help="Who you are in the channel.")] = "you",
    group: Annotated[
        bool, typer.Option("--group", help="Remember every line, answer only @nellie.")
    ] = False,
) -> None:
    """Talk with Nellie here. Piped input works too: one line in, one answer out.

    Without a model configured she quotes what was said; set NELLIE_MODEL to let one answer.
    """
    console = plugins.load("adapter", "console")
    adapter = console.at(named(channel, direct=not group), person)

    async def talk() -> None:
        async with house.engine(settings.load(), [adapter]) as engine:
            await adapter.run(engine)

    _run(talk())


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="A file or a folder; for Slack also a .zip.")],
    channel: ChannelName,
    format: Annotated[str, typer.Option("--format", "-f", help="irc, slack, discord or jsonl.")],
) -> None:
    """Bring real history in. Importing the same again adds nothing."""

    def complain(bad: BadLine) -> None:
        house.complain(f"{bad.path}:{bad.line}: {bad.reason}")

    async def work() -> None:
        archive = plugins.load("archive", format)()
        async with house.engine(settings.load(), clock=False) as engine:
            with progress("Importing") as shown:
                done = await bring_in(
                    engine, archive, path, named(channel), progress=shown, complain=complain
                )
        typer.echo(f"{channel}: {done}")

    _run(work())


@app.command()
def export(
    channel: ChannelName,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file; otherwise it is printed.")
    ] = None,
) -> None:
    """Write all that is remembered of a channel as JSON lines, as `nellie import` reads them."""

    async def work() -> None:
        async with house.database(settings.load()) as database:
            stream = output.open("w", encoding="utf-8") if output else sys.stdout
            with progress("Exporting") as shown:
                count = await take_out(database, named(channel), stream, progress=shown)
            stream.flush()
        house.complain(f"{count:,} messages exported")

    _run(work())


@app.command()
def compact(
    channel: Annotated[str, typer.Option("--channel", "-c", help="Only this one.")] = "",
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Throw the summaries away and make them again.")
    ] = False,
) -> None:
    """Summarize now what the clock would summarize later. The messages themselves stay."""

    async def work() -> None:
        async with house.engine(settings.load(), clock=False) as engine:
            chosen = named(channel) if channel else None
            states = [
                state for state in await engine.channels.all() if chosen in (None, state.channel)
            ]
            if chosen and not states:
                raise SettingsError(name="--channel", reason=f"I remember nothing of {channel}")
            for state in states:
                label = state.channel.name or state.channel.id
                step = engine.compaction.rebuild if rebuild else engine.compaction.wholly
                with progress(f"Compacting {label}") as shown:
                    made = await step(state.id, progress=shown)
                typer.echo(f"{label}: {made:,} segments made")

    _run(work())


@app.command()
def run() -> None:
    """Serve every configured platform until SIGTERM."""
    found = [
        plugins.load("adapter", name).configured(os.environ) for name in plugins.names("adapter")
    ]
    adapters = [adapter for adapter in found if adapter]

    async def serve() -> None:
        if not adapters:
            raise SettingsError(
                name="nellie run", reason="no platform is configured; to talk here: nellie chat"
            )
        async with house.engine(settings.load(), adapters) as engine:
            house.complain(f"serving {', '.join(adapter.name for adapter in adapters)}")
            async with asyncio.TaskGroup() as group:
                for adapter in adapters:
                    group.create_task(_supervised(adapter, engine))

    _run(serve())


@app.command()
def migrate() -> None:
    """Bring the database up to date. Every other command does this by itself."""

    async def work() -> None:
        async with house.database(settings.load()):
            typer.echo("The database is up to date.")

    _run(work())


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def named(channel: str, *, direct: bool = False) -> Channel:
    """The channel that a name on the command line means."""
    if place := _PLACE.fullmatch(channel):
        return Channel(place["platform"], place["workspace"], place["id"], direct=direct)
    if not channel.strip():
        raise typer.BadParameter("a channel has a name")
    return Channel("console", "local", channel, channel, direct=direct)


async def _supervised(adapter: Adapter, door: Door) -> None:
    """Run an adapter for good: one that fails is started again, the others go on meanwhile."""
    while True:
        try:
            await adapter.run(door)
            return
        except Exception as error:  # whatever a platform's library raises
            structlog.get_logger(__name__).error(
                "adapter failed", name=adapter.name, exc_info=error
            )
            await asyncio.sleep(_RESTART)


def _run(work: Coroutine[None, None, None]) -> None:
    """Run a command to its end, or until SIGTERM; errors for people in one line."""

    async def until_told() -> None:
        task = asyncio.ensure_future(work)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        await task

    try:
        _log(settings.load().log_level)
        asyncio.run(until_told())
    except NellieError as error:
        house.complain(str(error))
        raise typer.Exit(1) from None
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise typer.Exit(0) from None
    finally:
        work.close()


def _log(level: str) -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
