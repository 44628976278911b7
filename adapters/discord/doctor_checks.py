"""What `nellie doctor` asks Discord: the token, the intent, the commands, rights in channels."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

import discord

from adapters.discord.client import GUILDS_WAIT, configure_library
from adapters.discord.command_registration import are_registered
from adapters.discord.commands import command_tree
from adapters.discord.invitation import PERMISSIONS, application_id_of, invitation
from adapters.discord.retries import TRANSIENT_ERRORS
from adapters.discord.settings import DiscordSettings
from adapters.kit.unreachable import explain
from bot.domain.errors import SettingsError
from bot.domain.http_proxy import find_proxy
from bot.domain.ports import Finding

READY_WITHIN = 15.0  # seconds in which Discord must have reported all servers
NAMED = 5  # servers and channels that are named
INTENT_WITHHELD = 4014  # how the gateway closes on an intent that was not granted
COPY_IT_ANEW = (
    "copy it anew from the Developer Portal (your application > Bot > Reset Token) into"
    " DISCORD_TOKEN"
)
GRANT_INTENT = (
    "switch on Message Content Intent at {page} and save, then start her again (if she runs)"
)
CODE_GRANT = "switch off Requires OAuth2 Code Grant at {page} and save"
PORTAL = "https://discord.com/developers/applications"
OPEN_FIREWALL = "let this machine reach discord.com and gateway.discord.gg (HTTPS_PROXY, firewall)"


async def checks(settings: DiscordSettings) -> AsyncGenerator[Finding]:
    """One login that listens to nothing, and a look around."""
    configure_library(settings)
    try:
        proxy = find_proxy(discord.http.Route.BASE)
    except SettingsError as error:
        yield Finding("connection", "wrong", str(error), OPEN_FIREWALL)
        return
    client = discord.Client(
        proxy=proxy,
        intents=discord.Intents(guilds=True, guild_messages=True, message_content=True),
        max_messages=None,
        chunk_guilds_at_startup=False,
        member_cache_flags=discord.MemberCacheFlags.none(),
        guild_ready_timeout=GUILDS_WAIT,
    )
    try:
        async with client:
            await client.login(settings.token)
            yield Finding("token", "ok", f"accepted: {client.user}")
            if client.application and client.application.bot_require_code_grant:
                mend = CODE_GRANT.format(page=page_of(settings))
                yield Finding("invitation", "wrong", "its link does not work alone", mend)
            yield await _check_commands(client)
            await _connect_until_ready(client)
            yield Finding("message content", "ok", "she may read what is said")
            for finding in _check_servers(client, settings):
                yield finding
    except discord.LoginFailure:
        yield Finding("token", "wrong", "Discord does not accept it", COPY_IT_ANEW)
    except (discord.DiscordException, *TRANSIENT_ERRORS) as error:
        if getattr(error, "code", 0) == INTENT_WITHHELD:
            what = "without the intent she hears mentions, direct messages and commands only"
            mend = GRANT_INTENT.format(page=page_of(settings))
            yield Finding("message content", "wrong", what, mend)
            return
        reason, mend = explain(error, OPEN_FIREWALL)
        if isinstance(error, discord.HTTPException):
            reason, mend = f"status {error.status}", "wait a minute; https://discordstatus.com"
        yield Finding("connection", "wrong", f"Discord does not answer ({reason})", mend)


def page_of(settings: DiscordSettings) -> str:
    """The page of the Developer Portal with the token and the intents."""
    return f"{PORTAL}/{application_id_of(settings.token)}/bot"


async def _check_commands(client: discord.Client) -> Finding:
    tree = command_tree(client)
    if not await are_registered(client, tree):
        mend = "`nellie run` registers them; then reload Discord (Ctrl-R)"
        return Finding("commands", "note", "not those of this version", mend)
    return Finding("commands", "ok", f"{len(tree.get_commands())} registered")


async def _connect_until_ready(client: discord.Client) -> None:
    """Connect, and return once all servers are known. Raises what prevents it."""
    connecting = asyncio.create_task(client.connect(reconnect=False))
    ready = asyncio.create_task(client.wait_until_ready())
    try:
        done, _ = await asyncio.wait(
            {connecting, ready}, timeout=READY_WITHIN, return_when=asyncio.FIRST_COMPLETED
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


def _check_servers(client: discord.Client, settings: DiscordSettings) -> list[Finding]:
    if not client.guilds:
        mend = f"open {invitation(application_id_of(settings.token))} and choose a server"
        return [Finding("servers", "note", "she is in none", mend)]
    names = ", ".join(guild.name for guild in client.guilds[:NAMED])
    return [Finding("servers", "ok", names), *map(_check_rights, client.guilds)]


def _check_rights(guild: discord.Guild) -> Finding:
    lacking: dict[str, list[str]] = {}
    for channel in guild.text_channels:
        rights = channel.permissions_for(guild.me)
        if not rights.view_channel:  # the channel is not meant for her
            continue
        for right, bit in PERMISSIONS.items():
            if not rights.value >> bit & 1:
                lacking.setdefault(right, []).append(f"#{channel.name}")
    name = f"rights in {guild.name}"
    if not lacking:
        return Finding(name, "ok", "all, wherever she is")
    what = "; ".join(f"{right} is missing in {_few(names)}" for right, names in lacking.items())
    mend = f"allow {', '.join(lacking)} for her role there (Edit Channel > Permissions)"
    return Finding(name, "wrong", what, mend)


def _few(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"
