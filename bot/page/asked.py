"""What was asked and answered, and what an answer was made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.page import AskedTurn, ModelCall, NotThere, ReadableChannel, Turns, Visitor, Why
from bot.page.reading import Reading
from bot.page.sums import Costs
from bot.store.messages import Messages
from bot.store.page_turns import PageTurns, ShownTurn

PAGE = 30  # turns
LISTED = 500  # messages that an answer rests on, of which the words are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Reads the turns of channels for who reads those."""

    reading: Reading
    messages: Messages
    store: PageTurns
    costs: Costs

    async def turns(self, visitor: Visitor, channel_id: int | None, before: int | None) -> Turns:
        """The newest of a channel, or of all that are theirs. Raises NotThere."""
        readable = await self._chosen(visitor, channel_id)
        found = await self.store.newest(readable, visitor.person_id, before=before, most=PAGE + 1)
        older = found[PAGE - 1].id if len(found) > PAGE else None
        return Turns([_to_asked(one, readable[one.channel_id]) for one in found[:PAGE]], older)

    async def why(self, visitor: Visitor, turn_id: int) -> Why:
        """What an answer was made from. Raises NotThere."""
        channel_id = await self.store.channel_of(turn_id, visitor.person_id)
        if channel_id is None:
            raise NotThere
        state, _ = await self.reading.require(visitor, channel_id)
        made = await self.store.made_from(turn_id, visitor.person_id)
        if made is None:
            raise NotThere
        seqs = [seq for seq in made.rests_on if seq > 0]
        messages = await self.messages.get(state.channel, channel_id, seqs[:LISTED])
        return Why(
            turn=_to_asked(made.turn, ReadableChannel(channel_id, state.channel)),
            rests_on=messages,
            gone=len(seqs[:LISTED]) - len(messages),
            documents=len(made.rests_on) - len(seqs),
            window_from=made.window_from,
            calls=[
                ModelCall(
                    model=row.model,
                    purpose=row.purpose,
                    attempt=row.attempt,
                    estimated=row.estimated,
                    used=self.costs.used(row),
                )
                for row in made.calls
            ],
            tools=made.tools,
            good=made.good,
            bad=made.bad,
        )

    async def _chosen(
        self, visitor: Visitor, channel_id: int | None
    ) -> Mapping[int, ReadableChannel]:
        chosen: Sequence[ReadableChannel]
        if channel_id is None:
            chosen = (await self.reading.channels(visitor)).channels
        else:
            state, _ = await self.reading.require(visitor, channel_id)
            chosen = [ReadableChannel(channel_id, state.channel)]
        return {one.id: one for one in chosen}


def _to_asked(turn: ShownTurn, readable: ReadableChannel) -> AskedTurn:
    return AskedTurn(
        id=turn.id,
        readable=readable,
        state=turn.state,
        asked=turn.asked,
        finished=turn.finished,
        attempts=turn.attempts,
        error=turn.error,
        private=turn.private,
        person=turn.person,
        question=turn.question,
        answer=turn.answer,
    )
