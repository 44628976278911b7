"""`nellie discord`: the link that invites her to a server."""

import base64
import binascii
from typing import Annotated

import typer

from adapters.discord.settings import TOKEN
from bot.domain.errors import NellieError

# Each is explained in docs/discord.md.
PERMISSIONS = {
    "View Channels": 10,
    "Send Messages": 11,
    "Send Messages in Threads": 38,
    "Read Message History": 16,
    "Attach Files": 15,
}
SCOPES = ("bot", "applications.commands")
ADDRESS = "https://discord.com/oauth2/authorize"

# No docstrings: `python -OO` removes those.
HELP = """
    Bring Nellie to Discord: the link that invites her.

    \b
    For example:
      nellie discord invite
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


def invitation(application_id: str) -> str:
    """The link that invites an application's bot to a server."""
    permissions = sum(1 << bit for bit in PERMISSIONS.values())
    scope = "%20".join(SCOPES)
    return f"{ADDRESS}?client_id={application_id}&scope={scope}&permissions={permissions}"


def application_id_of(token: str) -> str:
    """The id of the application that a token belongs to, or "": its first part, no secret."""
    first = token.strip().partition(".")[0]
    try:
        id_ = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
    return id_ if id_.isdigit() else ""
