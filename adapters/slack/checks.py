"""What `nellie doctor` asks Slack: both tokens, the scopes, the sockets, and where she is."""

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.api import DEAD, Api
from adapters.slack.connection import REASONS
from adapters.slack.settings import SlackSettings
from bot.ports import Finding

SCOPES = {
    "app_mentions:read": "she does not hear mentions",
    "assistant:write": "no status, no prompts and no Stop button",
    "channels:history": "she does not hear public channels",
    "channels:read": "she does not know in which public channels she is",
    "chat:write": "she cannot answer",
    "commands": "no /nellie and no shortcuts",
    "files:read": "she cannot read files",
    "files:write": "she cannot send files",
    "groups:history": "she does not hear private channels",
    "groups:read": "she does not know in which private channels she is",
    "im:history": "she does not hear direct messages",
    "im:read": "she does not know her direct messages",
    "im:write": "she cannot write to anyone directly",
    "mpim:history": "she does not hear group messages",
    "mpim:read": "she does not know her group messages",
    "users:read": "she does not know people's names",
}
"""What the manifest asks for, and what is missing without it."""
SKEW = timedelta(minutes=1)
KINDS = "public_channel,private_channel"


async def checks(settings: SlackSettings) -> AsyncGenerator[Finding]:
    """Both tokens, and what they are good for."""
    api = Api(settings)
    async with api.open():
        try:
            answer = await api.client.auth_test()
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
            yield _unusable(error, settings)
            return
        who = f"{answer.get('user')} in {answer.get('team')}"
        yield Finding("bot token", "ok", f"accepted: {who}")
        yield _scopes(answer.headers)
        if late := _clock(answer.headers):
            yield late
        if settings.mode == "socket":
            yield await _socket(api)
        yield await _rooms(api)


def _unusable(error: Exception, settings: SlackSettings) -> Finding:
    word = _word(error)
    if word in DEAD:
        mend = "copy the Bot User OAuth Token from OAuth & Permissions into SLACK_BOT_TOKEN"
        if word != "invalid_auth":
            mend = f"install the app again (Install App), then {mend}"
        return Finding("bot token", "wrong", f"Slack does not accept it ({word})", mend)
    what = f"{settings.api_url} does not answer ({word})"
    mend = "let this machine reach slack.com and wss-primary.slack.com (HTTPS_PROXY, firewall)"
    return Finding("connection", "wrong", what, mend)


def _scopes(headers: Mapping[str, str]) -> Finding:
    granted = {one.strip() for one in _header(headers, "x-oauth-scopes").split(",")}
    if missing := [scope for scope in SCOPES if scope not in granted]:
        what = "; ".join(f"{scope} is missing: {SCOPES[scope]}" for scope in missing)
        mend = (
            f"add {', '.join(missing)} under OAuth & Permissions, Bot Token Scopes (or paste"
            " infra/slack-manifest.yaml under App Manifest), then install the app again"
        )
        return Finding("scopes", "wrong", what, mend)
    return Finding("scopes", "ok", f"all {len(SCOPES)}")


def _clock(headers: Mapping[str, str]) -> Finding | None:
    """By the time of Slack's answer: requests that are signed with another one are refused."""
    try:
        skew = abs(datetime.now(UTC) - parsedate_to_datetime(_header(headers, "date")))
    except (TypeError, ValueError):  # no time, or none with its zone
        return None
    if skew <= SKEW:
        return None
    what = f"this machine and Slack differ by {skew.total_seconds():,.0f} s"
    mend = "synchronize this machine's clock (systemctl status systemd-timesyncd)"
    return Finding("clock", "wrong", what, mend)


async def _socket(api: Api) -> Finding:
    try:
        await api.client.apps_connections_open(app_token=api.settings.app_token)
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
        word = _word(error)
        reason, _, mend = REASONS.get(word, f"Slack gives no socket ({word})").partition("; ")
        mend = mend or "wait a minute; if it stays so, look at https://slack-status.com"
        where = " and put its token into SLACK_APP_TOKEN" if mend.startswith("make ") else ""
        return Finding("app token", "wrong", reason, mend + where)
    return Finding("app token", "ok", "Socket Mode gives sockets")


async def _rooms(api: Api) -> Finding:
    try:
        answer: AsyncSlackResponse = await api.client.users_conversations(
            types=KINDS, exclude_archived=True, limit=999
        )
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
        mend = "add the scopes above; without them she does not find her channels"
        return Finding("channels", "wrong", f"they cannot be listed ({_word(error)})", mend)
    found: list[Any] = answer.get("channels", [])
    if not found:
        mend = "write /invite @nellie in a channel"
        return Finding("channels", "note", "she is in none", mend)
    names = ", ".join(f"#{one.get('name')}" for one in found[:5])
    return Finding("channels", "ok", f"{len(found):,}: {names}{', ...' if found[5:] else ''}")


def _word(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        said = error.response.data if isinstance(error.response.data, dict) else {}
        return str(said.get("error") or f"status {error.response.status_code}")
    return type(error).__name__


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")
