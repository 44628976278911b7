"""`nellie discord`: sets Discord up, step by step, or invites her."""

from typing import Annotated

import typer

from adapters.discord.invitation import application_id_of, invitation
from adapters.discord.settings import TOKEN
from bot.domain.errors import NellieError

# No docstrings: `python -OO` removes those.
HELP = """
    Bring Nellie to Discord: set it up, step by step, or print the invitation.

    \b
    For example:
      nellie discord setup
"""
SETUP_HELP = """
    Set Discord up, step by step: a bot, its token, a server.

    The token is checked and kept in .env, for your eyes alone. Run it again to
    go on where you stopped.

    \b
    For example:
      nellie discord setup
"""
INVITE_HELP = """
    Print the link that invites her to a server.

    \b
    For example:
      nellie discord invite
      nellie discord invite --application 1234567890
"""

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback(help=HELP)
def discord() -> None:
    """A subcommand says what."""


@app.command(help=SETUP_HELP)
def setup(ctx: typer.Context) -> None:
    """Set it up."""
    from adapters.discord.setup import set_up  # only here: large libraries are behind it

    try:
        environ = ctx.obj()
    except NellieError as error:
        raise typer.BadParameter(str(error)) from None
    raise typer.Exit(set_up(environ))


@app.command(help=INVITE_HELP)
def invite(
    ctx: typer.Context,
    application: Annotated[
        str, typer.Option("--application", "-a", metavar="ID", help="Otherwise from the token.")
    ] = "",
) -> None:
    """Print the link."""
    try:
        id_ = application or application_id_of(ctx.obj().get(TOKEN, ""))
    except NellieError as error:
        raise typer.BadParameter(str(error)) from None
    if not (id_.isascii() and id_.isdigit()):
        raise typer.BadParameter(f"set {TOKEN}, or give the application's id with --application")
    typer.echo(invitation(id_))
