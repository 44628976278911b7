"""Asking a channel's memory from outside: answered as there, and kept nowhere."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from itertools import count
from typing import Self

from bot.core.answer_stream import AnswerStream
from bot.core.continuing import Continued, Continuing
from bot.core.gathering import Gathering
from bot.core.message_checks import checked
from bot.core.question_material import EXCHANGE, ReadMaterial
from bot.core.standing_requests import StandingRequests
from bot.core.turn_run import TurnRun
from bot.domain.continuations import OFFER, asks_to_go_on
from bot.domain.errors import CommandError, DatabaseUnavailable
from bot.domain.model import NELLIE, Message, Received, Turn
from bot.domain.ports import Adapter
from bot.limits.quotas import Quotas
from bot.store.channels import ChannelState
from bot.store.stores import Stores
from bot.store.turn_outcome import ShownWindow
from bot.store.turns import Lease

LANE = "onlooker"


@dataclass(slots=True)
class PassingRun(TurnRun):
    """A turn that stands in no table: nothing of it is kept, and no replica can take it over."""

    def require_lease(self) -> None:
        """It is nobody else's."""

    async def add(self, post_id: str) -> None:
        """It has no posts."""

    async def keep_text(self, text: str, shown: ShownWindow | None) -> None:
        """It has no row."""


@dataclass(slots=True)
class Talk:
    """What an onlooker asked and was told, in memory alone."""

    newest: deque[Message] = field(default_factory=lambda: deque(maxlen=EXCHANGE))
    cut: Continued | None = None
    """The last answer, where it was cut short by its length."""

    def add(self, question: Message, answer: str, *, cut: bool) -> None:
        """An answer is whole."""
        text = answer.removesuffix(OFFER)
        before = self.cut.text if self.cut and asks_to_go_on(question.text) else ""
        about = self.cut.question if before and self.cut else question
        self.cut = Continued(about, before + text, ()) if cut else None
        told = replace(question, author=NELLIE, text=text, at=datetime.now(UTC))
        self.newest.extend(replace(one, seq=0) for one in (question, told))


@dataclass(frozen=True, slots=True, kw_only=True)
class LastOfTalk(Continuing):
    """Goes on with the last answer of a talk; the tables know nothing of it."""

    talk: Talk

    async def read(self, channel_id: int, turn: Turn) -> Continued | None:
        """What a question goes on with."""
        return self.talk.cut if asks_to_go_on(turn.trigger.text) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlookersGathering(Gathering):
    """Reads the channel's memory for a question that is no part of it."""

    talk: Talk

    @classmethod
    def like(cls, other: Gathering, talk: Talk) -> Self:
        """On the same parts."""
        parts = {one.name: getattr(other, one.name) for one in fields(other)}
        continuing = LastOfTalk(
            continuations=other.continuing.continuations,
            turn_actions=other.continuing.turn_actions,
            talk=talk,
        )
        return cls(**{**parts, "continuing": continuing}, talk=talk)

    def _conversation(self, read: ReadMaterial) -> list[Message]:
        return list(self.talk.newest)


@dataclass(eq=False, kw_only=True)
class Onlooker:
    """Who asks from outside: an inbox that keeps nothing, and the turns of what it was told."""

    state: ChannelState
    """Of the channel that is looked into."""
    gathering: OnlookersGathering
    quotas: Quotas
    stores: Stores
    requests: StandingRequests
    """With commands that change nothing."""
    adapter: Adapter
    """Shows the answers. It is the console's, never the channel's own platform's."""
    _numbers: "count[int]" = field(default_factory=lambda: count(-1, -1))
    """None that a turn of the table has."""
    _runs: dict[int, tuple[PassingRun, asyncio.Task[None]]] = field(default_factory=dict)

    async def receive(self, message: Message) -> Received:
        """Answer a message. Raises Refused."""
        state = await self.stores.channels.state(self.state.id)
        question = replace(checked(message), seq=state.seq + 1, private=True)
        turn = Turn(next(self._numbers), question.channel, LANE, question, remembered=False)
        lease = Lease(state.id, LANE, owner=0, epoch=0)
        run = PassingRun(turn, lease, self.stores.turns, self.stores.heartbeat)
        self._runs[turn.id] = run, asyncio.create_task(self._answer(run))
        return Received(0, turn.id)

    async def wait_until_ended(self, turn_id: int) -> None:
        """Return once it is answered. Raises CommandError."""
        _, task = self._runs[turn_id]
        try:
            await task
        except DatabaseUnavailable as error:  # nothing waits to be answered later
            raise CommandError(reason=str(error)) from error
        finally:
            self._runs.pop(turn_id, None)

    async def stop(self, turn_id: int) -> None:
        """Stop an answer that is being written."""
        if running := self._runs.get(turn_id):
            running[0].stop()

    async def _answer(self, run: PassingRun) -> None:
        if self.requests.may_be(run.turn):
            done = await self.requests.answer(run.lease.channel_id, run.turn)
            if done is not None:
                await self.adapter.deliver(run.turn, _whole(done), run)
                return
        stream = AnswerStream(run, self.gathering, self.quotas)
        async with aclosing(stream.pieces()) as pieces:
            await self.adapter.deliver(run.turn, pieces, run)
        if stream.answer.from_model:
            self.gathering.talk.add(run.turn.trigger, stream.answer.text, cut=run.can_go_on)


async def _whole(text: str) -> AsyncGenerator[str]:
    yield text
