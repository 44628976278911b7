"""Delivering an answer: where it goes, what goes before it, and what is said when it cannot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime

import discord
import structlog

from adapters.discord.board import AskBoard, ChannelBoard
from adapters.discord.client import Client
from adapters.discord.outgoing import Answer, Gone
from adapters.discord.requests import BROKEN
from bot.conversation import Turn
from bot.errors import Fenced
from bot.ports import Posts

TYPING_AFTER = 0.5  # seconds without a word before she is shown typing
TYPING_LASTS = 8.0  # seconds; Discord shows it for 10
LATE = 5.0  # seconds after a takeover until a post of the dead replica must have come in
SEARCHED = 200  # messages after the question among which its answer is looked for

log = structlog.get_logger(__name__)


async def deliver(client: Client, turn: Turn, text: AsyncIterator[str], posts: Posts) -> None:
    """Show an answer. A place that does not take it is given up with one line in the log."""
    board = _board(client, turn, posts)
    if board is None or board.channel.id in client.silenced:
        return
    stands = turn.posted or await _acknowledged(client, turn, posts)
    answer = Answer(board, client.pace(board.channel.id), stands)
    typing = asyncio.create_task(_typing(board))
    try:
        await answer.show(_heralded(text, typing))
    except Gone:
        log.warning("an answer's place is gone", turn=turn.id, channel=board.channel.id)
    except discord.Forbidden as error:
        client.silenced.add(board.channel.id)
        log.warning(
            "discord: answers may not be posted here; allow Send Messages (in threads too) and"
            " Read Message History", channel=board.channel.id, code=error.code,
        )  # fmt: skip
    finally:
        typing.cancel()
    if turn.attempts > 1 and not turn.trigger.private:
        client.later(_tidy(client, turn, board, answer.posts))


async def posted(client: Client, turn: Turn) -> tuple[str, ...]:
    """What stands in the channel of an answer: what is stored, and what refers to it."""
    if turn.trigger.private:
        return turn.posted
    mine = set(turn.posted)
    try:
        async for said in _channel(client, turn).history(
            limit=SEARCHED, after=_asked_at(turn), oldest_first=True
        ):
            if said.author.id == client.own_id and _belongs(said, turn, mine):
                mine.add(str(said.id))
    except discord.HTTPException as error:
        log.warning("an answer was not looked for", turn=turn.id, code=error.code)
    return tuple(sorted(mine, key=int))


def _asked_at(turn: Turn) -> discord.Object | datetime:
    """Where the question stands; what is posted by the clock has a time alone."""
    id_ = turn.trigger.id
    return discord.Object(int(id_)) if id_.isdecimal() else turn.trigger.at


def _board(client: Client, turn: Turn, posts: Posts) -> ChannelBoard | None:
    channel, ask = _channel(client, turn), client.asks.get(turn.trigger.id)
    if ask:
        return AskBoard(channel, turn, posts, ask)
    if turn.trigger.private:
        log.warning("a private answer is lost: only the process that was asked can show it")
        return None
    return ChannelBoard(channel, turn, posts)


def _channel(client: Client, turn: Turn) -> discord.PartialMessageable:
    return client.get_partial_messageable(int(turn.trigger.thread or turn.channel.id))


def _belongs(said: discord.Message, turn: Turn, mine: set[str]) -> bool:
    """By its nonce, by the command it answers, or by what it replies to: each part to the last."""
    if str(said.nonce or "").startswith(f"{turn.id}."):
        return True
    if said.interaction_metadata and str(said.interaction_metadata.id) == turn.trigger.id:
        return True
    to = str(said.reference.message_id) if said.reference else ""
    return bool(to) and (to == turn.trigger.id or to in mine)


async def _heralded(text: AsyncIterator[str], typing: "asyncio.Task[None]") -> AsyncIterator[str]:
    """The text; with its first word, she is not shown typing any more."""
    async for piece in text:
        if piece.strip():
            typing.cancel()
        yield piece


async def _typing(board: ChannelBoard) -> None:
    if isinstance(board, AskBoard):
        return  # an acknowledged command shows that she thinks
    await asyncio.sleep(TYPING_AFTER)
    with suppress(Fenced, discord.DiscordException, *BROKEN):
        while True:
            board.posts.allow()
            await board.channel.typing()
            await asyncio.sleep(TYPING_LASTS)


async def _acknowledged(client: Client, turn: Turn, posts: Posts) -> tuple[str, ...]:
    """Where a process that has died since told Discord that the answer to a command comes."""
    trigger = turn.trigger
    if turn.attempts > 1:
        return ()  # it was looked for already
    if trigger.link or trigger.author.nellie or trigger.private or client.asks.get(trigger.id):
        return ()  # it is no command, or it came to this process
    found = await posted(client, turn)
    for post in found:
        await posts.add(post)
    return found


async def _tidy(client: Client, turn: Turn, board: ChannelBoard, kept: list[str]) -> None:
    """After a takeover, look once more: the replica that died may have posted at the last."""
    await asyncio.sleep(LATE)
    for post in await posted(client, turn):
        if post not in kept:
            with suppress(Gone, Fenced, discord.DiscordException, *BROKEN):
                await board.delete(post)
                log.warning("a late double was removed", turn=turn.id)
