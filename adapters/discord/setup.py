"""`nellie discord setup`: the bot, its token and intent, a server, and the first mention."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import discord

from adapters.discord.client import configure_library
from adapters.discord.doctor_checks import PORTAL, checks
from adapters.discord.invitation import application_id_of, invitation
from adapters.discord.retries import TRANSIENT_ERRORS
from adapters.discord.settings import TOKEN, DiscordSettings
from adapters.kit.setup import terminal
from adapters.kit.setup.wizard import Secret, Wizard, collect
from bot.domain.errors import SettingsError
from bot.domain.findings import Finding
from bot.domain.http_proxy import find_proxy

LOOK_EVERY = 3.0  # seconds between two looks whether she is on a server
NEW_BOT = f"{PORTAL}?new_application=true"
_PARTS = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_OTHERS = {
    r"\d{15,21}": "an id; the token has three parts with dots between",
    r"[0-9a-f]{64}": "the application's public key; the token is on the page Bot",
    r"[\w-]{32}": "the application's client secret; the token is on the page Bot",
    r"mfa\..*": "a person's token; Nellie is a bot, and has one on the page Bot",
    r"xox.-.*|xapp-.*": "a token of Slack: `nellie slack setup` takes it",
    r"https?://.*": "an address",
}
"""What is copied in place of a token."""


def set_up(environ: Mapping[str, str]) -> int:
    """Lead through it; returns the exit code."""
    return Wizard("nellie discord setup", environ).run(lambda wizard: _walk(wizard, environ), TOKEN)


def fault_of(token: str) -> str:
    """What is wrong with a token by its looks; "" where nothing is."""
    for pattern, what in _OTHERS.items():
        if re.fullmatch(pattern, token, re.ASCII):
            return f"it is {what}"
    if not _PARTS.fullmatch(token) or not application_id_of(token):
        return "a bot's token has three parts with dots between, and nothing around them"
    return ""


def _walk(wizard: Wizard, environ: Mapping[str, str]) -> None:
    terminal.say(
        "Nellie comes to Discord as a bot of your own. Three steps; Ctrl-C stops any time."
    )
    token = Secret(
        name=TOKEN,
        called="token",
        where="the page Bot",
        fault=fault_of,
        check=lambda value: _check(environ, value),
        decisive="token",
    )
    if not wizard.has(token):
        _tell_how_to_make_it()
    settings = _settings(environ, wizard.obtain(token))
    place = _bring_to_server(settings)
    wizard.finish(f"Mention Nellie {place}: @Nellie what can you do?")


def _tell_how_to_make_it() -> None:
    terminal.say("\n1. Make a bot, in the Developer Portal:")
    terminal.say(f"   {NEW_BOT}")
    terminal.say("   - New Application: call it Nellie, and press Create.")
    terminal.say(
        "   - Page Bot, under Privileged Gateway Intents: switch on Message Content Intent,"
    )
    terminal.say("     and save. Without it Nellie cannot remember what is said.")
    terminal.say("   - The same page: press Reset Token, and copy the token.")
    terminal.offer_browser(NEW_BOT)


async def _check(environ: Mapping[str, str], token: str) -> AsyncIterator[Finding]:
    """What the doctor says of a token, but for what `nellie run` and the next step do by itself."""
    async for finding in checks(_settings(environ, token)):
        if (finding.name, finding.state) not in (("commands", "note"), ("servers", "note")):
            yield finding


def _settings(environ: Mapping[str, str], token: str) -> DiscordSettings:
    """Raises SettingsError."""
    settings = DiscordSettings.read({**environ, TOKEN: token})
    if not settings:
        raise SettingsError(name=TOKEN, reason="it is empty")
    return settings


def _bring_to_server(settings: DiscordSettings) -> str:
    """Where Nellie can be mentioned; waits until somebody has invited the bot."""
    if place := asyncio.run(_wait_for_server(settings, patient=False)):
        return place
    link = invitation(application_id_of(settings.token))
    terminal.say("\n2. Invite Nellie to a server where you have Manage Server:")
    terminal.say(f"   {link}")
    terminal.offer_browser(link)
    place = asyncio.run(_wait_for_server(settings, patient=True))
    if not place:
        return "on your server, once the link has brought it there"
    collect(checks(settings))  # once more: now its rights can be seen
    return place


async def _wait_for_server(settings: DiscordSettings, *, patient: bool) -> str:
    """Asks for the list of servers, which costs no login at the gateway."""
    configure_library(settings)
    proxy = find_proxy(discord.http.Route.BASE)
    async with discord.Client(intents=discord.Intents.none(), proxy=proxy) as client:

        async def look() -> str:
            with suppress(discord.DiscordException, *TRANSIENT_ERRORS):
                async for guild in client.fetch_guilds(limit=1):
                    return await _place_in(guild)
            return ""

        with suppress(discord.DiscordException, *TRANSIENT_ERRORS):
            await client.login(settings.token)
            if patient:
                return await terminal.wait_until_found(look, every=LOOK_EVERY) or ""
            return await look()
    return ""


async def _place_in(guild: discord.Guild) -> str:
    """A channel of a server, in words: the one that is called general, or the first."""
    channels: list[Any] = []
    with suppress(discord.DiscordException, *TRANSIENT_ERRORS):
        channels = [
            one for one in await guild.fetch_channels() if isinstance(one, discord.TextChannel)
        ]
    channels.sort(key=lambda one: (one.name != "general", one.position))
    terminal.say(f"  ok: server: Nellie is on {guild.name}")
    return f"in #{channels[0].name}" if channels else f"on {guild.name}"
