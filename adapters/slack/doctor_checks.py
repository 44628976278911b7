"""What `nellie doctor` asks Slack: both tokens, the scopes, the sockets, and the channels."""

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.api_errors import INVALID_TOKEN, error_code
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
    "files:read": "Nellie cannot read files",
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
CLOCK_SKEW = timedelta(minutes=1)
TYPES = "public_channel,private_channel"


async def check_workspace(settings: SlackSettings) -> AsyncGenerator[Finding]:
    """Both tokens, and what they are good for."""
    api = WebApi(settings)
    async with api.session():
        try:
            answer = await api.client.auth_test()
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
            yield _explain_bot_token(error, settings)
            return
        who = f"{answer.get('user')} in {answer.get('team')}"
        yield Finding("bot token", "ok", f"accepted: {who}")
        yield _check_scopes(answer.headers)
        if skew := _check_clock(answer.headers):
            yield skew
        if settings.mode == "socket":
            yield await _check_app_token(api)
        yield await _check_channels(api)


def _explain_bot_token(error: Exception, settings: SlackSettings) -> Finding:
    code = _reason(error)
    if code in INVALID_TOKEN:
        mend = "copy the Bot User OAuth Token from OAuth & Permissions into SLACK_BOT_TOKEN"
        if code != "invalid_auth":
            mend = f"install the app again (Install App), then {mend}"
        return Finding("bot token", "wrong", f"Slack does not accept it ({code})", mend)
    what = f"{settings.api_url} does not answer ({code})"
    mend = "let this machine reach slack.com and wss-primary.slack.com (HTTPS_PROXY, firewall)"
    return Finding("connection", "wrong", what, mend)


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


async def _check_app_token(api: WebApi) -> Finding:
    try:
        await api.client.apps_connections_open(app_token=api.settings.app_token)
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
        code = _reason(error)
        reason, _, mend = APP_TOKEN_REASONS.get(code, f"Slack gives no socket ({code})").partition(
            "; "
        )
        mend = mend or "wait a minute; if it stays so, look at https://slack-status.com"
        where = " and put its token into SLACK_APP_TOKEN" if mend.startswith("make ") else ""
        return Finding("app token", "wrong", reason, mend + where)
    return Finding("app token", "ok", "Socket Mode gives sockets")


async def _check_channels(api: WebApi) -> Finding:
    try:
        answer: AsyncSlackResponse = await api.client.users_conversations(
            types=TYPES, exclude_archived=True, limit=999
        )
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
        mend = "add the scopes above; without them Nellie does not find its channels"
        return Finding("channels", "wrong", f"they cannot be listed ({_reason(error)})", mend)
    found: list[Any] = answer.get("channels", [])
    if not found:
        mend = "write /invite @nellie in a channel"
        return Finding("channels", "note", "Nellie is in none", mend)
    names = ", ".join(f"#{channel.get('name')}" for channel in found[:5])
    return Finding("channels", "ok", f"{len(found):,}: {names}{', ...' if found[5:] else ''}")


def _reason(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        return error_code(error) or f"status {error.response.status_code}"
    return type(error).__name__


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")
