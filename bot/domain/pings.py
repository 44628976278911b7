"""Whom a post pings that was asked to: one person, or one group of people; pure."""

import re
from dataclasses import dataclass
from typing import Literal, Self

from bot.text.sanitize import clean, defuse

Kind = Literal["person", "group"]
LONGEST_NAME = 80  # characters
# With ids as Discord and Slack give them: nothing else can be pinged, and no word is one of them.
_MARKUP = re.compile(
    r"<@(?P<group>&)?(?P<id>[0-9]{1,20}|(?(group)S|[UW])[A-Z0-9]{1,30})(?:\|(?P<name>[^<>|]*))?>"
)
_EVERYBODY = ("everyone", "here", "channel")
_NO_NAME = re.compile(r"[<>|\s]+")


@dataclass(frozen=True, slots=True)
class Ping:
    """A person, or a role or user group, by the platform's id; never everybody who is there."""

    kind: Kind
    id: str
    name: str

    @classmethod
    def of(cls, kind: Kind, id: str, name: str) -> Self:
        """With a name that is one line, and has nothing in it that would be read as markup."""
        plain = _NO_NAME.sub(" ", clean(name)).strip().lstrip("@")[:LONGEST_NAME].strip()
        return cls(kind, id, plain or id)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """As commands are given one (`markup`); None for any other text."""
        found = _MARKUP.fullmatch(text.strip())
        if found is None:
            return None
        ping = cls.of("group" if found["group"] else "person", found["id"], found["name"] or "")
        return None if ping.name.casefold() in _EVERYBODY else ping

    @property
    def markup(self) -> str:
        """The same for every platform: what a command is given."""
        sign = "&" if self.kind == "group" else ""
        return f"<@{sign}{self.id}|{self.name}>"

    @property
    def shown(self) -> str:
        """What a post that pings begins with, in words; a platform puts its own markup there."""
        return defuse(f"@{self.name}")
