"""What was deleted or edited while nobody listened: found by comparing, taken over as if heard."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bot.core.backfill import BATCH
from bot.domain.model import Channel, Message
from bot.domain.ports import Adapter
from bot.domain.standing import Place
from bot.store.locks import LockKind
from bot.store.reviews import Missing
from bot.store.stores import Stores

LOOK_BACK = timedelta(days=7)  # before the last review: what was said then may still change
LATELY = timedelta(hours=2)  # the same for the look that comes every hour
SKEW = timedelta(minutes=30)  # by which a platform's clock may differ, or the clocks of replicas
THREADS = 100  # of a channel, at most: those that were active last
SECOND_LOOK = 1.0  # seconds after which what is missing is looked for once more
BUSY = 1.0  # seconds between looks whether another replica has ended its review

log = structlog.get_logger(__name__)

Edited = Callable[[datetime, Message], Awaitable[None]]
"""What is done with a message that was edited at that time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Compares what is remembered of the last days with what stands on the platform."""

    stores: Stores
    adapters: Mapping[str, Adapter]

    async def take_over(self, channel: Channel, edited: Edited, *, thorough: bool) -> None:
        """Review a channel, alone among all replicas. Raises what the platform raises."""
        adapter, asked = self.adapters.get(channel.platform), await self.stores.reviews.now()
        channel_id = await self.stores.channels.find(channel)
        if adapter is None or channel_id is None:
            return
        while True:
            async with self.stores.locks.holding(LockKind.REVIEW, channel_id) as alone:
                if alone:
                    run = _ReviewRun(self, adapter, channel, channel_id, edited)
                    await run.review(asked, thorough=thorough)
                    return
            await asyncio.sleep(BUSY)


@dataclass(slots=True)
class _ReviewRun:
    """One review of one channel."""

    tools: Review
    adapter: Adapter
    channel: Channel
    channel_id: int
    edited: Edited
    newest: int = 0
    """The last number that was given when the review began: what is newer, it leaves alone."""

    async def review(self, asked: datetime, *, thorough: bool) -> None:
        reviews = self.tools.stores.reviews
        began = await reviews.now()
        self.newest, until = await reviews.cursor(self.channel_id)
        if until and until >= asked:
            return  # another replica has just done it
        since = (until or began) - LOOK_BACK if thorough else began - LATELY
        edited_since = until - SKEW if until else since
        for place in await reviews.places(
            self.channel_id, since=since, newest=self.newest, threads=THREADS
        ):
            missing = await self._compare(place, edited_since)
            if missing:
                await self._forget(await self._still_missing(place, missing))
        if thorough:
            await reviews.set_reviewed_until(self.channel_id, began)

    async def _compare(self, place: Place, edited_since: datetime) -> list[Missing]:
        """Rewrite what was edited; returns what is missing in all that was read of the place."""
        missing: list[Missing] = []
        seen: set[str] = set()
        async for standing in self.adapter.standing(self.channel, place, edited_since):
            missing += await self.tools.stores.reviews.missing(
                self.channel_id, standing, newest=self.newest
            )
            seen |= standing.ids
            for at, message in standing.edited:
                await self.edited(at, message)
        return [one for one in missing if one.id not in seen]

    async def _still_missing(self, place: Place, missing: Sequence[Missing]) -> list[Missing]:
        """What a second look does not find either: forgotten is forgotten for good."""
        await asyncio.sleep(SECOND_LOOK)
        again = {one.seq for one in await self._compare(place, datetime.now(UTC))}
        return [one for one in missing if one.seq in again]

    async def _forget(self, missing: Sequence[Missing]) -> None:
        for start in range(0, len(missing), BATCH):
            seqs = [one.seq for one in missing[start : start + BATCH]]
            await self.tools.stores.message_edits.forget(self.channel_id, seqs)
        if missing:
            log.info("deletions_taken_over", channel=self.channel_id, messages=len(missing))
