"""How people of the API are named on the command line: platform:workspace/id, or as you like."""

import re
from dataclasses import dataclass

import typer

from bot.config import plugins
from bot.domain.model import NELLIE
from bot.text.sanitize import clean

LONGEST = 200  # characters of a name
NOBODY_SPEAKS = ("api", "web")  # adapters that are no platforms
_EXACT = re.compile(r"(?P<platform>[a-z][a-z0-9_-]*):(?P<workspace>[^/\s]*)/(?P<id>\S+)")


@dataclass(frozen=True, slots=True)
class ApiPerson:
    """Whom a key is for."""

    platform: str
    """Empty for who is on no platform."""
    workspace: str
    id: str

    def __str__(self) -> str:
        return f"{self.platform}:{self.workspace}/{self.id}" if self.platform else self.id


def parse_new_person(name: str) -> ApiPerson:
    """The same for a new key: what looks like a person of a platform is one."""
    found = parse_api_person(name)
    platforms = [one for one in plugins.names("adapter") if one not in NOBODY_SPEAKS]
    head, colon, _ = found.id.partition(":")
    named = found.platform or (head.strip().casefold() if colon else "")
    if named in platforms and not (found.platform and found.workspace and "/" not in found.id):
        raise typer.BadParameter(f"write {named}:WORKSPACE/PERSON")
    if found.platform and named not in platforms:
        known = ", ".join(f"{one}:WORKSPACE/PERSON" for one in platforms)
        raise typer.BadParameter(f"there is no platform {named}: write {known}, or a plain name")
    return found


def parse_api_person(name: str) -> ApiPerson:
    """The person of this name."""
    name = clean(name).strip()
    if not name or len(name) > LONGEST or name.casefold() == NELLIE.id:
        raise typer.BadParameter("that is her own name" if name else "a person has a name")
    if found := _EXACT.fullmatch(name):
        return ApiPerson(found["platform"], found["workspace"], found["id"])
    return ApiPerson("", "", name)
