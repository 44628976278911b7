"""The page as a browser's server asks for it: a port for each of its rooms.

All raise NotThere for what is not the visitor's to see.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from bot.domain.documents import PostedFile
from bot.domain.model import Message, Reply
from bot.domain.page.archiving import ChannelArchive
from bot.domain.page.arrangements import ChannelDocuments, ChannelSettings
from bot.domain.page.changes import Audits, Change, Done
from bot.domain.page.chat import Chat, ChatTurn, Places
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
from bot.domain.page.operating import (
    AllTools,
    Limits,
    MadeKey,
    NewPageKey,
    ShownKey,
    ShownModel,
    Team,
)
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

    async def begin(self, visitor: Visitor, name: str, token: str) -> int:
        """A conversation of this name, for the visitor alone; one for each token. Its channel's
        row. Raises CommandError for a name that is none."""
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


class Arranging(Protocol):
    """How a channel is arranged."""

    async def settings_of(self, visitor: Visitor, channel_id: int) -> ChannelSettings:
        """What is set in a channel."""
        ...

    async def documents(self, visitor: Visitor, channel_id: int) -> ChannelDocuments:
        """The documents of a channel."""
        ...


class Changing(Protocol):
    """What is changed from the page, and the list of it."""

    async def change(self, visitor: Visitor, channel_id: int, change: Change) -> Done:
        """Change something of a channel, with the visitor's rights over it.

        Raises CommandError and NotAllowed, whose texts are for people, DoneAlready and NotAsked.
        """
        ...

    async def changes(self, visitor: Visitor, action: str, before: int | None) -> Audits:
        """What the visitor changed; what everybody did, for admins. An `action`, or all."""
        ...


class Uploading(Protocol):
    """Files that are brought to where one talks with her."""

    async def take(
        self,
        visitor: Visitor,
        channel_id: int,
        name: str,
        media_type: str,
        pieces: AsyncIterator[bytes],
    ) -> PostedFile:
        """A file, once all of it is there. Raises FileRefused; then nothing of it is kept."""
        ...

    async def let_go(self, channel_id: int, files: Sequence[PostedFile]) -> None:
        """Of a message that is not said after all."""
        ...


class Administering(Protocol):
    """People and keys, for admins; what is wrong with a form is a CommandError."""

    async def team(self, visitor: Visitor) -> Team:
        """Who is signed in, which keys there are, and who is an admin."""
        ...

    async def add_key(self, visitor: Visitor, asked: NewPageKey) -> MadeKey:
        """Make a key; it is told this once."""
        ...

    async def change_key(self, visitor: Visitor, prefix: str, asked: NewPageKey) -> ShownKey:
        """Hold a key to other models, and to another end."""
        ...

    async def revoke_key(self, visitor: Visitor, prefix: str) -> None:
        """End a key."""
        ...

    async def sign_out(self, visitor: Visitor, session: int) -> None:
        """Sign the person of a session out everywhere."""
        ...


class Operating(Protocol):
    """Models, tools and limits, for admins."""

    async def models(self, visitor: Visitor) -> Sequence[ShownModel]:
        """The models that may answer."""
        ...

    async def tools(self, visitor: Visitor) -> AllTools:
        """What can be called at all, and where it is on."""
        ...

    async def limits(self, visitor: Visitor) -> Limits:
        """How much may be asked and spent, and what is used of it."""
        ...


class Archiving(Protocol):
    """A channel's memory as a file, out and in. For who has rights over it."""

    async def archive(self, visitor: Visitor, channel_id: int) -> ChannelArchive:
        """What one may do, and how far an import is."""
        ...

    async def export(self, visitor: Visitor, channel_id: int) -> AsyncIterator[str]:
        """All that is remembered, in lines. Raises NotAllowed before the first of them."""
        ...

    async def bring(
        self,
        visitor: Visitor,
        channel_id: int,
        *,
        name: str,
        which: str,
        pieces: AsyncIterator[bytes],
    ) -> None:
        """Take an archive, and import it behind this call. Raises NotAllowed, NotImported.

        `which` names one of its channels, where it holds several.
        """
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
