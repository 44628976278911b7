"""`nellie slack setup`: the app, both tokens, a channel, and the first mention."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping

import aiohttp
from slack_sdk.errors import SlackApiError

from adapters.kit.setup import terminal
from adapters.kit.setup.wizard import Secret, Stopped, Wizard
from adapters.slack.doctor_checks import (
    APPS,
    check_app_token,
    check_bot_token,
    find_app,
    list_channels,
)
from adapters.slack.library_log import LIBRARY_LOGGER
from adapters.slack.manifest import NEW_APP, link_to_new_app
from adapters.slack.settings import SlackSettings, fault_of
from adapters.slack.web_api import WebApi
from bot.domain.findings import Finding

BOT, APP, MODE = "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "NELLIE_SLACK_MODE"
LOOK_EVERY = (
    3.0  # seconds between two looks whether Nellie is in a channel: Slack allows 50 a minute
)


def set_up(environ: Mapping[str, str]) -> int:
    """Lead through it; returns the exit code."""
    LIBRARY_LOGGER.setLevel(logging.CRITICAL + 1)  # what it would log is said in words
    return Wizard("nellie slack setup", environ).run(
        lambda wizard: _walk(wizard, environ), f"{BOT} and {APP}"
    )


def _walk(wizard: Wizard, environ: Mapping[str, str]) -> None:
    if environ.get(MODE, "").strip() == "http":
        reason = f"{MODE} is http, and this leads through sockets, which need no public address"
        raise Stopped(
            reason=f"{reason}: unset it, or put the token and the signing secret into .env."
        )
    terminal.say("Nellie comes to Slack as an app of your own. Four steps; Ctrl-C stops any time.")
    bot, app = _secrets(environ)
    if not wizard.has(bot):
        _tell_how_to_make_it()
    bot_token = wizard.obtain(bot)
    if not wizard.has(app):
        _tell_of_app_token(_settings(environ, bot_token))
    app_token = wizard.obtain(
        Secret(**{**vars(app), "check": lambda token: _check_app(environ, bot_token, token)})
    )
    place = _bring_to_channel(_settings(environ, bot_token, app_token))
    wizard.finish(f"Mention Nellie {place}: @Nellie what can you do?")


def _secrets(environ: Mapping[str, str]) -> tuple[Secret, Secret]:
    bot = Secret(
        name=BOT,
        called="Bot User OAuth Token (xoxb-...)",
        where="OAuth & Permissions",
        fault=lambda token: fault_of(BOT, token),
        check=lambda token: _check_bot(environ, token),
        decisive="bot token",
    )
    app = Secret(
        name=APP,
        called="app-level token (xapp-...)",
        where="Basic Information",
        fault=lambda token: fault_of(APP, token),
        check=lambda token: _check_app(environ, "", token),
        decisive="app token",
    )
    return bot, app


def _tell_how_to_make_it() -> None:
    link = link_to_new_app()
    terminal.say("\n1. Make the app, by this link: all that Nellie needs is filled in.")
    terminal.say(f"\n{link}\n")
    terminal.say(f"   Should the form be empty, open {NEW_APP}")
    terminal.say("   and choose From a manifest; `nellie slack manifest` prints what to paste.")
    terminal.say("   - Choose your workspace, Next, Create.")
    terminal.say("   - Page Install App (or OAuth & Permissions): Install to Workspace, Allow.")
    terminal.say("   - Copy the Bot User OAuth Token, which begins with xoxb-.")
    terminal.offer_browser(link)


def _tell_of_app_token(settings: SlackSettings) -> None:
    page = asyncio.run(_find_page(settings))
    terminal.say("\n2. Let Nellie hear what happens, over a socket. In the settings of your app,")
    terminal.say(f"   {page}")
    terminal.say("   - Page Basic Information, under App-Level Tokens: Generate Token and Scopes.")
    terminal.say("   - Any name; Add Scope: connections:write; Generate; Copy.")


async def _find_page(settings: SlackSettings) -> str:
    """The settings of the bot token's app, or the list of all apps."""
    api = WebApi(settings)
    async with api.session():
        app = await find_app(api)
    return f"{APPS}/{app}/general" if app else APPS


def _settings(environ: Mapping[str, str], bot_token: str, app_token: str = "") -> SlackSettings:
    """Raises SettingsError. Without an app-level token, of an app that opens no socket yet."""
    given = {**environ, BOT: bot_token, APP: app_token or "xapp-none-yet"}
    settings = SlackSettings.read(given)
    if not settings:
        raise Stopped(reason=f"{BOT} is empty.")
    return settings


async def _check_bot(environ: Mapping[str, str], token: str) -> AsyncIterator[Finding]:
    api = WebApi(_settings(environ, token))
    async with api.session():
        async for finding in check_bot_token(api):
            yield finding


async def _check_app(
    environ: Mapping[str, str], bot_token: str, token: str
) -> AsyncIterator[Finding]:
    api = WebApi(_settings(environ, bot_token, token))
    async with api.session():
        yield await check_app_token(api)


def _bring_to_channel(settings: SlackSettings) -> str:
    """Where Nellie can be mentioned; waits until somebody has invited it."""
    if places := asyncio.run(_wait_for_channel(settings, patient=False)):
        return places
    terminal.say("\n3. Bring Nellie into a channel. Write there: /invite @Nellie")
    place = asyncio.run(_wait_for_channel(settings, patient=True))
    return place or "in a channel, once you have written /invite @Nellie there"


async def _wait_for_channel(settings: SlackSettings, *, patient: bool) -> str:
    api = WebApi(settings)

    async def look() -> str:
        try:
            names = await list_channels(api)
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError):
            return ""
        if names:
            terminal.say(f"  ok: channel: Nellie is in #{names[0]}")
        return f"in #{names[0]}" if names else ""

    async with api.session():
        if patient:
            return await terminal.wait_until_found(look, every=LOOK_EVERY) or ""
        return await look()
