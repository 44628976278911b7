"""`nellie docs`: files and folders of this machine in a channel; what there is, and one less."""

from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from bot import bootstrap
from bot.bootstrap import Nellie
from bot.cli import document_help_texts
from bot.cli.arguments import ChannelOption, NewOption
from bot.cli.channel_names import find_channel, find_or_import, label
from bot.cli.progress import show_progress
from bot.cli.runner import interruptible, run
from bot.commands.document_lines import document_line, group_posts
from bot.config import settings
from bot.documents.folders import Found, find_files
from bot.documents.local_files import KNOWN, Changes
from bot.domain.model import Author, Command, Reply
from bot.store import open_database
from bot.store.channels import Channels, ChannelState
from bot.store.posted_files import PostedFiles
from bot.telemetry.logs import tell_operator
from bot.text.sanitize import clean

SOME_NOT_READ = 3  # the exit code
NOTHING_READ = 1
MOST_TOLD = 100  # files, one by one
OPERATOR = Author("operator", "operator")

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback(help=document_help_texts.DOCS)
def docs() -> None:
    """A subcommand says what."""


@app.command("add", help=document_help_texts.ADD)
def add_(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file or a folder.")],
    channel: ChannelOption,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Only say what would be done.")
    ] = False,
    new: NewOption = False,
) -> None:
    """Read files."""
    raise typer.Exit(run(_add(path, channel, dry_run=dry_run, new=new)))


@app.command("list", help=document_help_texts.LIST)
def list_(channel: ChannelOption) -> None:
    """List documents."""
    raise typer.Exit(run(_list(channel)))


@app.command("forget", help=document_help_texts.FORGET)
def forget_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `nellie docs list` shows it.")],
    channel: ChannelOption,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Forget a document."""
    raise typer.Exit(run(_forget(name, channel, sure=yes)))


async def _add(path: Path, name: str, *, dry_run: bool, new: bool) -> int:
    with interruptible():
        found = find_files(path)
    async with bootstrap.running(settings.load(), scheduled=False) as nellie:
        channels = nellie.stores.channels
        channel = await find_or_import(channels, name, new=new)
        with show_progress("Comparing") as progress:
            changes = await nellie.local_files.compare(
                await channels.find(channel), found, progress
            )
        if dry_run:
            _preview(changes)
        else:
            channel_id = await channels.id(channel)
            with show_progress("Reading") as progress:
                await nellie.local_files.carry_out(channel_id, found.root, changes, progress)
        return _tell(label(channel), found, changes, dry_run=dry_run)


def _preview(changes: Changes) -> None:
    files = [
        *((f"new: {file.name}") for file in changes.new),
        *((f"changed: {file.name}") for file in changes.changed),
        *((f"gone: {post.file.shown_name}") for post in changes.gone),
    ]
    for line in files[:MOST_TOLD]:
        typer.echo(line)
    if len(files) > MOST_TOLD:
        typer.echo(f"and {len(files) - MOST_TOLD:,} more")


def _tell(where: str, found: Found, changes: Changes, *, dry_run: bool) -> int:
    """What was done, or would be; returns the exit code."""
    for path, reason in list(changes.faults.items())[:MOST_TOLD]:
        tell_operator(f"{clean(path)}: {reason}")
    if len(changes.faults) > MOST_TOLD:
        tell_operator(f"and {len(changes.faults) - MOST_TOLD:,} more that cannot be read")
    if found.left_out:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(found.left_out.items()))
        tell_operator(f"left out: {kinds}")
    typer.echo(f"{where}: {changes.told(planned=dry_run)}")
    if not (changes.read or changes.same or changes.gone):
        tell_operator(f"{clean(str(found.root))}: it holds nothing that can be read")
        return NOTHING_READ
    return SOME_NOT_READ if changes.faults else 0


async def _list(name: str) -> None:
    async with open_database.migrated_database(settings.load()) as database:
        state = await find_channel(Channels(database), name)
        posts = await PostedFiles(database).in_channel(state.id, limit=KNOWN)
        for group in group_posts(posts):
            typer.echo(document_line(group, UTC))
        if not posts:
            tell_operator(f"{label(state.channel)}: no document was read")


async def _forget(name: str, channel: str, *, sure: bool) -> None:
    async with bootstrap.running(settings.load(), scheduled=False) as nellie:
        state = await find_channel(nellie.stores.channels, channel)
        asked = await _run(nellie, state, f"forget {name}")
        if not (sure or typer.confirm(asked.text)):
            typer.echo("Nothing was changed.")
            return
        typer.echo((await _run(nellie, state, asked.confirm)).text)


async def _run(nellie: Nellie, state: ChannelState, arguments: str) -> Reply:
    """As /docs in the channel, with all rights."""
    return await nellie.commands.run(
        Command("docs", arguments, state.channel, OPERATOR, admin=True)
    )
