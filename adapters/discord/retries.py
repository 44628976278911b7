"""Requests to Discord: which of their failures pass, and how they are repeated."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import discord

from bot.domain.ports import DeliveryLog

WAITS = (0.3, 1.0, 2.0, 4.0, 8.0)  # seconds before each repetition

UNKNOWN_WEBHOOK, INVALID_TOKEN = 10015, 50027  # an interaction's token is no longer good
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE = 10003, 10008
ALREADY_ACKNOWLEDGED = 40060
NO_REPLY_WITHOUT_HISTORY = 160002

# discord.py itself repeats 429, 500, 502, 504; not 503, and few of the ways a connection breaks.
TRANSIENT_ERRORS = (discord.DiscordServerError, aiohttp.ClientError, OSError, TimeoutError)

T = TypeVar("T")


async def retry_request(
    request: Callable[[], Awaitable[T]], delivery_log: DeliveryLog | None = None
) -> T:
    """The result of a request that may be sent twice: an edit, or a post with a nonce.

    With a delivery log, the lease is required before each attempt (raises Fenced). Raises
    discord.py's errors, and a transient one when it has not passed after all attempts.
    """

    async def attempt() -> T:
        if delivery_log:
            delivery_log.require_lease()
        return await request()

    for wait in WAITS:
        try:
            return await attempt()
        except TRANSIENT_ERRORS:
            await asyncio.sleep(wait)
    return await attempt()
