"""`nellie calls`: every call of the API, listed, filtered and followed."""

import asyncio
import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.cli import api_help_texts
from bot.cli.runner import run
from bot.cli.tables import align
from bot.config import settings
from bot.domain.errors import SettingsError
from bot.language.expiry import parse_past
from bot.store import open_database
from bot.store.api_calls import ApiCallListing, CallFilter, ListedCall
from bot.text.sanitize import clean

HEADER = (
    "CALL",
    "AT (UTC)",
    "PERSON",
    "MODEL",
    "STATUS",
    "IN",
    "CACHED",
    "OUT",
    "FIRST",
    "ALL",
    "COST",
    "",
)
NONE_FITS = (
    "There are calls, and none of them fits: ask for less with --person, --model, --status,"
    " --since."
)
NUMBERS = (0, 5, 6, 7, 8, 9, 10)  # columns that are flush right
EVERY = 1.0  # seconds between two looks for what is new
MOST_PLACES = 12  # of a cost
MOST = 1_000  # calls that one look shows

app = typer.Typer(invoke_without_command=True, add_completion=False, rich_markup_mode=None)


@app.callback(help=api_help_texts.CALLS)
def calls(
    ctx: typer.Context,
    person: Annotated[
        str | None, typer.Option(help="Their id or name, or how their key begins.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="As asked for, or as it answered.")] = None,
    status: Annotated[str | None, typer.Option(help="200, 429, open, lost ...; or failed.")] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="2h, 7d, 2026-11-20.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with each call as it ends.")
    ] = False,
) -> None:
    """List calls, unless a subcommand is given."""
    if ctx.invoked_subcommand is None:
        if status and not re.fullmatch(r"[1-5]\d\d|open|lost|failed", status):
            told = "write a status of HTTP such as 429, or open, lost, or failed"
            raise typer.BadParameter(told, param_hint="--status")
        which = CallFilter(person=person, model=model, status=status, since=_parse_since(since))
        raise typer.Exit(run(_list(which, limit=limit, as_json=as_json, follow=follow)))


@app.command(help=api_help_texts.CALLS_SHOW)
def show(call: Annotated[str, typer.Argument(metavar="ID", help="As listed.")]) -> None:
    """Show one call."""
    if not (call.isascii() and call.isdecimal() and len(call) < 19):
        told = "a call is a number, as nellie calls lists it and x-request-id says it"
        raise typer.BadParameter(told, param_hint="ID")
    raise typer.Exit(run(_show(int(call))))


async def _list(which: CallFilter, *, limit: int, as_json: bool, follow: bool) -> None:
    async with open_database.migrated_database(settings.load()) as database:
        listing = ApiCallListing(database)
        found = (await listing.newest(which, limit=limit))[::-1]
        if found:
            _print(found, as_json=as_json)
        elif not (follow or as_json):
            known = await listing.newest(CallFilter(), limit=1)
            typer.echo(NONE_FITS if known else "No call is known.")
        if follow:
            await _follow(listing, which, found, as_json=as_json)


async def _follow(
    listing: ApiCallListing, which: CallFilter, shown: Sequence[ListedCall], *, as_json: bool
) -> None:
    """Print each call once it has ended, until interrupted."""
    every = CallFilter(person=which.person, model=which.model)
    open_ = {one.id for one in shown if one.status == "open"}
    newest = max((one.id for one in await listing.newest(CallFilter(), limit=1)), default=0)
    while True:
        await asyncio.sleep(EVERY)
        found = await listing.newest(every, limit=MOST, after=newest, ids=sorted(open_))
        newest = max(newest, *(one.id for one in found)) if found else newest
        open_ = {one.id for one in found if one.status == "open"}
        ended = [one for one in reversed(found) if one.status != "open" and _is_meant(one, which)]
        if ended:
            _print(ended, as_json=as_json, header=False)


def _is_meant(call: ListedCall, which: CallFilter) -> bool:
    if which.status == "failed":
        return call.status != "200"
    return which.status in (None, call.status)


async def _show(call: int) -> None:
    async with open_database.migrated_database(settings.load()) as database:
        found = await ApiCallListing(database).get(call)
    if found is None:
        raise SettingsError(name=f"call {call}", reason="there is none; see nellie calls")
    listed, request, answer = found
    for name, value in asdict(listed).items():
        if value not in (None, ""):
            typer.echo(f"{name}: {clean(str(value))}")
    for name, content in (("request", request), ("answer", answer)):
        typer.echo(f"{name}: {clean(content) if content else 'not kept (NELLIE_API_LOG)'}")


def _parse_since(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_past(text, datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--since") from None


def _print(found: Sequence[ListedCall], *, as_json: bool, header: bool = True) -> None:
    if as_json:
        for call in found:
            typer.echo(json.dumps(asdict(call), default=str, ensure_ascii=False))
    else:
        rows = [*([HEADER] if header else []), *map(_cells, found)]
        typer.echo(align(rows, right=NUMBERS))


def _cells(call: ListedCall) -> tuple[str, ...]:
    return (
        str(call.id),
        f"{call.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        clean(call.name),
        clean(call.model or call.asked),
        call.status,
        _number(call.input),
        _number(call.cached),
        _number(call.output),
        _seconds(call.first_token_ms),
        _seconds(call.total_ms),
        format_cost(call.cost),
        " ".join(
            filter(None, (call.saved, clean(call.error), "estimated" if call.estimated else ""))
        ),
    )


def _number(count: int | None) -> str:
    return "" if count is None else f"{count:,}"


def format_cost(cost: float | None) -> str:
    """Four places, or as many as its first two digits need."""
    if cost is None:
        return ""
    places = 1 - math.floor(math.log10(cost)) if cost > 0 else 0
    return f"{cost:.{min(max(4, places), MOST_PLACES)}f}"


def _seconds(ms: int | None) -> str:
    return "" if ms is None else f"{ms / 1000:.2f} s"
