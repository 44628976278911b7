"""The arguments that several commands take, and how they are parsed."""

import re
from typing import Annotated

import typer

from bot.config import plugins
from bot.domain.model import Channel
from bot.text.sanitize import clean

_FULL_NAME = re.compile(r"(?P<platform>[a-z]+):(?P<workspace>[^/]*)/(?P<id>.+)")


def parse_channel(name: str) -> Channel:
    """The channel that a name on the command line means."""
    name = clean(name).strip()
    if found := _FULL_NAME.fullmatch(name):
        return Channel(found["platform"], found["workspace"], found["id"])
    if not name:
        raise typer.BadParameter("a channel has a name")
    return Channel("console", "local", name, name)


def parse_person(name: str) -> str:
    """The name under which a person talks at the console."""
    name = clean(name).strip()
    if not name or name.casefold() == "nellie":
        raise typer.BadParameter("that is her own name" if name else "a person has a name")
    return name


def parse_format(name: str) -> str:
    """The name of an archive format that is installed."""
    if name not in (known := plugins.names("archive")):
        raise typer.BadParameter(f"there is {', '.join(known)}")
    return name


def label(channel: Channel) -> str:
    """What to call a channel in output."""
    return channel.name or channel.id


CHANNEL = typer.Option(
    "--channel",
    "-c",
    parser=parse_channel,
    metavar="NAME",
    help="A name of yours, or platform:workspace/id.",
)
ChannelOption = Annotated[Channel, CHANNEL]
EveryChannelOption = Annotated[Channel | None, CHANNEL]
PersonOption = Annotated[
    str, typer.Option("--as", parser=parse_person, metavar="PERSON", help="Who you are there.")
]
FormatOption = Annotated[
    str,
    typer.Option(
        "--format",
        "-f",
        parser=parse_format,
        metavar="FORMAT",
        help="irc, slack, discord or jsonl (or what a plugin adds).",
    ),
]
