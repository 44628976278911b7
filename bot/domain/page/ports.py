"""The page as a browser's server asks for it: a port for each of its rooms.

All raise NotThere for what is not the visitor's to see.
"""

from collections.abc import Sequence
from typing import Protocol

from bot.domain.documents import PostedFile
from bot.domain.model import Message, Reply
from bot.domain.page.changing_ports import (
    Administering,
    Archiving,
    Arranging,
    Changing,
    Operating,
    Uploading,
)
from bot.domain.page.chat import Begun, Chat, ChatTurn, Places
from bot.domain.page.contents import (
    Examined,
    Found,
    Memory,
    ReadableChannels,
    SessionInfo,
    Timeline,
    Turns,
)
from bot.domain.page.numbers import Now, Numbers, Scope
from bot.domain.page.visitors import OfferedLink, Visitor
from bot.domain.page.why import Why


class SigningIn(Protocol):
    """Who looks."""

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


class Counting(Protocol):
    """What was asked and used, without a word of it."""

    async def numbers(self, visitor: Visitor, scope: Scope) -> Numbers:
        """Of some days, at most a minute old."""
        ...

    async def now(self, visitor: Visitor, scope: Scope) -> Now:
        """What moves, at most five seconds old."""
        ...


class Remembering(Protocol):
    """What is remembered."""

    async def channels(self, visitor: Visitor) -> ReadableChannels:
        """The channels that the visitor reads."""
        ...

    async def memory(self, visitor: Visitor, channel_id: int) -> Memory:
        """What is remembered of a channel."""
        ...

    async def timeline(
        self, visitor: Visitor, channel_id: int, *, before: int | None, around: int | None
    ) -> Timeline:
        """A stretch of a channel: the newest, what was said before a message, or around one."""
        ...

    async def search(self, visitor: Visitor, channel_id: int, words: str) -> Found:
        """What would be recalled for these words, best first."""
        ...


class Asking(Protocol):
    """What was asked and answered."""

    async def turns(self, visitor: Visitor, channel_id: int | None, before: int | None) -> Turns:
        """What was asked in a channel, or in each of the visitor's."""
        ...

    async def why(self, visitor: Visitor, turn_id: int) -> Why:
        """What an answer was made from."""
        ...


class Chatting(Protocol):
    """Where one talks with her, and what was said there."""

    async def places(self, visitor: Visitor) -> Places:
        """Where the visitor may talk."""
        ...

    async def begin(self, visitor: Visitor, name: str, token: str) -> Begun:
        """A conversation of this name, for the visitor alone; one for each token. Raises
        CommandError for a name that is none."""
        ...

    async def chat(self, visitor: Visitor, channel_id: int, before: int | None) -> Chat:
        """What was said lately in a place, or before a message."""
        ...

    async def turn(self, visitor: Visitor, turn_id: int) -> tuple[ChatTurn, int]:
        """A turn, and the row of its channel."""
        ...

    async def answer(self, visitor: Visitor, turn_id: int) -> Message | None:
        """What a turn was answered, where that is remembered."""
        ...

    async def forgotten(self, visitor: Visitor, channel_id: int) -> int:
        """How often something was taken back in a place."""
        ...

    async def question(
        self,
        visitor: Visitor,
        channel_id: int,
        text: str,
        token: str,
        files: Sequence[PostedFile] = (),
    ) -> Message:
        """What the visitor says in a place, for the inbox: the same for the same token."""
        ...

    async def carry_out(self, visitor: Visitor, channel_id: int, line: str, token: str) -> Reply:
        """What follows a slash, given in a place; what it changes is noted, once for each token.

        Raises CommandError and NotAllowed, whose texts are for people, DoneAlready and NotAsked.
        """
        ...


class Examining(Protocol):
    """What is wrong."""

    async def examine(self, visitor: Visitor) -> Examined:
        """What `nellie doctor` finds. For admins."""
        ...


class Page(Protocol):
    """All of it."""

    @property
    def signing(self) -> SigningIn: ...
    @property
    def counting(self) -> Counting: ...
    @property
    def remembering(self) -> Remembering: ...
    @property
    def asking(self) -> Asking: ...
    @property
    def arranging(self) -> Arranging: ...
    @property
    def changing(self) -> Changing: ...
    @property
    def chatting(self) -> Chatting: ...
    @property
    def uploading(self) -> Uploading: ...
    @property
    def administering(self) -> Administering: ...
    @property
    def operating(self) -> Operating: ...
    @property
    def archiving(self) -> Archiving: ...
    @property
    def examining(self) -> Examining: ...
