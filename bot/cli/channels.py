"""`nellie channels`: what is remembered where, under the names that other commands take."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import typer

from bot.cli.channel_names import exact_name
from bot.cli.tables import align, is_wider, terminal_width
from bot.config import settings
from bot.domain.model import Channel
from bot.store import open_database
from bot.store.channel_listing import ChannelListing, ListedChannel
from bot.text.plurals import counted
from bot.text.sanitize import clean

HEADER = ("CHANNEL", "NAME", "MESSAGES", "PEOPLE", "TOKENS", "SIZE", "LAST (UTC)")
NUMBERS = (2, 3, 4, 5)  # columns
NOTHING = (
    "Nothing is remembered yet. `nellie import FILE` brings history in, and `nellie chat`"
    " begins a channel of your own."
)


async def show_channels(*, as_json: bool) -> None:
    """List the channels, the one with the latest message first."""
    async with open_database.migrated_database(settings.load()) as database:
        found = await ChannelListing(database).channels()
    if as_json:
        for one in found:
            entry = {"exact_name": exact_name(_channel(one)), **asdict(one)}
            typer.echo(json.dumps(entry, default=_as_json, ensure_ascii=False))
        return
    typer.echo(_shown(found, terminal_width()) if found else NOTHING)


def _shown(found: Sequence[ListedChannel], columns: int) -> str:
    table = align([HEADER, *map(_cells, found)], right=NUMBERS)
    return "\n".join(map(_block, found)) if is_wider(table, columns) else table


def _cells(one: ListedChannel) -> tuple[str, ...]:
    return (
        clean(exact_name(_channel(one))),
        _name(one),
        f"{one.messages:,}",
        f"{one.people:,}",
        f"{one.tokens:,}",
        size(one.bytes),
        _minute(one.last),
    )


def _block(one: ListedChannel) -> str:
    """The same for a narrow terminal: the name by itself, to be copied whole."""
    lines = (
        _name(one),
        f"{counted(one.messages, 'message')}, {size(one.bytes)}",
        f"{counted(one.people, 'person', 'people')}, {counted(one.tokens, 'token')}",
        f"last: {_minute(one.last)}" if one.last else "",
    )
    return "\n".join([clean(exact_name(_channel(one))), *(f"  {line}" for line in lines if line)])


def _name(one: ListedChannel) -> str:
    if not one.name or one.name == one.channel:
        return ""
    name = clean(one.name)
    return name if one.direct else f"#{name.lstrip('#')}"


def _channel(one: ListedChannel) -> Channel:
    return Channel(one.platform, one.workspace, one.channel, one.name, one.direct)


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "-"


def size(count: int) -> str:
    """A number of bytes, short."""
    amount = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1_000 or unit == "GB":
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1_000
    raise AssertionError


def _as_json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else int(str(value))
