"""Whether whose key or session it is is still there: their platform says so, every few minutes."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog

from bot.domain.bounded_cache import BoundedCache
from bot.domain.ports import Adapter

FRESH = 300.0  # seconds that a platform's word counts
UNKNOWN = 30.0  # seconds until a platform is asked again that could not say
PATIENCE = 5.0  # seconds to wait for it
PEOPLE = 10_000  # that are remembered at a time

Person = tuple[str, str, str]  # platform, workspace, id


class OfPerson(Protocol):
    """A key, or whatever else stands for somebody."""

    @property
    def platform(self) -> str: ...
    @property
    def workspace(self) -> str: ...
    @property
    def person_id(self) -> str: ...


log = structlog.get_logger(__name__)


class Memberships:
    """What the platforms said of people, in this replica."""

    def __init__(self, adapters: Mapping[str, Adapter], clock: Callable[[], float]) -> None:
        self._adapters = adapters
        self._clock = clock
        self._known: BoundedCache[Person, float] = BoundedCache(PEOPLE)
        """Until when somebody counts as there."""
        self._asking: dict[Person, asyncio.Task[bool]] = {}

    async def has_left(self, key: OfPerson) -> bool:
        """Whether the platform says that a key's person is there no more.

        Where it cannot say, or cannot be asked, the key is good for models; what a channel holds
        is guarded by itself (`Adapter.may_read`).
        """
        person = (key.platform, key.workspace, key.person_id)
        adapter = self._adapters.get(key.platform)
        if adapter is None or self._clock() < self._known.get(person, 0.0):
            return False
        asking = self._asking.get(person)
        if asking is None:  # many calls of one key come together, and one of them asks
            asking = asyncio.create_task(self._ask(adapter, person))
            self._asking[person] = asking
            asking.add_done_callback(lambda done: self._asking.pop(person, None))
        return await asyncio.shield(asking)

    async def _ask(self, adapter: Adapter, person: Person) -> bool:
        platform, workspace, id_ = person
        asked, member = self._clock(), None
        try:
            async with asyncio.timeout(PATIENCE):
                member = await adapter.is_member(workspace, id_)
        except Exception as error:  # whatever a platform's library raises
            log.warning("membership_not_known", platform=platform, error=type(error).__name__)
        if member is False:
            return True
        self._known[person] = asked + (UNKNOWN if member is None else FRESH)
        return False
