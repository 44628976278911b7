"""Which channels a visitor reads: the platform is asked, as for keys of the API."""

import time
from collections.abc import Callable, Mapping

from bot.domain.bounded_cache import BoundedCache
from bot.domain.model import Channel
from bot.domain.page import (
    PAGE,
    TERMINAL,
    NotThere,
    ReadableChannel,
    ReadableChannels,
    Visitor,
    owner_of,
)
from bot.gateway.teammate.rights import REMEMBERED, Rights
from bot.store.channels import ChannelState
from bot.store.page_chat import PageChat
from bot.store.page_memory import PageMemory

PATIENCE = 2.0  # seconds that a list waits for the platform; what it says later is in the next one
LISTED_FOR = 30.0  # seconds that the channels of a platform are remembered
MINE_FOR = 270.0  # seconds from when a platform was asked; with what it remembers, five minutes
PLATFORMS, VISITORS = 20, 200  # of which they are: of thousands of channels, it is much

Whose = tuple[str, str]  # platform, id
Listed = Mapping[Channel, ReadableChannel]


class Reading:
    """The channels of visitors."""

    def __init__(
        self,
        store: PageMemory,
        chats: PageChat,
        rights: Rights,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._chats = chats
        self._rights = rights
        self._clock = clock
        self._listed: BoundedCache[str, tuple[float, Listed]] = BoundedCache(PLATFORMS)
        self._mine: BoundedCache[Whose, tuple[float, ReadableChannels]] = BoundedCache(VISITORS)

    async def channels(self, visitor: Visitor) -> ReadableChannels:
        """Those that are theirs, as far as that is known soon; first what they lead at the page."""
        whose = visitor.platform, visitor.person_id
        until, mine = self._mine.get(whose, (0.0, None))
        if mine is None or until <= self._clock():
            until, mine = await self._list(visitor)
            if mine.complete:
                self._mine[whose] = until, mine
        own = await self._chats.conversations(owner_of(*whose))
        return ReadableChannels([*own, *mine.channels], mine.complete)

    def forget_list(self, visitor: Visitor) -> None:
        """Look again which channels there are: the visitor has begun one."""
        if visitor.platform == TERMINAL:
            self._listed.pop(TERMINAL, None)

    async def require(self, visitor: Visitor, channel_id: int) -> tuple[ChannelState, int | None]:
        """A channel and its retention. Raises NotThere where it is not the visitor's to read."""
        found = await self._store.channel(channel_id)
        if found is None or not await self._may_read(visitor, found[0].channel):
            raise NotThere
        return found

    async def _may_read(self, visitor: Visitor, channel: Channel) -> bool:
        if channel.platform == PAGE:
            return channel.workspace == owner_of(visitor.platform, visitor.person_id)
        if channel.platform != visitor.platform:
            return False
        if visitor.platform == TERMINAL:
            return True
        return await self._rights.may_read(channel, visitor.person_id)

    async def _list(self, visitor: Visitor) -> tuple[float, ReadableChannels]:
        """The channels of a visitor, and until when that holds."""
        known = await self._known(visitor.platform)
        if visitor.platform == TERMINAL:
            return self._clock(), ReadableChannels([*known.values()], True)
        mine = await self._rights.readable(
            known, visitor.person_id, within=PATIENCE, no_for=REMEMBERED
        )
        readable = ReadableChannels([known[one] for one in mine.channels], mine.complete)
        return mine.asked + MINE_FOR, readable

    async def _known(self, platform: str) -> Listed:
        """What is remembered of a platform; not where Nellie is no more."""
        until, listed = self._listed.get(platform, (0.0, {}))
        if until <= self._clock():
            rows = await self._store.channels(platform)
            listed = {one: ReadableChannel(id_, one) for one, id_ in rows.items()}
            self._listed[platform] = self._clock() + LISTED_FOR, listed
        return listed
