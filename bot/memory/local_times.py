"""What was said, by the clocks of those who said it: whose "tomorrow" is which day."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo

import structlog

from bot.domain.model import Channel, Message, Turn
from bot.domain.ports import Adapter

WITHIN = 5.0  # seconds that a platform has to say where people live

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LocalTimes:
    """Asks the platforms where people live."""

    adapters: Mapping[str, Adapter]

    async def show(self, messages: Sequence[Message]) -> list[Message]:
        """The same messages at the same moments, each with its time as its author's clock shows it.

        In UTC, where the platform does not say.
        """
        if not messages:
            return []
        people = {one.author.id for one in messages if not (one.author.nellie or one.author.bot)}
        zones = await self._ask(messages[0].channel, sorted(people))
        return [
            replace(one, at=one.at.astimezone(zones.get(one.author.id, UTC))) for one in messages
        ]

    async def zone_of(self, turn: Turn) -> tzinfo:
        """Where who asked lives; UTC, where the platform does not say."""
        asker = turn.asker
        if asker.nellie or asker.bot:
            return UTC
        return (await self._ask(turn.channel, [asker.id])).get(asker.id, UTC)

    async def _ask(self, channel: Channel, people: Sequence[str]) -> dict[str, tzinfo]:
        adapter = self.adapters.get(channel.platform)
        if adapter is None:
            return {}
        try:
            async with asyncio.timeout(WITHIN):
                found = await asyncio.gather(*(adapter.time_zone(person) for person in people))
        except Exception as error:  # whatever a platform's library raises
            log.info("time_zones_not_known", platform=adapter.name, error=type(error).__name__)
            return {}
        return dict(zip(people, found, strict=True))
