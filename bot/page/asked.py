"""What was asked and answered, and what an answer was made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.page import AskedTurn, NotThere, ReadableChannel, Turns, Visitor, Why
from bot.page.explaining import Explaining
from bot.page.reading import Reading
from bot.store.answer_traces import AnswerTraces
from bot.store.page_turns import PageTurns, ShownTurn

PAGE = 30  # turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Reads the turns of channels for who reads those."""

    reading: Reading
    store: PageTurns
    traces: AnswerTraces
    explaining: Explaining

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
        trace = await self.traces.get(channel_id, turn_id)
        turn = _to_asked(made.turn, ReadableChannel(channel_id, state.channel))
        return await self.explaining.explain(state, turn, made, trace)

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
