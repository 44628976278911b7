"""What was said while nobody listened: read in from the platform's history, answered if fresh."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Self

from bot.config.settings import Settings
from bot.core.acceptance import Acceptance
from bot.core.message_checks import checked
from bot.domain.errors import Refused
from bot.domain.model import Channel, Message
from bot.domain.ports import Adapter
from bot.store.channels import Channels
from bot.store.locks import LockKind, Locks
from bot.store.stores import Stores

AT_ONCE = 3  # channels read side by side
BATCH = 500  # messages stored in one transaction
READ_BACK = 10_000  # messages read back on joining
JUST = timedelta(minutes=1)  # before she came, in which what she is asked is still answered
# What was not acknowledged comes again, from Slack for 5 minutes: stored here without an answer, it
# would have none then either.
AGAIN = timedelta(minutes=6)
OVERLAP = timedelta(minutes=2)  # read twice: clocks differ, and posts may show late


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """Reads a channel's history in, from its cursor or, the first time, from some days ago."""

    settings: Settings
    locks: Locks
    channels: Channels
    adapters: Mapping[str, Adapter]
    acceptance: Acceptance
    _few: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    @classmethod
    def on(
        cls,
        stores: Stores,
        *,
        settings: Settings,
        adapters: Mapping[str, Adapter],
        acceptance: Acceptance,
    ) -> Self:
        """On the stores of a replica."""
        return cls(
            settings=settings,
            locks=stores.locks,
            channels=stores.channels,
            adapters=adapters,
            acceptance=acceptance,
        )

    async def read(self, channel: Channel) -> int:
        """Returns how many messages were new; none while another replica reads the same."""
        adapter = self.adapters.get(channel.platform)
        channel_id = await self.channels.id(channel)
        if adapter is None:
            return 0
        async with self._few, self.locks.holding(LockKind.BACKFILL, channel_id) as alone:
            if not alone:
                return 0
            began = datetime.now(UTC)
            since = await self.channels.read_until(channel_id)
            if since is None:
                new = await self._read_back(adapter, channel, began)
            else:
                new = await self._follow(adapter, channel, since - OVERLAP, began)
            await self.channels.set_read_until(channel_id, began)
            return new

    async def _read_back(self, adapter: Adapter, channel: Channel, now: datetime) -> int:
        """What was said before Nellie came: remembered, the newest of it, and not answered.

        Only what was just asked is, for it may be read here before its event was taken in; and a
        direct message as ever, for there she did not come later.
        """
        days = self.settings.backfill_days
        if not days:
            return 0
        fresh = now - (self.lately if channel.direct else JUST)
        found: deque[Message] = deque(maxlen=READ_BACK)
        asked: list[Message] = []
        async for message in adapter.history(channel, now - timedelta(days=days)):
            if message.at >= fresh and (message.addressed or channel.direct):
                asked.append(message)
            else:
                found.extend(self._kept(replace(message, addressed=False), message))
        new = 0
        while found:
            new += await self.acceptance.remember(
                [found.popleft() for _ in range(min(BATCH, len(found)))]
            )
        for message in asked:
            new += await self._received(message)
        return new

    async def _follow(
        self, adapter: Adapter, channel: Channel, since: datetime, now: datetime
    ) -> int:
        """What was missed, in its order: what was asked lately is still answered."""
        fresh = now - self.lately
        new, batch = 0, []
        async for message in adapter.history(channel, since):
            if message.at < fresh or message.author.nellie:
                batch += self._kept(message, message)
                if len(batch) < BATCH:
                    continue
            if batch:
                new += await self.acceptance.remember(batch)
                batch = []
            if message.at >= fresh and not message.author.nellie:
                new += await self._received(message)
        return new + (await self.acceptance.remember(batch) if batch else 0)

    @property
    def lately(self) -> timedelta:
        """How long ago a question may have been asked that is still answered."""
        return max(timedelta(minutes=self.settings.catchup), AGAIN)

    async def _received(self, message: Message) -> int:
        try:
            return bool((await self.acceptance.receive(message)).seq)
        except Refused:  # a picture without a word, say
            return 0

    def _kept(self, message: Message, said: Message) -> list[Message]:
        """The message as it is stored; nothing where it is not to be remembered."""
        meant = said.addressed or said.channel.direct or said.author.nellie
        if self.settings.listen == "mentions" and not meant:
            return []
        try:
            return [checked(message)]
        except Refused:
            return []
