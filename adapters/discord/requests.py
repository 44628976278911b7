"""Requests to Discord: repeated where that is safe, and what their failures mean."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import discord

WAITS = (0.3, 1.0, 2.0, 4.0, 8.0)  # seconds before each repetition

UNKNOWN_WEBHOOK, INVALID_TOKEN = 10015, 50027  # a token that is no longer good
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_INTERACTION = 10003, 10008, 10062
ACKNOWLEDGED = 40060
NO_REPLY_WITHOUT_HISTORY = 160002

# discord.py itself repeats 429, 500, 502, 504; not 503, and few of the ways a connection breaks.
BROKEN = (discord.DiscordServerError, aiohttp.ClientError, OSError, TimeoutError)

NOBODY = discord.AllowedMentions.none()
"""Given with every text that is sent or edited: nothing a model writes may ping."""

T = TypeVar("T")


async def persistently(allow: Callable[[], None], request: Callable[[], Awaitable[T]]) -> T:
    """A request that may be repeated: an edit, or a post with a nonce.

    Raises what `allow` raises before each attempt, and discord.py's errors.
    """
    for wait in WAITS:
        allow()
        try:
            return await request()
        except BROKEN:
            await asyncio.sleep(wait)
    allow()
    return await request()
