"""`nellie slack`: the app manifest that Slack asks for."""

from pathlib import Path

import typer

HELP = """
    Bring Nellie to Slack: its app manifest.

    \b
    For example:
      nellie slack manifest
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


@app.command("manifest", help=MANIFEST_HELP)
def manifest_() -> None:
    """Print the manifest."""
    typer.echo(read_manifest(), nl=False)


def read_manifest() -> str:
    """The app manifest, as YAML; it lies beside this file, in a clone and in a package."""
    return Path(__file__).with_name("manifest.yaml").read_text(encoding="utf-8")
