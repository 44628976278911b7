"""`nellie slack`: sets Slack up, step by step, or prints its app manifest."""

import typer

from adapters.slack.manifest import read_manifest
from bot.domain.errors import NellieError

HELP = """
    Bring Nellie to Slack: set it up, step by step, or print the app manifest.

    \b
    For example:
      nellie slack setup
"""
SETUP_HELP = """
    Set Slack up, step by step: an app, its two tokens, a channel.

    The tokens are checked and kept in .env, for your eyes alone. Run it again
    to go on where you stopped.

    \b
    For example:
      nellie slack setup
"""
MANIFEST_HELP = """
    Print the app manifest. Slack asks for it under Create New App, From a manifest.

    \b
    For example:
      nellie slack manifest
      nellie slack manifest | pbcopy
"""

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback(help=HELP)
def slack() -> None:
    """A subcommand says what."""


@app.command(help=SETUP_HELP)
def setup(ctx: typer.Context) -> None:
    """Set it up."""
    from adapters.slack.setup import set_up  # only here: large libraries are behind it

    try:
        environ = ctx.obj()
    except NellieError as error:
        raise typer.BadParameter(str(error)) from None
    raise typer.Exit(set_up(environ))


@app.command("manifest", help=MANIFEST_HELP)
def manifest_() -> None:
    """Print the manifest."""
    typer.echo(read_manifest(), nl=False)
