"""What people do with an answer, as adapters ask for it."""

from typing import Protocol

from bot.domain.consents import ConsentEnd, ConsentQuestion
from bot.domain.model import Author, Channel, Received, Turn


class TurnControl(Protocol):
    """What people do with an answer: stop it, retry it, rate it.

    turn = await turns.get(turn_id)
    if turn and turn.asker.id == person.id:
        await turns.stop(turn.id)
    """

    @property
    def replicas(self) -> int:
        """How many replicas share the work: a platform's rate limits are divided among them."""
        ...

    async def get(self, turn_id: int) -> Turn | None:
        """A turn, also one that has ended; None where there is no such turn."""
        ...

    async def running(self, channel: Channel, thread: str) -> int | None:
        """The id of the turn that is being answered in a thread, by whichever replica."""
        ...

    async def retry(self, turn_id: int) -> bool:
        """Answer a failed or stopped turn once more, in its place; False where that cannot be."""
        ...

    async def go_on(self, turn_id: int, person: Author) -> Received:
        """Ask for the rest of an answer that was cut short (`DeliveryLog.can_go_on`), once.

        It becomes a turn of its own, of the message `bot.domain.continuations.continuation_id`,
        where the answer stands; a private one for its asker alone. Raises CommandError and
        NotAllowed, whose texts are for people. Received(0) where somebody was quicker.
        """
        ...

    async def consent(
        self, consent_id: int, person: Author, *, allows: bool, has_rights: bool
    ) -> ConsentEnd:
        """Decide whether a tool may change something (`DeliveryLog.consents`), once.

        The asker may, and people with rights over the channel (`has_rights`, as for /persona).
        With the last question of an answer it becomes a turn of its own, of the message
        `bot.domain.consents.decision_id`, where the answer stands. Raises CommandError and
        NotAllowed, whose texts are for people.
        """
        ...

    async def asking(self, consent_id: int) -> Turn | None:
        """The turn whose answer asks a question; None where there is no such question."""
        ...

    async def open_consents(self, turn_id: int) -> tuple[ConsentQuestion, ...]:
        """The questions of a turn's answer that can still be decided, by their numbers."""
        ...

    async def is_open(self, turn_id: int) -> bool:
        """Whether a turn waits or is being answered, in whichever replica."""
        ...

    async def rate(self, turn_id: int, person: Author, *, good: bool) -> bool:
        """Keep a person's rating, the newest alone; False where there is no such turn."""
        ...

    async def stop(self, turn_id: int) -> None:
        """Stop an answer that is being written, here or in another replica."""
        ...

    async def wait_until_ended(self, turn_id: int) -> None:
        """Return once a turn has ended, however it did."""
        ...
