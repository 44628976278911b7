"""What is arranged and changed at the page: of a channel, and of the whole team.

All raise NotThere for what is not the visitor's to see.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from bot.domain.documents import PostedFile
from bot.domain.page.archiving import ChannelArchive
from bot.domain.page.arrangements import ChannelDocuments, ChannelSettings
from bot.domain.page.changes import Audits, Change, Done
from bot.domain.page.operating import (
    AllTools,
    Limits,
    MadeKey,
    NewPageKey,
    ShownKey,
    ShownModel,
    Team,
)
from bot.domain.page.visitors import Visitor


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
