"""What `nellie doctor` asks Discord: the token, the intent, the commands, rights in channels."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

import discord

from adapters.discord import commands
from adapters.discord.cli import PERMISSIONS, application_of, link
from adapters.discord.client import READY
from adapters.discord.connection import prepare
from adapters.discord.requests import BROKEN
from adapters.discord.settings import Settings
from bot.ports import Finding

PATIENCE = 15.0  # seconds in which Discord must have told of all servers
SHOWN = 5  # servers and channels that are named
WITHHELD = 4014  # how the gateway closes on an intent that was not granted
COPY_IT = (
    "copy it anew from the Developer Portal (your application > Bot > Reset Token) into"
    " DISCORD_TOKEN"
)
SWITCH_ON = (
    "switch on Message Content Intent in the Developer Portal (your application > Bot), then"
    " start her again"
)
LET_THROUGH = "let this machine reach discord.com and gateway.discord.gg (firewall, proxy)"


async def checks(settings: Settings) -> AsyncGenerator[Finding]:
    """One login that listens to nothing, and a look around."""
    prepare(settings)
    intents = discord.Intents(guilds=True, guild_messages=True, message_content=True)
    client = discord.Client(
        intents=intents, max_messages=None, chunk_guilds_at_startup=False,
        member_cache_flags=discord.MemberCacheFlags.none(), guild_ready_timeout=READY,
    )  # fmt: skip
    try:
        async with client:
            await client.login(settings.token)
            yield Finding("token", "ok", f"accepted: {client.user}")
            yield await _registered(client)
            await _arrive(client)
            yield Finding("message content", "ok", "she may read what is said")
            for finding in _places(client, settings):
                yield finding
    except discord.LoginFailure:
        yield Finding("token", "wrong", "Discord does not accept it", COPY_IT)
    except (discord.DiscordException, *BROKEN) as error:
        if getattr(error, "code", 0) == WITHHELD:
            what = "without the intent she hears mentions, direct messages and commands only"
            yield Finding("message content", "wrong", what, SWITCH_ON)
            return
        what = f"Discord does not answer ({type(error).__name__})"
        yield Finding("connection", "wrong", what, LET_THROUGH)


async def _registered(client: discord.Client) -> Finding:
    tree = commands.tree(client)  # type: ignore[arg-type]  # only to list them
    ours = [command.to_dict(tree) for command in tree.get_commands()]
    theirs = await client.http.get_global_commands(client.application_id or 0)
    if commands.differs(ours, [dict(one) for one in theirs]):
        mend = "`nellie run` registers them; then reload Discord (Ctrl-R)"
        return Finding("commands", "note", "not those of this version", mend)
    return Finding("commands", "ok", f"{len(ours)} registered")


async def _arrive(client: discord.Client) -> None:
    """Return once she knows her servers. Raises what keeps her out."""
    connecting = asyncio.create_task(client.connect(reconnect=False))
    ready = asyncio.create_task(client.wait_until_ready())
    try:
        done, _ = await asyncio.wait(
            {connecting, ready}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED
        )
        if connecting in done:
            await connecting
        if ready not in done:
            raise TimeoutError
    finally:
        await client.close()
        for task in (connecting, ready):
            task.cancel()
        with suppress(Exception):  # what ends with the connection is no finding
            await asyncio.gather(connecting, ready, return_exceptions=True)


def _places(client: discord.Client, settings: Settings) -> list[Finding]:
    if not client.guilds:
        mend = f"open {link(application_of(settings.token))} and choose a server"
        return [Finding("servers", "note", "she is in none", mend)]
    found = [Finding("servers", "ok", ", ".join(guild.name for guild in client.guilds[:SHOWN]))]
    return found + [_rights(guild) for guild in client.guilds]


def _rights(guild: discord.Guild) -> Finding:
    lacking: dict[str, list[str]] = {}
    for channel in guild.text_channels:
        held = channel.permissions_for(guild.me)
        if not held.view_channel:  # a channel that is not for her
            continue
        for right, bit in PERMISSIONS.items():
            if not held.value >> bit & 1:
                lacking.setdefault(right, []).append(f"#{channel.name}")
    what = f"rights in {guild.name}"
    if not lacking:
        return Finding(what, "ok", "all, wherever she is")
    said = "; ".join(f"{right} is missing in {_few(names)}" for right, names in lacking.items())
    mend = f"allow {', '.join(lacking)} for her role there (Edit Channel > Permissions)"
    return Finding(what, "wrong", said, mend)


def _few(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"
