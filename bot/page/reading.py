"""Which channels a visitor reads: the platform is asked, as for keys of the API."""

import time
from collections.abc import Callable

from bot.domain.bounded_cache import BoundedCache
from bot.domain.model import Channel
from bot.domain.page import TERMINAL, NotThere, ReadableChannel, ReadableChannels, Visitor
from bot.gateway.teammate.rights import REMEMBERED, Rights
from bot.store.channels import ChannelState
from bot.store.page_memory import PageMemory

PATIENCE = 2.0  # seconds that a list waits for the platform; what it says later is in the next one
LISTED_FOR = 30.0  # seconds that the channels of a platform are remembered
MINE_FOR = 50.0  # seconds that those of a visitor are; with what the rights remember, five minutes
PLATFORMS, VISITORS = 20, 2_000  # of which they are

Whose = tuple[str, str]  # platform, id


class Reading:
    """The channels of visitors."""

    def __init__(
        self,
        store: PageMemory,
        rights: Rights,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._rights = rights
        self._clock = clock
        self._listed: BoundedCache[str, tuple[float, dict[Channel, int]]] = BoundedCache(PLATFORMS)
        self._mine: BoundedCache[Whose, tuple[float, ReadableChannels]] = BoundedCache(VISITORS)

    async def channels(self, visitor: Visitor) -> ReadableChannels:
        """Those that are theirs, as far as that is known soon."""
        whose = visitor.platform, visitor.person_id
        until, mine = self._mine.get(whose, (0.0, None))
        if mine is None or until <= self._clock():
            asked, mine = self._clock(), await self._list(visitor)
            if mine.complete:
                self._mine[whose] = asked + MINE_FOR, mine
        return mine

    async def require(self, visitor: Visitor, channel_id: int) -> tuple[ChannelState, int | None]:
        """A channel and its retention. Raises NotThere where it is not the visitor's to read."""
        found = await self._store.channel(channel_id)
        if found is None or not await self._may_read(visitor, found[0].channel):
            raise NotThere
        return found

    async def _may_read(self, visitor: Visitor, channel: Channel) -> bool:
        if channel.platform != visitor.platform:
            return False
        if visitor.platform == TERMINAL:
            return True
        return await self._rights.may_read(channel, visitor.person_id)

    async def _list(self, visitor: Visitor) -> ReadableChannels:
        known = await self._known(visitor.platform)
        if visitor.platform == TERMINAL:
            return ReadableChannels([ReadableChannel(id_, one) for one, id_ in known.items()], True)
        mine = await self._rights.readable(
            known, visitor.person_id, within=PATIENCE, no_for=REMEMBERED
        )
        complete = self._rights.knows(known, visitor.person_id, no_for=REMEMBERED)
        return ReadableChannels([ReadableChannel(known[one], one) for one in mine], complete)

    async def _known(self, platform: str) -> dict[Channel, int]:
        """What is remembered of a platform, by row; not where Nellie is no more."""
        until, listed = self._listed.get(platform, (0.0, {}))
        if until <= self._clock():
            listed = await self._store.channels(platform)
            self._listed[platform] = self._clock() + LISTED_FOR, listed
        return listed
