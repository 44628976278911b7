"""What `nellie doctor` asks Slack: both tokens, the scopes, the sockets, and the channels."""

import re
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.kit.unreachable import explain
from adapters.slack.api_errors import INVALID_TOKEN, UNCERTAIN, error_code
from adapters.slack.connection import APP_TOKEN_REASONS
from adapters.slack.settings import SlackSettings
from adapters.slack.web_api import WebApi
from bot.domain.ports import Finding

SCOPES = {
    "app_mentions:read": "Nellie does not hear mentions",
    "assistant:write": "no status, no prompts and no Stop button",
    "channels:history": "Nellie does not hear public channels",
    "channels:read": "Nellie does not know its public channels",
    "chat:write": "Nellie cannot answer",
    "commands": "no /nellie and no shortcuts",
    "files:read": "Nellie reads no files and sees no pictures",
    "files:write": "Nellie cannot send files",
    "groups:history": "Nellie does not hear private channels",
    "groups:read": "Nellie does not know its private channels",
    "im:history": "Nellie does not hear direct messages",
    "im:read": "Nellie does not know its direct messages",
    "im:write": "Nellie cannot write to anyone directly",
    "mpim:history": "Nellie does not hear group messages",
    "mpim:read": "Nellie does not know its group messages",
    "users:read": "Nellie does not know people's names",
}
"""What the manifest asks for, and what is missing without it."""
APPS = "https://api.slack.com/apps"
CALL_ERRORS = (SlackApiError, aiohttp.ClientError, TimeoutError, OSError)
OPEN_FIREWALL = "let this machine reach slack.com and wss-primary.slack.com (HTTPS_PROXY, firewall)"
APP_ID = re.compile(r"xapp-\d+-(A[A-Z0-9]+)-")
WHOLE = re.compile(r"-[0-9a-f]{64}\Z")
"""How an app-level token ends: people have copied it cut."""
CLOCK_SKEW = timedelta(minutes=1)
TYPES = "public_channel,private_channel"


async def check_workspace(settings: SlackSettings) -> AsyncGenerator[Finding]:
    """Both tokens, and what they are good for."""
    api = WebApi(settings)
    async with api.session():
        accepted = False
        async for finding in check_bot_token(api):
            accepted = accepted or finding.state == "ok"
            yield finding
        if not accepted:
            return
        if settings.mode == "socket":
            yield await check_app_token(api)
        yield await _check_channels(api)


async def check_bot_token(api: WebApi) -> AsyncGenerator[Finding]:
    """Whether it is accepted, its scopes, and the clock. Within the api's session."""
    try:
        answer = await api.client.auth_test()
    except CALL_ERRORS as error:
        yield _explain_bot_token(error, api.settings)
        return
    who = f"{answer.get('user')} in {answer.get('team')}"
    if not answer.get("bot_id"):
        mend = "copy the Bot User OAuth Token from OAuth & Permissions into SLACK_BOT_TOKEN"
        yield Finding("bot token", "wrong", f"it is a person's, of {who}", mend)
        return
    yield Finding("bot token", "ok", f"accepted: {who}")
    yield _check_scopes(answer.headers)
    if skew := _check_clock(answer.headers):
        yield skew


def _explain_bot_token(error: Exception, settings: SlackSettings) -> Finding:
    code = error_code(error) if isinstance(error, SlackApiError) else ""
    if code in INVALID_TOKEN:
        mend = "copy the Bot User OAuth Token from OAuth & Permissions into SLACK_BOT_TOKEN"
        if code != "invalid_auth":
            mend = f"install the app again (Install App), then {mend}"
        return Finding("bot token", "wrong", f"Slack does not accept it ({code})", mend)
    if code and code not in UNCERTAIN and code != "ratelimited":
        mend = "ask an admin of the workspace: its rules keep this app out"
        return Finding("bot token", "wrong", f"Slack refuses it ({code})", mend)
    reason, mend = _explain(error, OPEN_FIREWALL)
    return Finding("connection", "wrong", f"{settings.api_url} does not answer ({reason})", mend)


def _explain(error: Exception, to_reach_it: str) -> tuple[str, str]:
    if isinstance(error, SlackApiError):
        return _reason(error), "wait a minute; if it stays so, look at https://slack-status.com"
    return explain(error, to_reach_it)


def _check_scopes(headers: Mapping[str, str]) -> Finding:
    granted = {scope.strip() for scope in _header(headers, "x-oauth-scopes").split(",")}
    if missing := [scope for scope in SCOPES if scope not in granted]:
        what = "; ".join(f"{scope} is missing: {SCOPES[scope]}" for scope in missing)
        mend = (
            f"add {', '.join(missing)} under OAuth & Permissions, Bot Token Scopes (or paste"
            " what `nellie slack manifest` prints under App Manifest), then install the app again"
        )
        return Finding("scopes", "wrong", what, mend)
    return Finding("scopes", "ok", f"all {len(SCOPES)}")


def _check_clock(headers: Mapping[str, str]) -> Finding | None:
    """By the time of Slack's answer: requests that are signed with another one are refused."""
    try:
        skew = abs(datetime.now(UTC) - parsedate_to_datetime(_header(headers, "date")))
    except (TypeError, ValueError):  # no time, or none with its zone
        return None
    if skew <= CLOCK_SKEW:
        return None
    what = f"this machine and Slack differ by {skew.total_seconds():,.0f} s"
    mend = "synchronize this machine's clock (systemctl status systemd-timesyncd)"
    return Finding("clock", "wrong", what, mend)


async def check_app_token(api: WebApi) -> Finding:
    """Whether it is accepted, opens sockets, and belongs to the bot token's app."""
    try:
        await api.client.apps_connections_open(app_token=api.settings.app_token)
    except CALL_ERRORS as error:
        return _explain_app_token(error, api.settings.app_token)
    own, other = _app_of(api.settings.app_token), await find_app(api)
    if own and other and own != other:
        what = f"it belongs to another app ({own}) than the bot token ({other})"
        mend = f"make one at {APPS}/{other}/general, App-Level Tokens"
        return Finding("app token", "wrong", what, f"{mend}, and put it into SLACK_APP_TOKEN")
    return Finding("app token", "ok", "Socket Mode gives sockets")


def _explain_app_token(error: Exception, token: str) -> Finding:
    code = error_code(error) if isinstance(error, SlackApiError) else ""
    if code not in APP_TOKEN_REASONS:
        reason, mend = _explain(error, OPEN_FIREWALL)
        return Finding("app token", "wrong", f"Slack gives no socket ({reason})", mend)
    reason, _, mend = APP_TOKEN_REASONS[code].partition("; ")
    mend = mend or "put the token that begins with xapp- into SLACK_APP_TOKEN"
    if _app_of(token) and not WHOLE.search(token):
        reason += " (is it cut? a whole one ends in 64 digits and letters)"
    where = " and put its token into SLACK_APP_TOKEN" if mend.startswith("make ") else ""
    return Finding("app token", "wrong", reason, mend + where)


def _app_of(app_token: str) -> str:
    """The id of its app, which stands in it; "" where there is none."""
    found = APP_ID.match(app_token)
    return found[1] if found else ""


async def find_app(api: WebApi) -> str:
    """The id of the bot token's app; "" where Slack does not say."""
    try:
        bot = (await api.client.auth_test()).get("bot_id")
        answer = await api.client.bots_info(bot=bot)
    except CALL_ERRORS:
        return ""
    return str((answer.get("bot") or {}).get("app_id") or "")


async def list_channels(api: WebApi) -> list[str]:
    """The names of some channels that Nellie is in. Raises what the call raises."""
    answer: AsyncSlackResponse = await api.client.users_conversations(
        types=TYPES, exclude_archived=True, limit=999
    )
    found: list[Any] = answer.get("channels", [])
    return [str(channel.get("name")) for channel in found]


async def _check_channels(api: WebApi) -> Finding:
    try:
        found = await list_channels(api)
    except CALL_ERRORS as error:
        mend = "add the scopes above; without them Nellie does not find its channels"
        return Finding("channels", "wrong", f"they cannot be listed ({_reason(error)})", mend)
    if not found:
        mend = "write /invite @nellie in a channel"
        return Finding("channels", "note", "Nellie is in none", mend)
    names = ", ".join(f"#{name}" for name in found[:5])
    return Finding("channels", "ok", f"{len(found):,}: {names}{', ...' if found[5:] else ''}")


def _reason(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        return error_code(error) or f"status {error.response.status_code}"
    return type(error).__name__


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")
