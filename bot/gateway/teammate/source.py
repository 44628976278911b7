"""Which of Nellie's names a caller may ask for (bot.gateway.models.offered_models.Source).

Of a channel that somebody may not read nothing is told, not even that there is one: it is as
unknown as one that never was.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from unicodedata import normalize

from bot.domain.api import Caller, OfferedModel
from bot.domain.model import Channel
from bot.gateway.teammate.conversations import PLATFORM
from bot.gateway.teammate.models import NAME, TeammateModel, TeammateParts
from bot.gateway.teammate.rights import Rights
from bot.store.channels import Channels

REFUSED_AFTER = 0.5  # seconds: as a rule, a platform has answered by then
LISTED_FOR = 30.0  # seconds that the channels of a platform are remembered
DIRECT = "@me"
"""What a person's own direct messages are called."""


class TeammateModels:
    """`nellie`, and `nellie/<platform>/<channel>` of all that the caller may read."""

    def __init__(
        self,
        parts: TeammateParts,
        channels: Channels,
        rights: Rights,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._parts = parts
        self._channels = channels
        self._rights = rights
        self._clock = clock
        self._pause = pause
        self._listed: dict[str, tuple[float, list[Channel]]] = {}

    async def offer(self, caller: Caller) -> Sequence[OfferedModel]:
        """Her name alone, and with each channel of the caller's."""
        names = [NAME]
        if caller.platform and caller.platform != PLATFORM:
            known = await self._known(caller.platform)
            mine = await self._rights.readable(known, caller.person_id)
            names += sorted(_named(mine.channels))
        return [OfferedModel(id=name, owned_by=NAME) for name in names]

    async def find(self, caller: Caller, name: str) -> TeammateModel | None:
        """Who answers by that name; None also for a channel that is not the caller's to read."""
        if name == NAME:
            return TeammateModel(id=NAME, parts=self._parts)
        own, _, rest = name.partition("/")
        platform, _, called = rest.partition("/")
        if own != NAME or not called or platform != caller.platform or platform == PLATFORM:
            return None
        began, known = self._clock(), await self._known(platform)
        meant = [one for one in known if _fold(called) in _spellings(one)]
        mine = (await self._rights.readable(meant, caller.person_id)).channels
        if len(mine) != 1:  # who asks for what there is must not wait longer than for what is not
            await self._pause(max(0.0, began + REFUSED_AFTER - self._clock()))
            return None
        id = await self._id(mine[0], known, caller)
        return TeammateModel(id=id, parts=self._parts, memory=mine[0])

    async def _id(self, channel: Channel, known: Sequence[Channel], caller: Caller) -> str:
        """Its name in the list of models: it depends on namesakes that the caller may read too."""
        if channel.direct:
            return f"{NAME}/{channel.platform}/{DIRECT}"
        namesakes = [one for one in known if _plain(one) == _plain(channel)]
        mine = (await self._rights.readable(namesakes, caller.person_id)).channels
        return dict(zip(mine, _named(mine), strict=True)).get(channel, _exact_id(channel))

    async def _known(self, platform: str) -> Sequence[Channel]:
        """What is remembered of a platform; not where Nellie is no more."""
        until, listed = self._listed.get(platform, (0.0, []))
        if until <= self._clock():
            listed = await self._channels.in_workspace(platform, "")
            self._listed[platform] = self._clock() + LISTED_FOR, listed
        return listed


def _named(channels: Sequence[Channel]) -> list[str]:
    """Names of models, in the order of their channels: by what people call those, if they can."""
    times = Counter(map(_plain, channels))
    return [
        f"{NAME}/{one.platform}/{_plain(one)}" if times[_plain(one)] == 1 else _exact_id(one)
        for one in channels
    ]


def _exact_id(channel: Channel) -> str:
    return f"{NAME}/{channel.platform}/{_exact(channel)}"


def _plain(channel: Channel) -> str:
    if channel.direct:
        return DIRECT
    return channel.name.lstrip("#") or _exact(channel)


def _exact(channel: Channel) -> str:
    return f"{channel.workspace}/{channel.id}"


def _spellings(channel: Channel) -> set[str]:
    """How a channel may be asked for: its id, alone and behind its workspace, or its name."""
    plain = {channel.id} if channel.direct else {channel.id, channel.name.lstrip("#")} - {""}
    listed = {*plain, *(f"{channel.workspace}/{one}" for one in plain)}
    return {_fold(one) for one in listed | ({DIRECT} if channel.direct else set())}


def _fold(name: str) -> str:
    """Without the differences that nobody types."""
    return normalize("NFKC", name).casefold().removeprefix("#")
