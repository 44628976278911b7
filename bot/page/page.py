"""The page of one replica: the port, and nothing that a part of it does better."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.model import Message
from bot.domain.page import (
    Audited,
    Examined,
    Memory,
    Numbers,
    OfferedLink,
    ReadableChannels,
    SessionInfo,
    Timeline,
    Turns,
    Visitor,
    Why,
)
from bot.page.asked import Asking
from bot.page.examining import Examining
from bot.page.memory import Remembering
from bot.page.numbers import Counting
from bot.page.reading import Reading
from bot.page.signing import SigningIn, require_admin


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPage:
    """What is shown to whom (bot.domain.page.Page)."""

    signing: SigningIn
    reading: Reading
    counting: Counting
    remembering: Remembering
    asking: Asking
    examining: Examining

    async def look_at_link(self, secret: str, address: str) -> OfferedLink:
        """Whose link it is; it stays good."""
        return await self.signing.look_at_link(secret, address)

    async def sign_in(self, secret: str, address: str, former: str) -> str:
        """Use a link up; returns the cookie's secret."""
        return await self.signing.sign_in(secret, address, former)

    async def visitor(self, cookie: str) -> Visitor | None:
        """Who sent this cookie."""
        return await self.signing.visitor(cookie)

    async def sign_out(self, visitor: Visitor, *, everywhere: bool) -> None:
        """End this session, or each of this person."""
        await self.signing.sign_out(visitor, everywhere=everywhere)

    async def sessions(self, visitor: Visitor) -> Sequence[SessionInfo]:
        """Where this person is signed in."""
        return await self.signing.sessions(visitor)

    async def audit(self, visitor: Visitor, before: int | None) -> Sequence[Audited]:
        """What was changed."""
        return await self.signing.audit(visitor, before)

    async def channels(self, visitor: Visitor) -> ReadableChannels:
        """The channels that the visitor reads."""
        return await self.reading.channels(visitor)

    async def numbers(self, visitor: Visitor, *, everything: bool) -> Numbers:
        """Of the visitor's channels, or of all."""
        if everything:
            require_admin(visitor)
        readable = (await self.reading.channels(visitor)).channels
        return await self.counting.numbers(readable, everything=everything)

    async def memory(self, visitor: Visitor, channel_id: int) -> Memory:
        """What is remembered of a channel."""
        return await self.remembering.memory(visitor, channel_id)

    async def timeline(
        self, visitor: Visitor, channel_id: int, *, before: int | None, around: int | None
    ) -> Timeline:
        """A stretch of a channel."""
        return await self.remembering.timeline(visitor, channel_id, before=before, around=around)

    async def search(self, visitor: Visitor, channel_id: int, words: str) -> Sequence[Message]:
        """What would be recalled for these words."""
        return await self.remembering.search(visitor, channel_id, words)

    async def turns(self, visitor: Visitor, channel_id: int | None, before: int | None) -> Turns:
        """What was asked."""
        return await self.asking.turns(visitor, channel_id, before)

    async def why(self, visitor: Visitor, turn_id: int) -> Why:
        """What an answer was made from."""
        return await self.asking.why(visitor, turn_id)

    async def examine(self, visitor: Visitor) -> Examined:
        """What `nellie doctor` finds."""
        return await self.examining.examine(visitor)
