"""What the page in a browser may ask: who looks, what they may see, and what it was made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.errors import NellieError
from bot.domain.model import Message
from bot.domain.page_contents import AskedTurn as AskedTurn
from bot.domain.page_contents import Audited as Audited
from bot.domain.page_contents import Day as Day
from bot.domain.page_contents import Examined as Examined
from bot.domain.page_contents import Memory as Memory
from bot.domain.page_contents import ModelCall as ModelCall
from bot.domain.page_contents import Numbers as Numbers
from bot.domain.page_contents import ReadableChannel as ReadableChannel
from bot.domain.page_contents import ReadableChannels as ReadableChannels
from bot.domain.page_contents import SessionInfo as SessionInfo
from bot.domain.page_contents import Timeline as Timeline
from bot.domain.page_contents import ToolUse as ToolUse
from bot.domain.page_contents import Turns as Turns
from bot.domain.page_contents import Used as Used
from bot.domain.page_contents import Why as Why

TERMINAL = "console"
"""The platform of who sits at the machine itself: its channels are theirs, and the settings."""

SIGN_IN = "/sign-in/"
"""Where a link to sign in leads, with its secret behind it."""


class NotThere(NellieError):
    """There is no such thing, or it is not theirs to see: nobody is told which."""

    text = "There is nothing here for you."
    hint = "It may be gone, or it may be of a channel that you do not read."


class LinkSpent(NellieError):
    """A link to sign in was used, is too old, or never was one."""

    text = "This link does not sign in: it was used already, is older than ten minutes, or wrong."
    hint = "Say /web to Nellie for another one, or nellie web link at her machine."


class TooManyTries(NellieError):
    """Many wrong links came from one address. Details: wait (seconds)."""

    text = "Too much from your address was wrong. Try again in {wait} s."


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who looks at the page."""

    session: int
    platform: str
    workspace: str
    person_id: str
    name: str
    admin: bool
    """Sees numbers over everything, and the settings; of channels only what is theirs."""


@dataclass(frozen=True, slots=True)
class OfferedLink:
    """A link to sign in that is good, before it is used."""

    name: str
    platform: str
    at_once: bool
    """Made for a browser of this machine: it needs no button, where scripts run."""


class Page(Protocol):
    """What the page shows. All raise NotThere for what is not the visitor's to see."""

    async def look_at_link(self, secret: str, address: str) -> OfferedLink:
        """Whose link it is; it stays good. Raises LinkSpent, TooManyTries."""
        ...

    async def sign_in(self, secret: str, address: str, former: str) -> str:
        """Use a link up; returns the cookie's secret. The `former` cookie's session ends."""
        ...

    async def visitor(self, cookie: str) -> Visitor | None:
        """Who sent this cookie; None where nobody is signed in with it."""
        ...

    async def sign_out(self, visitor: Visitor, *, everywhere: bool) -> None:
        """End this session, or each of this person."""
        ...

    async def sessions(self, visitor: Visitor) -> Sequence[SessionInfo]:
        """Where this person is signed in."""
        ...

    async def audit(self, visitor: Visitor, before: int | None) -> Sequence[Audited]:
        """What the visitor changed; what everybody did, for admins. The newest first."""
        ...

    async def channels(self, visitor: Visitor) -> ReadableChannels:
        """The channels that the visitor reads."""
        ...

    async def numbers(self, visitor: Visitor, *, everything: bool) -> Numbers:
        """Of the visitor's channels, or of all, which is for admins."""
        ...

    async def memory(self, visitor: Visitor, channel_id: int) -> Memory:
        """What is remembered of a channel."""
        ...

    async def timeline(
        self, visitor: Visitor, channel_id: int, *, before: int | None, around: int | None
    ) -> Timeline:
        """A stretch of a channel: the newest, what was said before a message, or around one."""
        ...

    async def search(self, visitor: Visitor, channel_id: int, words: str) -> Sequence[Message]:
        """What would be recalled for these words, best first."""
        ...

    async def turns(self, visitor: Visitor, channel_id: int | None, before: int | None) -> Turns:
        """What was asked in a channel, or in each of the visitor's."""
        ...

    async def why(self, visitor: Visitor, turn_id: int) -> Why:
        """What an answer was made from."""
        ...

    async def examine(self, visitor: Visitor) -> Examined:
        """What `nellie doctor` finds. For admins."""
        ...
