"""A command as its handler gets it: cleaned, with its channel and the person's rights."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo

from bot.domain.errors import NotAllowed
from bot.domain.model import Author, Message, Reply
from bot.store.channels import ChannelState
from bot.text.words import split_word

CONFIRMED = re.compile(r"(?:^|\s)yes-\d{1,18}$")
PRIVILEGED = "people with rights over this channel (or in NELLIE_ADMINS)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One command that a person gave in a channel."""

    state: ChannelState
    person: Author
    """Who gave it, by the id under which their messages are stored."""
    privileged: bool
    """This person has rights over the channel's memory."""
    arguments: str
    """All that follows the command's name."""
    zone: tzinfo = UTC
    thread: str = ""
    """Where it was said in words, as `Command.thread`."""
    whispered: bool = False
    """As `Command.whispered`."""
    by_button: bool = False
    """As `Command.by_button`."""
    about: Message | None = None
    """As `Command.about`."""

    @property
    def rest(self) -> str:
        """What follows the second word: "apt" of `/memory search apt`."""
        return split_word(self.arguments)[1]

    @property
    def is_confirmed(self) -> bool:
        """Whether it ends as a command does that asked first, and was confirmed."""
        return bool(CONFIRMED.search(self.arguments))

    def require_rights(self) -> None:
        """Raises NotAllowed when the person has no rights over the channel."""
        if not self.privileged:
            raise NotAllowed(who=PRIVILEGED)


Handler = Callable[[Request], Awaitable[Reply]]
