"""Who may read which channel through a key: the platform is asked, and remembered for minutes."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping

import structlog

from bot.domain.bounded_cache import BoundedCache
from bot.domain.model import Channel
from bot.domain.ports import Adapter

REMEMBERED = 240.0  # seconds a yes holds, from before the platform was asked; five minutes at most
REMEMBERED_NO = 20.0  # seconds that a no does: who was let in reads soon
PATIENCE = 10.0  # seconds that a platform has for its answer
AT_ONCE = 8  # questions to the platforms for one list
LIST_WITHIN = 20.0  # seconds after which a list holds what is known by then
KEPT = 20_000  # answers

Question = tuple[Channel, str]

log = structlog.get_logger(__name__)


class Rights:
    """What the platforms said lately. What nobody says for certain is a no."""

    def __init__(
        self, adapters: Mapping[str, Adapter], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._adapters = adapters
        self._clock = clock
        self._known: BoundedCache[Question, tuple[float, bool]] = BoundedCache(KEPT)
        """When the platform was asked, and what it said."""
        self._asking: dict[Question, asyncio.Task[bool]] = {}

    async def may_read(
        self, channel: Channel, person_id: str, *, no_for: float = REMEMBERED_NO
    ) -> bool:
        """Whether this person may read this channel, now or some minutes ago."""
        question = channel, person_id
        answer = self._answer(channel, person_id, no_for)
        if answer is not None:
            return answer
        if question not in self._asking:
            self._asking[question] = asyncio.create_task(self._ask(channel, person_id))
        return await asyncio.shield(self._asking[question])

    async def readable(
        self,
        channels: Iterable[Channel],
        person_id: str,
        *,
        within: float = LIST_WITHIN,
        no_for: float = REMEMBERED_NO,
    ) -> list[Channel]:
        """Those of the channels that this person may read, as far as that is said in time.

        `no_for` is how long a no holds: for a list of thousands, longer than asking takes.
        """
        slots = asyncio.Semaphore(AT_ONCE)

        async def may(channel: Channel) -> bool:
            async with slots:
                return await self.may_read(channel, person_id, no_for=no_for)

        listed = list(channels)
        known = {one: self._answer(one, person_id, no_for) for one in listed}
        asked = {
            one: asyncio.create_task(may(one)) for one, answer in known.items() if answer is None
        }
        if asked:
            await asyncio.wait(asked.values(), timeout=within)
        for one, task in asked.items():
            known[one] = task.done() and task.result()
            task.cancel()
        return [one for one in listed if known[one]]

    def knows(self, channels: Iterable[Channel], person_id: str, *, no_for: float) -> bool:
        """Whether of each of these channels it is known whether this person may read it."""
        return all(self._answer(one, person_id, no_for) is not None for one in channels)

    def _answer(self, channel: Channel, person_id: str, no_for: float) -> bool | None:
        """What is remembered; None where it is too old, or nothing."""
        known = self._known.get((channel, person_id))
        if known is None:
            return None
        asked, answer = known
        return answer if self._clock() < asked + (REMEMBERED if answer else no_for) else None

    async def _ask(self, channel: Channel, person_id: str) -> bool:
        asked = self._clock()
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._look(channel, person_id)
        except Exception as error:  # whatever a platform's library raises
            log.warning("rights_not_known", platform=channel.platform, error=type(error).__name__)
            answer = False
        finally:
            self._asking.pop((channel, person_id), None)
        self._known[channel, person_id] = asked, answer
        return answer

    async def _look(self, channel: Channel, person_id: str) -> bool:
        adapter = self._adapters.get(channel.platform)
        if adapter is None or not person_id:
            return False
        return await adapter.may_read(channel, person_id) is True
