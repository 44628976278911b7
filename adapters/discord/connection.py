"""Staying connected: one login after another, each until it is of no use any more."""

import asyncio
import logging
from collections.abc import AsyncGenerator

import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket

from adapters.discord import commands
from adapters.discord.arriving import keep_up
from adapters.discord.client import Client
from adapters.discord.requests import BROKEN
from adapters.discord.settings import TOKEN, Settings
from bot.errors import SettingsError
from bot.ports import Door

WAIT, LONGEST = 1.0, 60.0  # seconds before another attempt, doubled each time up to this
DEAD = 60.0  # seconds without a session after which the connection is made anew
LOOK = 2.0  # seconds between looks at it
AGAIN = 5.0  # seconds until a task that goes on is cancelled again
NOT_AUTHENTICATED = 4004

REFUSED = (
    "Discord does not accept this token; copy it anew from the Developer Portal"
    " (your application > Bot > Reset Token)."
)
NO_CONTENTS = (
    "discord: without the Message Content Intent only mentions, direct messages and commands are"
    " heard; switch it on in the Developer Portal (your application > Bot) and restart"
)

log = structlog.get_logger(__name__)


async def connected(settings: Settings, door: Door) -> AsyncGenerator[Client | None]:
    """Each client as it has logged in, and None when it is closed. Raises SettingsError."""
    prepare(settings)
    contents, wait = True, WAIT
    while True:
        client = Client(settings, door, contents=contents)
        try:
            await client.login(settings.token)
            yield client
            wait = WAIT
            await _serve(client)
        except discord.PrivilegedIntentsRequired:
            log.warning(NO_CONTENTS)
            contents = False
        except (discord.DiscordException, *BROKEN) as error:
            if _is_refusal(error):
                raise SettingsError(name=TOKEN, reason=REFUSED) from None
            log.warning("discord cannot be reached", error=type(error).__name__)
        finally:
            await client.close()
        yield None
        await asyncio.sleep(wait if contents else 0)
        wait = min(LONGEST, wait * 2)


def prepare(settings: Settings) -> None:
    """Point the library where the settings say, and keep it from logging tokens."""
    if settings.api:
        discord.http.Route.BASE = settings.api
    if settings.gateway:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway)
    # Its lines hold addresses with tokens in them, and tracebacks; what matters is said here.
    library = logging.getLogger("discord")
    library.addHandler(logging.NullHandler())
    library.propagate = False


def _is_refusal(error: BaseException) -> bool:
    return isinstance(error, discord.LoginFailure) or (
        isinstance(error, discord.ConnectionClosed) and error.code == NOT_AUTHENTICATED
    )


async def _serve(client: Client) -> None:
    """Listen until the client is closed. Raises what makes another login necessary."""
    helpers = [asyncio.create_task(keep_up(client)), asyncio.create_task(_register(client))]
    try:
        while not client.is_closed():
            await _listen(client)
    finally:
        await _end(*helpers)


async def _listen(client: Client) -> None:
    """One connection with all its resumptions, for as long as it lives."""
    listening = asyncio.create_task(client.connect())
    dying = asyncio.create_task(_dead(client))
    try:
        await asyncio.wait({listening, dying}, return_when=asyncio.FIRST_COMPLETED)
        if not listening.done():
            log.warning("discord was silent for too long; connecting anew")
            return
        await listening
    except (discord.DiscordException, *BROKEN):
        raise
    except Exception as error:  # whatever a garbled frame makes discord.py raise
        log.warning("discord sent what cannot be read; connecting anew", error=type(error).__name__)
        await asyncio.sleep(WAIT)
    finally:
        await _end(listening, dying)
        if client.ws and client.ws.open and not client.is_closed():
            await client.ws.close(code=4000)


async def _end(*tasks: asyncio.Task[None]) -> None:
    """Cancel tasks until they have ended: discord.py may swallow a cancellation."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=AGAIN)


async def _dead(client: Client) -> None:
    """Return when there has been no session for too long: its own waits grow to minutes."""
    silent = 0.0
    while silent < DEAD:
        await asyncio.sleep(LOOK)
        silent = 0.0 if client.online else silent + LOOK


async def _register(client: Client) -> None:
    """Register the commands, where Discord has other ones."""
    ours = [command.to_dict(client.tree) for command in client.tree.get_commands()]
    try:
        theirs = await client.http.get_global_commands(client.application_id or client.own_id)
        if commands.differs(ours, [dict(one) for one in theirs]):
            await client.tree.sync()
            log.info("commands registered", commands=len(ours))
    except (discord.DiscordException, *BROKEN) as error:
        log.warning("commands were not registered", error=type(error).__name__)
