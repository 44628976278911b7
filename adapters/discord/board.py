"""Where an answer stands on Discord: messages in a channel, or the reply to an interaction."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import discord

from adapters.discord.asking import Ask
from adapters.discord.buttons import below
from adapters.discord.outgoing import Ending, Gone
from adapters.discord.requests import (
    INVALID_TOKEN,
    NO_REPLY_WITHOUT_HISTORY,
    NOBODY,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
    persistently,
)
from bot.conversation import Turn
from bot.ports import Posts

T = TypeVar("T")


class ChannelBoard:
    """Messages in a channel, the first a reply to the question and each next one to the last."""

    def __init__(self, channel: discord.PartialMessageable, turn: Turn, posts: Posts) -> None:
        self.channel = channel
        self.turn = turn
        self.posts = posts
        self._last = turn.trigger.id if turn.trigger.link else ""
        self._renewed = 0

    async def post(self, part: int, text: str, ending: Ending) -> str:
        """Post a part; sent again, it is the same message, for it has a nonce of its own."""
        view = self.buttons(ending)
        more: dict[str, Any] = {"view": view} if view else {}
        try:
            sent = await self._sent(text, f"{self.turn.id}.{part}", more)
        except Gone:  # one with this nonce was deleted: this is to be a new one
            self._renewed += 1
            sent = await self._sent(text, f"{self.turn.id}.{part}.{self._renewed}", more)
        return await self.noted(str(sent.id))

    async def edit(self, post: str, text: str, ending: Ending) -> None:
        message = self.channel.get_partial_message(int(post))
        await self.request(
            lambda: message.edit(content=text, view=self.buttons(ending), allowed_mentions=NOBODY)
        )
        self._last = post

    async def delete(self, post: str) -> None:
        message = self.channel.get_partial_message(int(post))
        await self.request(message.delete)

    def notice(self) -> str:
        """How many questions are before this one."""
        before = self.posts.before
        if before is None:
            return ""
        return f"-# {before:,} before you" if before else "-# You are next"

    def buttons(self, ending: Ending) -> discord.ui.View | None:
        """What a message offers below its text."""
        return below(self.turn, ending, incomplete=self.posts.incomplete)

    async def noted(self, post: str) -> str:
        """Keep what was posted, and where the next part belongs."""
        self._last = post
        await self.posts.add(post)
        return post

    async def request(self, send: Callable[[], Awaitable[T]]) -> T:
        """Send something that may be sent twice. Raises Gone, Fenced and discord.py's errors."""
        try:
            return await persistently(self.posts.allow, send)
        except discord.NotFound as error:
            if error.code in (UNKNOWN_MESSAGE, UNKNOWN_CHANNEL) or not error.code:
                raise Gone from error
            raise

    async def _sent(self, text: str, nonce: str, more: dict[str, Any]) -> discord.Message:
        try:
            return await self.request(
                lambda: self._send(text, nonce, {**self._reference(), **more})
            )
        except discord.HTTPException as error:
            if error.code != NO_REPLY_WITHOUT_HISTORY:
                raise
        self._last = ""
        return await self.request(lambda: self._send(text, nonce, more))

    async def _send(self, text: str, nonce: str, more: dict[str, Any]) -> discord.Message:
        return await self.channel.send(
            text, nonce=nonce, allowed_mentions=NOBODY, suppress_embeds=True, **more
        )

    def _reference(self) -> dict[str, Any]:
        if not self._last:
            return {}
        return {
            "reference": discord.MessageReference(
                message_id=int(self._last), channel_id=self.channel.id, fail_if_not_exists=False
            ),
            "mention_author": False,
        }


class AskBoard(ChannelBoard):
    """The reply to an interaction: its first part by the token, as long as that is good.

    What follows is posted in the channel, where a nonce keeps it from coming twice. A private
    answer has nothing but the token.
    """

    def __init__(
        self, channel: discord.PartialMessageable, turn: Turn, posts: Posts, ask: Ask
    ) -> None:
        super().__init__(channel, turn, posts)
        self.ask = ask

    async def post(self, part: int, text: str, ending: Ending) -> str:
        if (part == 0 or self.ask.private) and await self._usable():
            try:
                show = self._respond if part == 0 else self._follow_up
                return await self.noted(str(await show(text, ending)))
            except _Spent:
                self.ask.spent = True
        if self.ask.private:
            raise Gone
        return await super().post(part, text, ending)

    async def edit(self, post: str, text: str, ending: Ending) -> None:
        if self._has_token(post):
            try:
                await self._edit(int(post), text, ending)
            except _Spent:
                self.ask.spent = True
            else:
                self._last = post
                return
        if self.ask.private:
            raise Gone
        await super().edit(post, text, ending)

    async def delete(self, post: str) -> None:
        if self.ask.private:
            followup = self.ask.interaction.followup
            await self._by_token(lambda: followup.delete_message(int(post)))
        else:
            await super().delete(post)

    def _has_token(self, post: str) -> bool:
        return self.ask.fresh and (self.ask.private or int(post) == self.ask.original)

    async def _usable(self) -> bool:
        return await self.ask.acknowledge() and self.ask.fresh

    async def _by_token(self, send: Callable[[], Awaitable[T]]) -> T:
        """Send something with the token. Raises _Spent when that is no longer good."""
        try:
            return await self.request(send)
        except discord.HTTPException as error:
            if error.code in (UNKNOWN_WEBHOOK, INVALID_TOKEN):
                raise _Spent from error
            raise

    async def _respond(self, text: str, ending: Ending) -> int:
        message = await self._by_token(
            lambda: self.ask.interaction.edit_original_response(
                content=text, view=self.buttons(ending), allowed_mentions=NOBODY
            )
        )
        self.ask.original = message.id
        return message.id

    async def _edit(self, post: int, text: str, ending: Ending) -> None:
        await self._by_token(
            lambda: self.ask.interaction.followup.edit_message(
                post, content=text, view=self.buttons(ending), allowed_mentions=NOBODY
            )
        )

    async def _follow_up(self, text: str, ending: Ending) -> int:
        view = self.buttons(ending)
        more: dict[str, Any] = {"view": view} if view else {}
        sent = await self._by_token(
            lambda: self.ask.interaction.followup.send(
                text, ephemeral=True, wait=True, allowed_mentions=NOBODY, suppress_embeds=True,
                **more,
            )
        )  # fmt: skip
        return sent.id


class _Spent(Exception):
    """The token of an interaction is no longer good."""
