"""`nellie web`: the page at this machine, in a browser that is signed in; links to sign in."""

import asyncio
import os
import socket
import sys
import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import bootstrap
from bot.cli import example as trying
from bot.cli import web_help_texts
from bot.cli.api_people import ApiPerson, parse_new_person
from bot.cli.channel_names import EXAMPLE, OWN
from bot.cli.collector import spare_what_is_loaded
from bot.cli.runner import run
from bot.commands.web import NOT_SERVED, find_page
from bot.config import plugins, settings
from bot.domain.errors import SettingsError
from bot.domain.page import SIGN_IN, TERMINAL
from bot.store import open_database
from bot.store.page_sessions import PageSessions, Person
from bot.store.served_page import announced, find_served

PORT = 8082
LOOK = 0.05  # seconds between two looks whether the page is served already
YOU = "you"  # who sits at this machine and does not say who they are
AS = typer.Option(
    "--as",
    parser=parse_new_person,
    metavar="PERSON",
    help="platform:workspace/id, or what you are called here.",
)

app = typer.Typer(invoke_without_command=True, add_completion=False, rich_markup_mode=None)


@app.callback(help=web_help_texts.WEB)
def web(
    ctx: typer.Context,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65_535, help=f"Otherwise {PORT}, or any that is free."),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open one, where there is one.")
    ] = True,
    example: Annotated[
        bool, typer.Option("--try", help="Where nothing is remembered, bring an example in.")
    ] = False,
) -> None:
    """Serve the page, unless a subcommand is given."""
    if ctx.invoked_subcommand is None:
        raise typer.Exit(run(_serve(port, browser=browser, example=example), serving=True))


@app.command(help=web_help_texts.LINK)
def link(person: Annotated[ApiPerson | None, AS] = None) -> None:
    """Print a link."""
    raise typer.Exit(run(_link(person or ApiPerson("", "", YOU))))


async def _serve(port: int | None, *, browser: bool, example: bool) -> None:
    """Until it is interrupted. Raises SettingsError."""
    adapter = plugins.load("adapter", "web").at(port or _free_port())
    current = settings.load()
    async with (
        bootstrap.opened(current) as (models, database),
        bootstrap.started(current, database, models, [adapter], scheduled=True) as nellie,
    ):
        if example and await trying.is_wanted(nellie):
            await trying.example(nellie).bring_in()
        await _offer(adapter, nellie)
        spare_what_is_loaded()
        serving = asyncio.create_task(nellie.supervisor.serve([adapter]))
        sessions = nellie.stores.page_sessions
        telling = asyncio.create_task(_tell(adapter, sessions, current.home, browser=browser))
        try:
            await serving
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)


async def _offer(adapter: Any, nellie: bootstrap.Nellie) -> None:
    """Questions to try, where the example is there."""
    channel_id = await nellie.stores.channels.find(EXAMPLE)
    if channel_id is not None and await nellie.stores.messages.count(channel_id):
        adapter.offer(channel_id, trying.QUESTIONS)


async def _tell(adapter: Any, sessions: PageSessions, home: Path, *, browser: bool) -> None:
    """Say where it is once it is there, go there, and let others find it until cancelled."""
    while not adapter.connected():  # noqa: ASYNC110  # it tells nobody else
        await asyncio.sleep(LOOK)
    here = adapter.settings.at_port(adapter.port)
    link = here + SIGN_IN + await sessions.add_link(_at_this_machine(YOU), at_once=True)
    typer.echo(f"The page is at {here}, until Ctrl-C. This link signs you in, once:\n{link}")
    sys.stdout.flush()
    with announced(home, here):
        if browser and _has_screen():
            await asyncio.to_thread(webbrowser.open, link)
        await asyncio.Event().wait()


async def _link(person: ApiPerson) -> None:
    current = settings.load()
    page = find_page(current.web, current.web_url) if current.web else find_served(current.home)
    if page is None:
        raise SettingsError(name="NELLIE_WEB", reason=NOT_SERVED)
    signs_in = (
        Person(
            platform=person.platform,
            workspace=person.workspace,
            person_id=person.id,
            name=person.id,
        )
        if person.platform
        else _at_this_machine(person.id)
    )
    async with open_database.migrated_database(current) as database:
        secret = await PageSessions(database).add_link(signs_in)
    whose = str(person) if person.platform else f"{person}, at this machine"
    typer.echo(f"A link that signs {whose} in, once, within ten minutes:", err=True)
    typer.echo(page + SIGN_IN + secret)


def _at_this_machine(name: str) -> Person:
    """Somebody of the terminal, by the name under which they talk there."""
    return Person(platform=TERMINAL, workspace=OWN[1], person_id=name.casefold(), name=name)


def _free_port() -> int:
    """The usual one, or 0 for any where that is in use."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", PORT))
        except OSError:
            return 0
    return PORT


def _has_screen() -> bool:
    """Whether a browser can show something; one in a terminal would take that away."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
