"""Nellie as a model: `nellie`, and `nellie/<platform>/<channel>` for who may read that channel."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Self

from bot.commands.dispatch import Commands
from bot.core.gathering import Gathering
from bot.core.onlooking import PassingRun
from bot.core.standing_requests import StandingRequests
from bot.domain.api import ApiError, Body, Caller
from bot.domain.model import Channel, Chunk, Message
from bot.gateway.models.chat_wire import write_answer
from bot.gateway.models.targets import TargetAnswer
from bot.gateway.teammate.asked import Asked, read_asked, to_message
from bot.gateway.teammate.conversations import PLATFORM, Conversation, Conversations
from bot.gateway.teammate.memory_answers import CallersGathering, Passing
from bot.limits.call_queue import CallQueue
from bot.store.channels import ChannelState
from bot.store.stores import Stores

NAME = "nellie"
ALONE = Channel(PLATFORM, "", NAME, direct=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeammateParts:
    """What she answers with."""

    gathering: Gathering
    passing: Passing
    conversations: Conversations
    requests: StandingRequests
    """With commands that change nothing."""
    longest: int
    """Tokens of an answer, at most."""

    @property
    def asks(self) -> str:
        """The models of channels that have chosen none."""
        return self.gathering.models.get(None).name

    @property
    def most_memory(self) -> int:
        """Tokens of a prompt beside the question."""
        budget = self.gathering.windows.budget
        return budget.total - budget.trigger

    @classmethod
    def on(
        cls, stores: Stores, *, gathering: Gathering, call_queue: CallQueue, commands: Commands
    ) -> Self:
        """On the stores of a replica."""
        return cls(
            gathering=gathering,
            passing=Passing(turns=stores.turns, heartbeat=stores.heartbeat, call_queue=call_queue),
            conversations=Conversations(channels=stores.channels, messages=stores.messages),
            requests=StandingRequests.on(
                stores, commands=replace(commands, read_only=True), adapters=gathering.adapters
            ),
            longest=gathering.windows.budget.answer,
        )


@dataclass(slots=True, kw_only=True)
class TeammateModel:
    """One of her names (bot.gateway.models.targets)."""

    id: str
    parts: TeammateParts
    memory: Channel | None = None
    """The channel that is read; None where she has none to read."""
    owned_by: str = NAME
    is_same_for_all: bool = False
    asks: str = field(init=False)
    adds: int = field(init=False)

    def __post_init__(self) -> None:
        self.asks, self.adds = self.parts.asks, self.parts.most_memory

    async def chat(self, caller: Caller, body: Body) -> TargetAnswer:
        """An answer, of which nothing is kept unless the caller wants a conversation."""
        asked = read_asked(self.id, body, self.parts.longest)
        source = await self._source()
        conversation = await self._conversation(caller, asked, source)
        answer = TargetAnswer(model=self.asks)
        chunks = self._chunks(caller, asked, source, conversation, answer)
        return await write_answer(answer, self.id, body, chunks)

    async def responses(self, caller: Caller, body: Body) -> TargetAnswer | None:
        """By `chat`."""
        return None

    async def embeddings(self, caller: Caller, body: Body) -> TargetAnswer:
        raise ApiError(f"{self.id} makes no embeddings.", status=400, param="model")

    async def _source(self) -> ChannelState | None:
        """The channel that is read, as it stands."""
        if self.memory is None:
            return None
        channels = self.parts.conversations.channels
        channel_id = await channels.find(self.memory)
        return await channels.state(channel_id) if channel_id else None

    async def _conversation(
        self, caller: Caller, asked: Asked, source: ChannelState | None
    ) -> Conversation | None:
        if not asked.conversation:
            return None
        return await self.parts.conversations.open(caller, asked.conversation, source)

    async def _chunks(
        self,
        caller: Caller,
        asked: Asked,
        source: ChannelState | None,
        conversation: Conversation | None,
        answer: TargetAnswer,
    ) -> AsyncGenerator[Chunk]:
        """The answer; what it cost is known when they end, or are closed."""
        parts = self.parts
        state = source or (conversation.state if conversation else ChannelState.unseen(ALONE))
        said = await parts.conversations.read(conversation) if conversation else []
        gathering = CallersGathering.of(parts.gathering, asked, said)
        question = to_message(asked, caller, state)
        run = parts.passing.run_of(state.id, question)
        if source and (done := await self._as_requested(run, asked)):
            yield Chunk(done)
            yield Chunk(finish="stop")
            return
        written: list[str] = []
        try:
            async with aclosing(parts.passing.chunks(run, gathering)) as chunks:
                async for chunk in chunks:
                    written.append(chunk.text)
                    if chunk.finish and conversation:
                        await self._remember(conversation, question, "".join(written))
                    yield chunk
        finally:
            answer.usage = parts.passing.usage(run)
            answer.model = answer.usage.model if answer.usage else answer.model

    async def _as_requested(self, run: PassingRun, asked: Asked) -> str | None:
        """What a standing request is answered with, as in the channel: no model may say it did it.

        None for every other question.
        """
        requests = self.parts.requests
        if asked.response_format or not requests.may_be(run.turn):
            return None
        return await requests.answer(run.lease.channel_id, run.turn)

    async def _remember(self, conversation: Conversation, question: Message, text: str) -> None:
        if text.strip():
            await self.parts.conversations.remember(conversation, question, text)
