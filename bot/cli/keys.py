"""`nellie keys`: keys of the API, made, listed and revoked by whoever operates Nellie."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.cli import api_help_texts
from bot.cli.api_people import ApiPerson, parse_api_person, parse_new_person
from bot.cli.runner import run
from bot.cli.tables import align
from bot.commands.key import MOST_MODELS, parse_models
from bot.config import settings
from bot.domain.errors import CommandError, SettingsError
from bot.language.expiry import parse_expiry
from bot.store import open_database
from bot.store.api_keys import SHOWN, ApiKeys, NewKey, StoredKey
from bot.text.plurals import counted
from bot.text.sanitize import clean

HEADER = ("KEY", "PERSON", "TEAM", "MODELS", "MADE (UTC)", "ENDS (UTC)", "LAST USED (UTC)", "")
PERSON = typer.Option(
    "--person",
    parser=parse_api_person,
    metavar="NAME",
    help="platform:workspace/id, or what you call them.",
)
NEW_PERSON = typer.Option(
    "--person",
    parser=parse_new_person,
    metavar="NAME",
    help="platform:workspace/id, or what you call them.",
)

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback(help=api_help_texts.KEYS)
def keys() -> None:
    """A subcommand says what."""


@app.command(help=api_help_texts.KEYS_ADD)
def add(
    person: Annotated[ApiPerson, NEW_PERSON],
    team: Annotated[str | None, typer.Option(help="Whose budget it is on too.")] = None,
    models: Annotated[
        str, typer.Option(metavar="NAMES", help="With commas; * for any letters. Else all.")
    ] = "",
    expires: Annotated[str, typer.Option(metavar="TIME", help="30d, 2027-01-01, never.")] = "never",
    trusted: Annotated[
        bool,
        typer.Option("--trusted", help="A front end: X-OpenWebUI-User-* say who sits before it."),
    ] = False,
) -> None:
    """Make a key."""
    new = NewKey(
        platform=person.platform,
        workspace=person.workspace,
        person_id=person.id,
        name=person.id,
        team=person.workspace if team is None else clean(team).strip(),
        models=_parse_models(models) if models.strip() else (),
        expires_at=_parse_expires(expires),
        trusted=trusted,
    )
    raise typer.Exit(run(_add(new)))


@app.command("list", help=api_help_texts.KEYS_LIST)
def list_(
    person: Annotated[ApiPerson | None, PERSON] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Those too that have ended or were revoked.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List keys."""
    raise typer.Exit(run(_list(person, every=every, as_json=as_json)))


@app.command(help=api_help_texts.KEYS_REVOKE)
def revoke(
    key: Annotated[str | None, typer.Argument(help="How it begins, or all of it.")] = None,
    person: Annotated[ApiPerson | None, PERSON] = None,
) -> None:
    """Revoke keys."""
    if (key is None) == (person is None):
        raise typer.BadParameter("name one key, or say --person")
    raise typer.Exit(run(_revoke(key, person)))


async def _add(new: NewKey) -> None:
    async with open_database.migrated_database(settings.load()) as database:
        try:
            key, stored = await ApiKeys(database).add(new)
        except CommandError as error:
            raise SettingsError(name="--person", reason=str(error)) from None
    ends = (
        f"until {stored.expires_at:%Y-%m-%d %H:%M} UTC" if stored.expires_at else "without an end"
    )
    typer.echo(f"A key for {_label(stored)}, {ends}. It is shown this once:", err=True)
    typer.echo(key)


async def _list(person: ApiPerson | None, *, every: bool, as_json: bool) -> None:
    async with open_database.migrated_database(settings.load()) as database:
        platform, id_ = (person.platform, person.id) if person else (None, None)
        api_keys = ApiKeys(database)
        found = await api_keys.list(platform, id_, every=every)
        ended = [] if found or every else await api_keys.list(platform, id_, every=True)
    if as_json:
        for key in found:
            typer.echo(json.dumps(asdict(key), default=str, ensure_ascii=False))
    elif found:
        typer.echo(align([HEADER, *map(_cells, found)]))
    elif ended:
        typer.echo("There are no keys that are good; --all shows those too that have ended.")
    elif person:
        typer.echo(f"{person} has no key; nellie keys list shows everybody's.")
    else:
        typer.echo("There are no keys. nellie keys add --person NAME makes one.")


async def _revoke(key: str | None, person: ApiPerson | None) -> None:
    prefix = clean(key or "").rstrip("….")[:SHOWN] or "--person"
    async with open_database.migrated_database(settings.load()) as database:
        api_keys = ApiKeys(database)
        if person:
            ended = await api_keys.revoke(platform=person.platform, person_id=person.id)
        else:
            ended = await api_keys.revoke(prefix)
    if not ended:
        raise SettingsError(name=prefix, reason="no such key is good; see nellie keys list")
    typer.echo(f"Revoked: {counted(len(ended), 'key')}. Every replica notices within ten seconds.")


def _parse_models(models: str) -> tuple[str, ...]:
    try:
        return parse_models(clean(models))
    except CommandError:
        told = f"name between one and {MOST_MODELS} models, as in --models 'gpt-*,auto'"
        raise typer.BadParameter(told, param_hint="--models") from None


def _parse_expires(text: str) -> datetime | None:
    try:
        return parse_expiry(text, datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--expires") from None


def _label(key: StoredKey) -> str:
    named = "" if key.name == key.person_id else f" ({clean(key.name)})"
    return f"{ApiPerson(key.platform, key.workspace, key.person_id)}{named}"


def _cells(key: StoredKey) -> tuple[str, ...]:
    state = "revoked" if key.revoked_at else "trusted" if key.trusted else ""
    return (
        key.prefix,
        _label(key),
        clean(key.team),
        ",".join(key.models) or "all",
        f"{key.created_at:%Y-%m-%d}",
        f"{key.expires_at:%Y-%m-%d %H:%M}" if key.expires_at else "never",
        f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never",
        state,
    )
