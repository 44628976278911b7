"""Where an answer is shown on Discord: in a channel, or as the response to an interaction."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import discord

from adapters.discord import posting
from adapters.discord.buttons import answer_buttons
from adapters.discord.interactions import PendingInteraction
from adapters.discord.outgoing import Ending, Gone
from adapters.discord.pings import spell_pings
from adapters.discord.retries import (
    INVALID_TOKEN,
    NO_REPLY_WITHOUT_HISTORY,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
    retry_request,
)
from bot.domain.continuations import pressed_turn
from bot.domain.model import Turn
from bot.domain.ports import DeliveryLog

T = TypeVar("T")


class ChannelSurface:
    """Messages in a channel: the first replies to the question, each next one to the last."""

    def __init__(
        self, channel: discord.PartialMessageable, turn: Turn, delivery_log: DeliveryLog
    ) -> None:
        self.channel = channel
        self.turn = turn
        self.delivery_log = delivery_log
        self._last = _question_of(turn)
        """The message that the next part replies to."""
        self._reposts = 0

    async def post(self, part: int, text: str, ending: Ending) -> str:
        """Post a part. Sent again, it is the same message, because it has a nonce of its own."""
        text, options = self._spelled(text), self._view(ending)
        try:
            message = await self._send_reply(text, f"{self.turn.id}.{part}", options)
        except Gone:  # the message with this nonce was deleted: post another one
            self._reposts += 1
            nonce = f"{self.turn.id}.{part}.{self._reposts}"
            message = await self._send_reply(text, nonce, options)
        if self.turn.attempts > 1 and message.content.strip() != text.strip():
            # Discord gave back what an earlier attempt had posted with this nonce.
            await self._replace(str(message.id), text, ending)
        return await self._keep(message.id)

    async def edit(self, post_id: str, text: str, ending: Ending) -> None:
        await self._replace(post_id, self._spelled(text), ending)

    async def _replace(self, post_id: str, text: str, ending: Ending) -> None:
        message = self.channel.get_partial_message(int(post_id))
        view = self._buttons(ending)
        await self._request(lambda: posting.edit(message, text, view))
        self._last = post_id

    async def delete(self, post_id: str) -> None:
        message = self.channel.get_partial_message(int(post_id))
        await self._request(message.delete)

    def notice(self) -> str:
        """How many questions are before this one; then, what tools are doing for it."""
        ahead, calling = self.delivery_log.questions_ahead, self.delivery_log.calling
        if ahead is None:
            return f"-# {calling}..." if calling else ""
        return f"-# {ahead:,} before you" if ahead else "-# You are next"

    def _spelled(self, text: str) -> str:
        return spell_pings(text, self.delivery_log.pings)

    async def _keep(self, message_id: int) -> str:
        """Keep the id of what was posted; the next part replies to it."""
        self._last = str(message_id)
        await self.delivery_log.add(self._last)
        return self._last

    def _buttons(self, ending: Ending) -> discord.ui.View | None:
        log = self.delivery_log
        return answer_buttons(
            self.turn,
            ending,
            incomplete=log.incomplete,
            can_go_on=log.can_go_on,
            consents=log.consents,
        )

    def _view(self, ending: Ending) -> dict[str, Any]:
        """The argument of a new message: discord.py takes no None there."""
        view = self._buttons(ending)
        return {"view": view} if view else {}

    async def _request(self, request: Callable[[], Awaitable[T]]) -> T:
        """Send what may be sent twice. Raises Gone, Fenced and discord.py's errors."""
        try:
            return await retry_request(request, self.delivery_log)
        except discord.NotFound as error:
            if error.code in (UNKNOWN_MESSAGE, UNKNOWN_CHANNEL) or not error.code:
                raise Gone from error
            raise

    async def _send_reply(self, text: str, nonce: str, options: dict[str, Any]) -> discord.Message:
        try:
            return await self._send(text, nonce, {**self._reference(), **options})
        except discord.HTTPException as error:
            if error.code != NO_REPLY_WITHOUT_HISTORY:
                raise
        self._last = ""
        return await self._send(text, nonce, options)

    async def _send(self, text: str, nonce: str, options: dict[str, Any]) -> discord.Message:
        pings = self.delivery_log.pings
        return await self._request(
            lambda: posting.send(self.channel, text, pings, nonce=nonce, **options)
        )

    def _reference(self) -> dict[str, Any]:
        if not self._last:
            return {}
        reference = discord.MessageReference(
            message_id=int(self._last), channel_id=self.channel.id, fail_if_not_exists=False
        )
        return {"reference": reference, "mention_author": False}


def _question_of(turn: Turn) -> str:
    """The message that an answer replies to; what goes on with one replies to the same."""
    asked = turn.trigger
    if pressed_turn(asked) is not None:
        return asked.reply_to if asked.reply_to.isdecimal() else ""
    return asked.id if asked.link else ""


class InteractionSurface(ChannelSurface):
    """The response to an interaction: its first part by the token, as long as that is valid.

    What follows is posted in the channel, where a nonce keeps it from coming twice. A private
    answer is shown here by the token or not at all: TokenGone says that it has to go elsewhere.
    """

    def __init__(
        self,
        channel: discord.PartialMessageable,
        turn: Turn,
        delivery_log: DeliveryLog,
        pending: PendingInteraction,
    ) -> None:
        super().__init__(channel, turn, delivery_log)
        self._pending = pending
        self._webhook = pending.interaction.followup
        self._private = turn.private or pending.private

    async def post(self, part: int, text: str, ending: Ending) -> str:
        by_token = part == 0 or self._private
        if by_token and await self._pending.acknowledge() and self._pending.token_valid:
            try:
                is_response = part == 0 and not self._pending.by_button
                message_id = await (self._respond if is_response else self._follow_up)(text, ending)
                return await self._keep(message_id)
            except _TokenRefused:
                self._pending.token_refused = True
        self._require_public()
        return await super().post(part, text, ending)

    async def edit(self, post_id: str, text: str, ending: Ending) -> None:
        by_token = self._private or int(post_id) == self._pending.response_id
        if by_token and self._pending.token_valid:
            try:
                await self._edit_by_token(int(post_id), text, ending)
            except _TokenRefused:
                self._pending.token_refused = True
            else:
                self._last = post_id
                return
        self._require_public()
        await super().edit(post_id, text, ending)

    async def delete(self, post_id: str) -> None:
        if not self._private:
            await super().delete(post_id)
            return
        try:
            await self._by_token(lambda: self._webhook.delete_message(int(post_id)))
        except _TokenRefused:
            raise TokenGone from None

    def _require_public(self) -> None:
        """Raises TokenGone for a private answer: without the token, everybody would see it."""
        if self._private:
            raise TokenGone

    async def _by_token(self, request: Callable[[], Awaitable[T]]) -> T:
        """Send something with the token. Raises _TokenRefused when it is no longer valid."""
        try:
            return await self._request(request)
        except discord.HTTPException as error:
            if error.code in (UNKNOWN_WEBHOOK, INVALID_TOKEN):
                raise _TokenRefused from error
            raise

    async def _respond(self, text: str, ending: Ending) -> int:
        view, interaction = self._buttons(ending), self._pending.interaction
        self._pending.response_id = await self._by_token(
            lambda: posting.edit_response(interaction, text, view=view)
        )
        return self._pending.response_id

    async def _edit_by_token(self, message_id: int, text: str, ending: Ending) -> None:
        view, interaction = self._buttons(ending), self._pending.interaction
        await self._by_token(lambda: posting.edit_follow_up(interaction, message_id, text, view))

    async def _follow_up(self, text: str, ending: Ending) -> int:
        options, interaction = self._view(ending), self._pending.interaction
        return await self._by_token(
            lambda: posting.follow_up(interaction, text, ephemeral=True, **options)
        )


class TokenGone(Gone):
    """A private answer cannot be shown where it was asked any more."""


class _TokenRefused(Exception):
    """The token of an interaction is no longer valid."""
