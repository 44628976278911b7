"""Conversations that a person leads with her at the page: forgotten with the person."""

from dataclasses import dataclass
from typing import Self

from bot.domain.page import owner_of
from bot.store.page_chat import PageChat
from bot.store.person_traces import PersonTraces
from bot.store.stores import Stores


@dataclass(frozen=True, slots=True)
class OwnConversations:
    """Of somebody of a platform."""

    store: PageChat
    traces: PersonTraces

    @classmethod
    def on(cls, stores: Stores) -> Self:
        """On the stores of a replica."""
        return cls(stores.page_chat, stores.person_traces)

    async def count(self, platform: str, person_id: str) -> int:
        """How many there are."""
        return len(await self._all(platform, person_id))

    async def forget(self, platform: str, person_id: str) -> int:
        """Forget all of them, with their names; returns how many messages."""
        found = await self._all(platform, person_id)
        return sum([await self.traces.forget(one, person_id) for one in found])

    async def _all(self, platform: str, person_id: str) -> list[int]:
        owner = owner_of(platform, person_id)
        return [one.id for one in await self.store.conversations(owner, most=None)]
