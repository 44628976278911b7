"""`nellie settings`: every setting with its default, one explained, or all as a file .env."""

import difflib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import help_texts
from bot.cli.files import write_private
from bot.cli.runner import run
from bot.config.descriptions import Description, describe_settings
from bot.config.environment import ENV_FILE, FROM_FILE, read_environment
from bot.domain.errors import SettingsError
from bot.telemetry.logs import tell_operator
from bot.text.sanitize import clean

HEAD = """\
# Settings of Nellie, for a file .env in the folder where she is started: take away the # of what
# you change; the environment wins over the file. Shown are the defaults. A setting may also stand
# in a file that NAME_FILE names: OPENAI_API_KEY_FILE=/run/secrets/openai_api_key.
"""

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("settings", help=help_texts.SETTINGS)
def settings_(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Explain this one.")] = "",
    write: Annotated[bool, typer.Option("--write", help="Write them into a file .env.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file .env.")] = False,
) -> None:
    """Print, explain or write them."""
    raise typer.Exit(run(_settings(name, write=write, force=force), level="warning"))


async def _settings(name: str, *, write: bool, force: bool) -> None:
    if name:
        typer.echo(explain(name))
    elif write:
        with write_private(Path(ENV_FILE), force=force) as file:
            file.write(as_env_file(describe_settings()))
        tell_operator(f"wrote {ENV_FILE}, which only you can read: put your settings there")
    else:
        typer.echo(as_env_file(describe_settings()), nl=False)


def as_env_file(settings: Iterable[Description]) -> str:
    """All of them as a file .env, each with a # before it."""
    text, section = HEAD, ""
    for one in settings:
        if one.section != section:
            section = one.section
            text += f"\n# ==== {section} ====\n"
        text += f"\n# {one.line}\n#{one.name}={one.default}\n"
    return text


def explain(name: str) -> str:
    """One setting: what it is, its default, and what it is now. Raises SettingsError."""
    every = {one.name: one for one in describe_settings()}
    wanted = name.strip().upper().removesuffix(FROM_FILE)
    if wanted not in every:
        near = difflib.get_close_matches(wanted, every, n=1, cutoff=0.6)
        hint = f"is it {near[0]}?" if near else "`nellie settings` lists them all"
        raise SettingsError(name=clean(name), reason=f"there is no such setting; {hint}")
    one = every[wanted]
    default = one.default or (f"{one.here} here" if one.here else "none")
    return "\n".join([one.name, f"  {one.line}", f"  Default: {default}", _now(one)])


def _now(one: Description) -> str:
    environ = read_environment()
    if not environ.get(one.name):
        return f"  Now: {one.here}{_for_root()}" if one.here else "  Now: the default"
    in_a_file = environ.raw(one.name + FROM_FILE)
    from_environment = one.name in os.environ or one.name + FROM_FILE in os.environ
    where = "the environment" if from_environment else ENV_FILE
    value = "set (a secret, not shown)" if one.secret else clean(environ[one.name])
    return f"  Now: {value}, from {f'the file {in_a_file}' if in_a_file else where}"


def _for_root() -> str:
    return ", as you are root" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""
