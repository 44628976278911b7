"""A line of the console -> a message or a command."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.conversation import Author, Channel, Command, Message

_MENTION = re.compile(r"(?<!\w)@nellie\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Person:
    """Who sits at the console."""

    name: str

    @property
    def author(self) -> Author:
        """The person as an author: the name is all there is to know them by."""
        return Author(self.name.casefold(), self.name)


def command(line: str, channel: Channel, person: Person) -> Command | None:
    """The command that a line is, if it is one; at their own machine a person has all rights."""
    if not line.startswith("/"):
        return None
    name, _, arguments = line[1:].strip().partition(" ")
    return Command(name.lower(), arguments.strip(), channel, person.author, admin=True)


def message(
    line: str, channel: Channel, person: Person, *, group: bool, session: str = ""
) -> Message:
    """What was said; in a group it is meant for Nellie only when it names her."""
    addressed = not group or bool(_MENTION.search(line))
    return Message(
        channel, uuid.uuid4().hex, person.author, line, datetime.now(UTC),
        addressed=addressed, session=session,
    )  # fmt: skip
