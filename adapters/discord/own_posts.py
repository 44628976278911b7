"""Our own messages on Discord: which of them belong to a turn."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import discord
import structlog

from adapters.discord.client import Client
from adapters.discord.garbled import Garbled
from adapters.discord.pages import read_posts
from bot.domain.continuations import pressed_turn
from bot.domain.model import Turn
from bot.domain.reminders import reminder_of

SEARCHED = 200  # messages after the question among which its answer is looked for

log = structlog.get_logger(__name__, platform="discord")


@dataclass(frozen=True, slots=True)
class OwnPosts:
    """Finds the messages of an answer in the history of their channel."""

    client: Client

    async def find(self, turn: Turn) -> tuple[str, ...]:
        """The ids of a turn's messages, oldest first: those that are stored, and those found.

        A private answer stands in no history: of it, only what is stored is known.
        """
        if turn.private:
            return turn.posted
        own = set(turn.posted)
        async for message in self._after(
            turn, self.client.get_partial_messageable(channel_id(turn))
        ):
            if message.author.id == self.client.own_id and _belongs(message, turn, own):
                own.add(str(message.id))
        return tuple(sorted(own, key=int))

    async def find_direct(self, turn: Turn, channel: discord.PartialMessageable) -> tuple[str, ...]:
        """What of a private answer stands in the asker's direct messages, oldest first."""
        found = []
        async for message in self._after(turn, channel):
            known = str(message.id) in turn.posted
            if known or str(message.nonce or "").startswith(f"{turn.id}."):
                found.append(str(message.id))
        return tuple(found)

    async def _after(
        self, turn: Turn, channel: discord.PartialMessageable
    ) -> AsyncGenerator[discord.Message]:
        """What follows the question, oldest first, without what cannot be read."""
        looked_at = 0
        try:
            async with aclosing(
                read_posts(self.client, channel, after=_question_at(turn))
            ) as posts:
                async for post in posts:
                    looked_at += 1
                    if isinstance(post, discord.Message):
                        yield post
                    if looked_at == SEARCHED:
                        return
        except discord.HTTPException as error:
            log.warning("own_posts_not_searched", turn=turn.id, code=error.code)
        except Garbled as error:
            log.warning("own_posts_not_searched", turn=turn.id, error=str(error))


def channel_id(turn: Turn) -> int:
    """Discord's id of the channel, or of the thread, in which a turn is answered."""
    return int(turn.trigger.thread or turn.channel.id)


def _question_at(turn: Turn) -> int:
    """The question as a point in history; a scheduled digest has none, but a time."""
    id_ = turn.trigger.id
    return int(id_) if id_.isdecimal() else discord.utils.time_snowflake(turn.trigger.at)


def _belongs(message: discord.Message, turn: Turn, own: set[str]) -> bool:
    """By its nonce, by the command it answers, or by what it replies to: each part to the last."""
    if str(message.nonce or "").startswith(f"{turn.id}."):
        return True
    command = message.interaction_metadata
    if command and str(command.id) == turn.trigger.id:
        return True
    fixed = turn.trigger.author.nellie and reminder_of(turn.trigger) is None
    if fixed and turn.trigger.reply == message.content:
        return True  # the introduction, whatever Discord has kept of its nonce
    replied_to = str(message.reference.message_id) if message.reference else ""
    asked = turn.trigger.id if pressed_turn(turn.trigger) is None else turn.trigger.reply_to
    return bool(replied_to) and (replied_to == asked or replied_to in own)
