"""Turns, as people come back to them: stopped, retried, rated, waited for."""

from dataclasses import dataclass, replace
from typing import Self

from bot.core.acceptance import Acceptance
from bot.core.continuing import Continuing
from bot.core.lanes import Lanes
from bot.domain.consents import ConsentEnd, ConsentQuestion
from bot.domain.model import Author, Channel, Received, Turn
from bot.store.channels import Channels
from bot.store.stores import Stores
from bot.store.turn_actions import TurnActions


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnControl:
    """What people do with an answer (bot.domain.ports.TurnControl)."""

    lanes: Lanes
    channels: Channels
    turn_actions: TurnActions
    acceptance: Acceptance
    continuing: Continuing

    @classmethod
    def on(
        cls, stores: Stores, *, lanes: Lanes, acceptance: Acceptance, continuing: Continuing
    ) -> Self:
        """On the stores of one replica."""
        return cls(
            lanes=lanes,
            channels=stores.channels,
            turn_actions=stores.turn_actions,
            acceptance=acceptance,
            continuing=continuing,
        )

    @property
    def replicas(self) -> int:
        """How many replicas share the work."""
        return self.lanes.replicas

    async def get(self, turn_id: int) -> Turn | None:
        """A turn, also one that has ended; None where there is no such turn."""
        return await self.turn_actions.get(turn_id)

    async def running(self, channel: Channel, thread: str) -> int | None:
        """The id of the turn that is being answered in a thread, by whichever replica."""
        channel_id = await self.channels.find(channel)
        return None if channel_id is None else await self.turn_actions.running(channel_id, thread)

    async def retry(self, turn_id: int) -> bool:
        """Answer a turn that failed or was stopped once more."""
        reopened = await self.turn_actions.retry(turn_id, owner=self.lanes.owner)
        if reopened and reopened.lease:
            self.lanes.resume(reopened.lease)
        return reopened is not None

    async def go_on(self, turn_id: int, person: Author) -> Received:
        """Ask for the rest of an answer that was cut short, once."""
        return await self.continuing.press(self.acceptance, turn_id, person)

    async def consent(
        self, consent_id: int, person: Author, *, allows: bool, has_rights: bool
    ) -> ConsentEnd:
        """Decide whether a tool may change something, once."""
        deciding = self.acceptance.deciding
        end, asking = await deciding.decide(
            consent_id, person, allows=allows, has_rights=has_rights
        )
        turn_id = 0 if end.left else await deciding.go_on(self.acceptance.store, asking)
        return replace(end, turn_id=turn_id)

    async def asking(self, consent_id: int) -> Turn | None:
        """The turn whose answer asks a question."""
        return await self.acceptance.deciding.asking(consent_id)

    async def open_consents(self, turn_id: int) -> tuple[ConsentQuestion, ...]:
        """The questions of a turn's answer that can still be decided."""
        return await self.acceptance.deciding.open_ones(turn_id)

    async def is_open(self, turn_id: int) -> bool:
        """Whether a turn waits or is being answered."""
        return await self.turn_actions.is_open(turn_id)

    async def rate(self, turn_id: int, person: Author, *, good: bool) -> bool:
        """Keep a person's rating of an answer; False where there is no such turn."""
        return await self.turn_actions.rate(turn_id, person.stored_id, good=good)

    async def stop(self, turn_id: int) -> None:
        """Stop an answer that is owed or being written, here or in another replica."""
        if not (self.lanes.stop(turn_id) or await self.turn_actions.stop_waiting(turn_id)):
            await self.turn_actions.stop(turn_id)

    async def wait_until_ended(self, turn_id: int) -> None:
        """Return once a turn has ended, here or in another replica."""
        await self.lanes.wait_until_ended(turn_id)
