"""A line of the console -> a message or a command."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from adapters.console.local_zone import local_zone
from bot.domain.model import Author, Channel, Command, Message
from bot.text.words import split_word

_MENTION = re.compile(r"(?<!\w)@nellie\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Person:
    """Who sits at the console."""

    name: str

    @property
    def author(self) -> Author:
        """The person as an author. The name is all that is known of them."""
        return Author(self.name.casefold(), self.name)


def to_command(line: str, channel: Channel, person: Person) -> Command | None:
    """The command, if the line is one. At their own machine a person has all rights."""
    if not line.startswith("/"):
        return None
    name, arguments = split_word(line[1:])
    return Command(name.lower(), arguments, channel, person.author, admin=True, zone=local_zone())


def to_message(
    line: str, channel: Channel, person: Person, *, group: bool, session: str = ""
) -> Message:
    """The line as a message. In a group it is addressed to Nellie only where it mentions her."""
    addressed = not group or bool(_MENTION.search(line))
    return Message(
        channel=channel,
        id=uuid.uuid4().hex,
        author=person.author,
        text=line,
        at=datetime.now(UTC),
        addressed=addressed,
        session=session,
    )
