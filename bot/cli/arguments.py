"""The arguments that several commands take, and how they are parsed."""

from datetime import tzinfo
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.config import plugins
from bot.text.sanitize import clean


def parse_channel(name: str) -> str:
    """The name of a channel; which one that is, bot.cli.channel_names finds out."""
    name = clean(name).strip()
    if not name.strip("#"):
        raise typer.BadParameter("a channel has a name")
    return name


def parse_person(name: str) -> str:
    """The name under which a person talks at the console."""
    name = clean(name).strip()
    if not name or name.casefold() == "nellie":
        raise typer.BadParameter("that is her own name" if name else "a person has a name")
    return name


def parse_zone(name: str) -> tzinfo:
    """A time zone by its name."""
    try:
        return ZoneInfo(name.strip())
    except (ValueError, OSError, LookupError):
        raise typer.BadParameter("there is no such time zone; Europe/Berlin is one") from None


def parse_format(name: str) -> str:
    """The name of an archive format that is installed."""
    if name not in (known := plugins.names("archive")):
        raise typer.BadParameter(f"there is {', '.join(known)}")
    return name


CHANNEL = typer.Option(
    "--channel",
    "-c",
    parser=parse_channel,
    metavar="NAME",
    help="As `nellie channels` shows it, or its plain name.",
)
ChannelOption = Annotated[str, CHANNEL]
EveryChannelOption = Annotated[str | None, CHANNEL]
NewOption = Annotated[
    bool, typer.Option("--new", help="A new channel, however alike another is called.")
]
PersonOption = Annotated[
    str, typer.Option("--as", parser=parse_person, metavar="PERSON", help="Who you are there.")
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        parser=parse_format,
        metavar="FORMAT",
        help="Otherwise it is found from the file itself.",
    ),
]
CHANNELS = typer.Option(
    "--channel",
    "-c",
    parser=parse_channel,
    metavar="NAME",
    help="One of the archive's, several times for several; or what its only one shall be called.",
)
IntoOption = Annotated[
    str | None,
    typer.Option("--into", parser=parse_channel, metavar="NAME", help="What it shall be called."),
]
ZoneOption = Annotated[
    tzinfo | None,
    typer.Option(
        parser=parse_zone,
        metavar="ZONE",
        help="Of times that have none, such as Europe/Berlin. Otherwise this machine's.",
    ),
]
PeopleOption = Annotated[
    Path | None,
    typer.Option(metavar="CSV", help="Lines of: name there, id here, name here."),
]


def parse_path(given: Path, option: str) -> Path:
    """Raises BadParameter where it has no name of its own: ., .., /, or an unknown person's ~."""
    try:
        path = given.expanduser()
    except RuntimeError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
    if path.name in ("", ".."):
        raise typer.BadParameter("it needs a name, such as data", param_hint=option)
    return path
