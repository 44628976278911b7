"""Accepting messages: each is stored once, and what is meant for Nellie opens a turn."""

import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Self

from bot.config.settings import Settings
from bot.core.consenting.deciding import Deciding
from bot.core.first_come import FirstCome
from bot.core.lanes import Lanes
from bot.core.message_checks import checked
from bot.core.standing_requests import StandingRequests
from bot.domain.errors import Refused
from bot.domain.model import Message, Received
from bot.language.question import find_terms
from bot.store.channels import Channels
from bot.store.file_news import FileNews
from bot.store.message_inserts import NewMessage
from bot.store.messages import Messages
from bot.store.stores import Stores
from bot.store.turns import Turns
from bot.telemetry import metrics

TO_BOTS = 3  # answers to bots in a row, until a person speaks: bots may answer each other for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Stores messages, and lets this replica's lanes begin with the turns that they open."""

    settings: Settings
    channels: Channels
    messages: Messages
    turns: Turns
    lanes: Lanes
    requests: StandingRequests
    deciding: Deciding
    file_news: FileNews
    first_come: FirstCome

    @classmethod
    def on(
        cls,
        stores: Stores,
        *,
        settings: Settings,
        lanes: Lanes,
        requests: StandingRequests,
        first_come: FirstCome,
    ) -> Self:
        """On the stores of one replica."""
        return cls(
            settings=settings,
            channels=stores.channels,
            messages=stores.messages,
            turns=stores.turns,
            lanes=lanes,
            requests=requests,
            deciding=Deciding.on(stores, settings.admins),
            file_news=stores.file_news,
            first_come=first_come,
        )

    async def receive(self, message: Message) -> Received:
        """Remember a message and open its turn, in one transaction. Raises Refused."""
        came = time.monotonic()
        await self.first_come.go_on(came)
        message = checked(message)
        channel_id = await self.channels.id(message.channel)
        if decided := await self.deciding.in_words(channel_id, message, self.store):
            return decided
        opens_turn = await self._opens_turn(channel_id, message)
        answers = await self.requests.is_answer(channel_id, message)
        opens_turn = opens_turn or answers
        if not opens_turn and self.settings.listen == "mentions":
            return Received(0)
        request = self.requests.as_request(message) if opens_turn else None
        message = request or message
        await self._remember_quoted(message)
        remembered = not (message.private or request or answers)
        new = NewMessage(message, remembered=remembered)
        asks = opens_turn and not (request or answers)
        terms = self._terms(channel_id, message) if asks else ()
        received = await self.store(channel_id, new, opens_turn=opens_turn, terms=terms, came=came)
        if message.edited_at and opens_turn and not (received.seq or message.author.bot):
            return await self._ask_by_edit(channel_id, message)
        metrics.messages.add(message.channel.platform, by=bool(received.seq))
        return received

    async def store(
        self,
        channel_id: int,
        new: NewMessage,
        *,
        opens_turn: bool,
        terms: tuple[str, ...] = (),
        came: float | None = None,
    ) -> Received:
        """Store a message that was checked; its turn begins here where its lane is idle.

        What holds its terms is searched for at once. It `came` then, by time.monotonic().
        """
        owner = self.lanes.owner
        if opens_turn and new.message.author.bot:
            accepted = await self.turns.accept_of_bot(channel_id, new, owner=owner, most=TO_BOTS)
        else:
            accepted = await self.turns.accept(
                channel_id, new, owner=owner, opens_turn=opens_turn, terms=terms
            )
        message = accepted.message or new.message
        if message.files:
            self.file_news.come()
        self.lanes.start(accepted, replace(message, seq=accepted.seq), came)
        return Received(accepted.seq, accepted.turn)

    async def owe(self, channel_id: int, trigger: Message) -> Received:
        """Open the turn of what nobody asks for in words: its trigger is seen by nobody."""
        return await self.store(channel_id, NewMessage(trigger, remembered=False), opens_turn=True)

    async def remember(self, messages: Iterable[Message]) -> int:
        """Store checked messages of one channel that open no turn; returns how many were new."""
        return len(await self.bring(messages))

    async def bring(self, messages: Iterable[Message]) -> Collection[str]:
        """The same; returns the ids of those that were new."""
        new = [NewMessage(message) for message in messages]
        if not new:
            return ()
        channel = new[0].message.channel
        added = await self.messages.add(await self.channels.id(channel), new)
        metrics.messages.add(channel.platform, by=len(added))
        return added

    async def _remember_quoted(self, question: Message) -> None:
        """Remember what a question is about, as any other message of its author's.

        What is meant for Nellie comes by itself, and is answered then.
        """
        quoted = question.about
        if quoted is None or quoted.addressed or question.private:
            return
        if self.settings.listen != "mentions":
            with suppress(Refused):
                await self.remember([checked(quoted)])

    def _terms(self, channel_id: int, message: Message) -> tuple[str, ...]:
        """By what it can be looked up right now: nothing where it waits, or is about another."""
        if message.about or not self.settings.recall:
            return ()
        return () if self.lanes.is_busy(channel_id, message.lane) else find_terms(message.text)

    async def _opens_turn(self, channel_id: int, message: Message) -> bool:
        """Whether it asks for an answer, or follows up on one that its author was given."""
        if message.author.nellie:
            return False
        if message.author.bot:
            return message.addressed
        if message.addressed or message.channel.direct:
            return True
        if not (self.settings.follow_ups and message.thread) or message.mentions:
            return False
        return await self.turns.answered_before(channel_id, message.lane, message.author.id)

    async def _ask_by_edit(self, channel_id: int, message: Message) -> Received:
        """Open the turn of a message that is remembered, and asks only since its edit."""
        accepted = await self.turns.accept_known(channel_id, message, owner=self.lanes.owner)
        self.lanes.start(accepted, replace(message, seq=accepted.seq))
        return Received(accepted.seq, accepted.turn)
