"""Going on with what people have decided: which question it belongs to, and who goes on."""

from dataclasses import dataclass

from bot.domain.consents import asking_turn
from bot.domain.errors import CommandError
from bot.domain.model import Message, Turn
from bot.store.consents import Consents

GONE = "What this was about is gone, so I do nothing. Please ask anew."


@dataclass(frozen=True, slots=True)
class Resumed:
    """An answer that goes on, once people have decided."""

    question: Message
    """What it answers."""
    turns: tuple[int, ...]
    """The turns whose rounds it goes on with."""
    seqs: tuple[int, ...]
    """Their questions and answers, and what those rest on: it is forgotten with them."""


@dataclass(frozen=True, slots=True)
class Resuming:
    """Finds what a decision goes on with."""

    consents: Consents

    async def read(self, channel_id: int, turn: Turn) -> Resumed | None:
        """What a turn goes on with; None for every other question. Raises CommandError."""
        asking = asking_turn(turn.trigger)
        if asking is None:
            return None
        if not await self.consents.claim(channel_id, asking, by=turn):
            raise CommandError(reason=GONE)
        answers = await self.consents.read_asking(channel_id, asking, turn)
        question = answers[-1].turn.trigger if answers else turn.trigger
        if not answers or not question.text or asking_turn(question) is not None:
            raise CommandError(reason=GONE)
        seqs = [seq for one in answers for seq in (one.turn.trigger.seq, *one.seqs)]
        turns = tuple(one.turn.id for one in reversed(answers))
        return Resumed(question, turns, tuple(dict.fromkeys(seqs)))
