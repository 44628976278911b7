"""Delivering an answer: where it is shown, what is shown before it, and what if it cannot be."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import discord
import structlog

from adapters.discord.client import Client
from adapters.discord.interactions import PendingInteractions
from adapters.discord.outgoing import Answer, Gone
from adapters.discord.own_posts import OwnPosts, channel_id
from adapters.discord.private_answers import DirectMessages, PrivateSurface
from adapters.discord.rate_limits import Paces
from adapters.discord.retries import TRANSIENT_ERRORS
from adapters.discord.surfaces import ChannelSurface, InteractionSurface
from adapters.kit.background_tasks import BackgroundTasks
from adapters.kit.late_duplicates import delete_late_doubles
from adapters.kit.offers import Offers
from bot.domain.continuations import pressed_turn
from bot.domain.errors import Fenced
from bot.domain.model import Turn
from bot.domain.ports import DeliveryLog

TYPING_AFTER = 0.5  # seconds without a word of the answer, after which Nellie is shown typing
TYPING_LASTS = 8.0  # seconds; Discord shows it for 10
AnySurface = ChannelSurface | PrivateSurface
RIGHTS_NEEDED = "allow Send Messages (in threads too) and Read Message History there"

log = structlog.get_logger(__name__, platform="discord")


@dataclass(kw_only=True)
class Delivery:
    """Shows answers. A channel that takes none is given up with one line in the log."""

    client: Client
    own_posts: OwnPosts
    direct_messages: DirectMessages
    pending: PendingInteractions
    paces: Paces
    background: BackgroundTasks
    offers: Offers = field(default_factory=Offers)
    _forbidden: set[int] = field(default_factory=set)
    """Channels that refused a post, until somebody changes a permission."""

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        """Show an answer as it comes. Raises Fenced, and discord.py's errors that did not pass."""
        self.background.start(self.offers.withdraw(turn), "offers")
        if turn.private:
            answer = await self._show_privately(turn, text, delivery_log)
            self._keep_offer(turn, answer, delivery_log)
            return
        surface = self._surface(turn, delivery_log)
        if surface.channel.id in self._forbidden and not turn.trigger.reply:
            return  # but an introduction is tried again until it stands
        posted = turn.posted or await self._acknowledgement(turn, delivery_log)
        try:
            answer = await self._show(surface, text, posted)
        except discord.Forbidden as error:
            self._give_up(surface.channel.id, error)
            return
        self._keep_offer(turn, answer, delivery_log)
        if turn.attempts > 1:
            doubles = _Doubles(self.own_posts, turn, surface)
            self.background.start(delete_late_doubles(doubles, answer.posts), "late_doubles")

    async def _show(
        self, surface: AnySurface, text: AsyncIterator[str], posted: Sequence[str]
    ) -> Answer:
        answer = Answer(surface, self.paces.of(surface.channel.id), posted)
        typing = asyncio.create_task(_show_typing(surface))
        try:
            await answer.show(_cancel_at_first_word(typing, text))
        except Gone:
            log.warning("answer_not_shown", channel=surface.channel.id)
        finally:
            typing.cancel()
        return answer

    def _keep_offer(self, turn: Turn, answer: Answer, delivery_log: DeliveryLog) -> None:
        """Until something else is asked there, the answer offers to go on."""

        async def withdraw() -> None:
            delivery_log.can_go_on = False
            await answer.show_again()

        if delivery_log.can_go_on:
            self.offers.add(turn, withdraw)

    async def _show_privately(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> Answer:
        """To the asker alone: by the interaction, or else in their direct messages."""
        pending = self.pending.get(turn.trigger.id)
        if pending and pending.token_valid:
            channel = self.client.get_partial_messageable(channel_id(turn))
            by_token = InteractionSurface(channel, turn, delivery_log, pending)
            private = PrivateSurface(by_token=by_token, direct_messages=self.direct_messages)
            return await self._show(private, text, turn.posted)
        surface = await self.direct_messages.open(turn, delivery_log)
        return await self._show(surface, text, surface.found)

    def permissions_changed(self, channel_id: int | None = None) -> None:
        """A channel that refused a post may take one now; without an id, any channel may."""
        if channel_id is None:
            self._forbidden.clear()
        else:
            self._forbidden.discard(channel_id)

    def _surface(self, turn: Turn, delivery_log: DeliveryLog) -> ChannelSurface:
        """Where an answer is shown that everybody may see."""
        channel = self.client.get_partial_messageable(channel_id(turn))
        if pending := self.pending.get(turn.trigger.id):
            return InteractionSurface(channel, turn, delivery_log, pending)
        return ChannelSurface(channel, turn, delivery_log)

    async def _acknowledgement(self, turn: Turn, delivery_log: DeliveryLog) -> tuple[str, ...]:
        """The empty response to a command that a process which has died since acknowledged."""
        question = turn.trigger
        if turn.attempts > 1:
            return ()  # it was looked for already
        if question.link or question.author.nellie or pressed_turn(question) is not None:
            return ()  # it is no command, or stands in no history
        if self.pending.get(question.id):
            return ()  # it came to this process
        found = await self.own_posts.find(turn)
        for post_id in found:
            await delivery_log.add(post_id)
        return found

    def _give_up(self, channel_id: int, error: discord.Forbidden) -> None:
        self._forbidden.add(channel_id)
        log.warning("posting_forbidden", channel=channel_id, code=error.code, fix=RIGHTS_NEEDED)


@dataclass(frozen=True, slots=True)
class _Doubles:
    """The posts of a turn (adapters.kit.late_duplicates.TurnPosts)."""

    own_posts: OwnPosts
    turn: Turn
    surface: ChannelSurface

    async def find(self) -> tuple[str, ...]:
        return await self.own_posts.find(self.turn)

    async def delete(self, post_id: str) -> None:
        with suppress(Gone, Fenced, discord.DiscordException, *TRANSIENT_ERRORS):
            await self.surface.delete(post_id)
            log.warning("late_double_deleted", turn=self.turn.id)


async def _cancel_at_first_word(
    task: asyncio.Task[None], text: AsyncIterator[str]
) -> AsyncIterator[str]:
    async for piece in text:
        if piece.strip():
            task.cancel()
        yield piece


async def _show_typing(surface: AnySurface) -> None:
    if isinstance(surface, InteractionSurface | PrivateSurface):
        return  # an acknowledged command shows that Nellie is thinking
    await asyncio.sleep(TYPING_AFTER)
    with suppress(Fenced, discord.DiscordException, *TRANSIENT_ERRORS):
        while True:
            surface.delivery_log.require_lease()
            await surface.channel.typing()
            await asyncio.sleep(TYPING_LASTS)
