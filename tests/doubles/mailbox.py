"""A small platform with one channel, where people write letters, and faults of its adapter."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

from bot.domain.errors import DatabaseUnavailable
from bot.domain.model import Author, Channel, Message, Turn
from bot.domain.ports import Adapter, Commands, DeliveryLog, Inbox, TurnControl
from bot.domain.standing import Place, Standing


class Mailbox(Adapter):
    """An adapter and its platform (bot.testing.PlatformUnderTest); a `fault` breaks one rule."""

    name = "mailbox"
    acknowledges = True

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.finds_posts = fault == "finds nothing"
        self._letters = asyncio.Queue[tuple[str, str]]()
        self._acknowledged = set[str]()
        self._posts: dict[str, str] = {}
        self._numbers = itertools.count(1)

    @property
    def adapter(self) -> Adapter:
        """The platform's adapter is the platform itself."""
        return self

    async def say(self, text: str) -> str:
        """Put a letter into the box."""
        id_ = f"letter-{next(self._numbers)}"
        self._letters.put_nowait((id_, text))
        return id_

    def acknowledged(self, message_id: str) -> bool:
        """Whether a letter was signed for."""
        return message_id in self._acknowledged

    def posts(self) -> Mapping[str, str]:
        """What Nellie has written."""
        return self._posts

    async def run(self, inbox: Inbox, turns: TurnControl, commands: Commands) -> None:
        """Hand the letters in, one after another."""
        while True:
            id_, text = await self._letters.get()
            if self.fault == "acknowledges too early":
                self._acknowledged.add(id_)
            try:
                await inbox.receive(self._message(id_, text))
            except DatabaseUnavailable:
                if self.fault != "acknowledges what was not stored":
                    continue
            self._acknowledged.add(id_)

    def _message(self, id_: str, text: str) -> Message:
        known = f"{next(self._numbers)}" if self.fault == "invents ids" else id_
        platform = "postbox" if self.fault == "names another platform" else self.name
        channel = Channel(platform, "home", "hall", direct=True)
        return Message(channel, known, Author("U1", "ana"), text, datetime.now(UTC))

    async def standing(
        self, channel: Channel, place: Place, edited_since: datetime
    ) -> AsyncIterator[Standing]:
        """The letters of a time. They have no links: none is ever taken for missing."""
        if self.fault == "sees nothing":
            yield Standing(place, frozenset(), "nowhere")

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        """Write the answer, and write it anew with every piece."""
        known = turn.posted[0] if turn.posted else f"post-{turn.id}"
        repeats = self.fault == "posts again" or (self.finds_posts and not turn.posted)
        post = f"post-{next(self._numbers)}" if repeats else known
        if self.fault == "asks for the lease once":
            delivery_log.require_lease()
        shown = ""
        async for piece in text:
            shown += piece
            if not self.fault.endswith(("lease", "once")):
                delivery_log.require_lease()
            if self.fault != "shows the first piece only" or post not in self._posts:
                self._posts[post] = shown
            if self.fault != "records nothing":
                await delivery_log.add(post)
