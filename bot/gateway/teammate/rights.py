"""Who may read which channel through a key: the platform is asked, and remembered for minutes."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from bot.domain.bounded_cache import BoundedCache
from bot.domain.model import Channel
from bot.domain.ports import Adapter

REMEMBERED = 240.0  # seconds a yes holds, from before the platform was asked; five minutes at most
REMEMBERED_NO = 20.0  # seconds that a no does: who was let in reads soon
PATIENCE = 10.0  # seconds that a platform has for its answer
AT_ONCE = 8  # questions to the platforms for one list; for more, one about all comes first
LIST_WITHIN = 20.0  # seconds after which a list holds what is known by then
KEPT = 20_000  # answers
ALL_PATIENCE = 60.0  # seconds that a platform has to say it of all channels

Question = tuple[Channel, str]
Said = tuple[float, bool]
"""When a platform was asked, and what it said."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Readable:
    """What a person may read of some channels."""

    channels: Sequence[Channel]
    complete: bool
    """It is known of all of them; else of some it was not said in time."""
    asked: float
    """When the platform was asked that was asked longest ago."""


class Rights:
    """What the platforms said lately. What nobody says for certain is a no."""

    def __init__(
        self, adapters: Mapping[str, Adapter], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._adapters = adapters
        self._clock = clock
        self._known: BoundedCache[Question, Said] = BoundedCache(KEPT)
        self._asking: dict[Question, asyncio.Task[bool]] = {}
        self._asking_of_all: dict[tuple[str, str], asyncio.Task[Mapping[Channel, Said]]] = {}

    async def may_read(
        self, channel: Channel, person_id: str, *, no_for: float = REMEMBERED_NO
    ) -> bool:
        """Whether this person may read this channel, now or some minutes ago."""
        question = channel, person_id
        answer = self._answer(channel, person_id, no_for)
        if answer is not None:
            return answer[1]
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
    ) -> Readable:
        """Those of the channels that this person may read, as far as that is said in time.

        `no_for` is how long a no holds: for a list of thousands, longer than asking takes.
        """
        listed, until = list(channels), self._clock() + within
        known = {one: self._answer(one, person_id, no_for) for one in listed}
        if len(missing := _missing(known)) > AT_ONCE:
            known |= await self._look_at_all(missing, person_id, within)
        if (missing := _missing(known)) and (left := until - self._clock()) > 0:
            known |= await self._look_at_each(missing, person_id, left, no_for)
        said = [answer for answer in known.values() if answer]
        return Readable(
            [one for one in listed if (answer := known[one]) and answer[1]],
            len(said) == len(known),
            min((asked for asked, _ in said), default=self._clock()),
        )

    async def _look_at_all(
        self, channels: Sequence[Channel], person_id: str, within: float
    ) -> Mapping[Channel, Said]:
        """What few requests say of many channels: who asks meanwhile waits for the same ones.

        Not remembered here: so many answers would drive out all others.
        """
        asking = []
        for platform in {one.platform for one in channels}:
            key = platform, person_id
            if key not in self._asking_of_all:
                theirs = [one for one in channels if one.platform == platform]
                task = asyncio.create_task(self._ask_of_all(platform, theirs, person_id))
                self._asking_of_all[key] = task
                task.add_done_callback(partial(self._forget, key))
            asking.append(self._asking_of_all[key])
        done, _ = await asyncio.wait(asking, timeout=within)
        wanted = set(channels)
        return {one: said for task in done for one, said in task.result().items() if one in wanted}

    def _forget(self, key: tuple[str, str], done: object) -> None:
        del self._asking_of_all[key]

    async def _look_at_each(
        self, channels: Sequence[Channel], person_id: str, within: float, no_for: float
    ) -> Mapping[Channel, Said | None]:
        slots = asyncio.Semaphore(AT_ONCE)

        async def may(channel: Channel) -> None:
            async with slots:
                await self.may_read(channel, person_id, no_for=no_for)

        tasks = [asyncio.create_task(may(one)) for one in channels]
        _, late = await asyncio.wait(tasks, timeout=within)
        for task in late:
            task.cancel()
        return {one: self._answer(one, person_id, no_for) for one in channels}

    def _answer(self, channel: Channel, person_id: str, no_for: float) -> Said | None:
        """What is remembered; None where it is too old, or nothing."""
        known = self._known.get((channel, person_id))
        if known is None:
            return None
        asked, answer = known
        return known if self._clock() < asked + (REMEMBERED if answer else no_for) else None

    async def _ask_of_all(
        self, platform: str, channels: Sequence[Channel], person_id: str
    ) -> Mapping[Channel, Said]:
        adapter, asked = self._adapters.get(platform), self._clock()
        if adapter is None or not person_id:
            return dict.fromkeys(channels, (asked, False))
        try:
            async with asyncio.timeout(ALL_PATIENCE):
                answers = await adapter.readable(channels, person_id)
        except Exception as error:  # whatever a platform's library raises
            log.warning("rights_not_known", platform=platform, error=type(error).__name__)
            return {}
        return {one: (asked, answer is True) for one, answer in answers.items()}

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


def _missing(known: Mapping[Channel, Said | None]) -> Sequence[Channel]:
    return [one for one, answer in known.items() if answer is None]
