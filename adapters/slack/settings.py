"""Slack's settings, from the environment: tokens, how events come in, which bots are heard."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from bot.domain.errors import SettingsError

VARIABLES = {
    "SLACK_BOT_TOKEN": "Bot token (xoxb-...): with it, Slack is served.",
    "SLACK_APP_TOKEN": "App-level token (xapp-...) with connections:write, for mode socket.",
    "SLACK_SIGNING_SECRET": "Signing secret of the app, for mode http.",
    "NELLIE_SLACK_MODE": "How events come in: socket needs no public address, http does.",
    "NELLIE_SLACK_HOST": "Address that mode http listens on.",
    "NELLIE_SLACK_PORT": "Port that mode http listens on, at /slack/events.",
    "NELLIE_SLACK_BOTS": "Ids of other bots (B..., U... or A...) that Nellie hears.",
    "NELLIE_SLACK_REVIEWS": "Requests a minute to look for what was edited or deleted meanwhile.",
    "NELLIE_SLACK_API_URL": "Slack's Web API, where it is reached through something else.",
}
"""Every variable with its one line, as `nellie settings` shows it."""

DEFAULTS = {
    "NELLIE_SLACK_MODE": "socket",
    "NELLIE_SLACK_HOST": "0.0.0.0",  # noqa: S104  # Slack calls from outside, often through a proxy
    "NELLIE_SLACK_PORT": "3000",
    "NELLIE_SLACK_REVIEWS": "30",
    "NELLIE_SLACK_API_URL": "https://slack.com/api/",
}

_PREFIXES = {"SLACK_BOT_TOKEN": "xoxb-", "SLACK_APP_TOKEN": "xapp-"}
_TOKENS = {
    "xoxb-": "a bot token: it belongs in SLACK_BOT_TOKEN",
    "xapp-": "an app-level token: it belongs in SLACK_APP_TOKEN",
    "xoxp-": "a person's token; take the Bot User OAuth Token",
    "xoxc-": "a person's token of a browser; take the Bot User OAuth Token",
    "xoxa-": "a token of a former kind of app; make a new app from the manifest",
    "xoxe.": "a token that expires; switch token rotation off and install the app again",
}


@dataclass(frozen=True)
class SlackSettings:
    """The tokens of a workspace's app, and how it is reached. Secrets are never shown."""

    bot_token: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    mode: str = "socket"
    host: str = "0.0.0.0"  # noqa: S104  # Slack calls from outside, often through a proxy
    port: int = 3000
    bots: frozenset[str] = frozenset()
    reviews: int = 30
    """Slack takes 50 (its tier 3), which other work shares."""
    api_url: str = "https://slack.com/api/"

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self | None:
        """The settings; None without any token. Raises SettingsError."""
        given = {name: environ.get(name, "").strip() for name in VARIABLES}
        bot, app = given["SLACK_BOT_TOKEN"], given["SLACK_APP_TOKEN"]
        if not bot and not app and not given["SLACK_SIGNING_SECRET"]:
            return None
        _check_token("SLACK_BOT_TOKEN", bot)
        mode = given["NELLIE_SLACK_MODE"] or "socket"
        if mode == "socket":
            _check_token("SLACK_APP_TOKEN", app)
        elif mode != "http":
            raise SettingsError(name="NELLIE_SLACK_MODE", reason="it is socket or http")
        elif not given["SLACK_SIGNING_SECRET"]:
            reason = "missing; mode http needs it (Basic Information, Signing Secret)"
            raise SettingsError(name="SLACK_SIGNING_SECRET", reason=reason)
        return cls(
            bot_token=bot,
            app_token=app,
            signing_secret=given["SLACK_SIGNING_SECRET"],
            mode=mode,
            host=given["NELLIE_SLACK_HOST"] or cls.host,
            port=_parse_number(given, "NELLIE_SLACK_PORT", cls.port),
            bots=frozenset(given["NELLIE_SLACK_BOTS"].replace(",", " ").split()),
            reviews=_parse_number(given, "NELLIE_SLACK_REVIEWS", cls.reviews, least=1),
            api_url=_check_url(given["NELLIE_SLACK_API_URL"] or cls.api_url),
        )


def fault_of(name: str, token: str) -> str:
    """What is wrong with a token by its looks; "" where nothing is."""
    prefix = _PREFIXES[name]
    if not token:
        return f"missing; Slack's {prefix}... token goes here"
    if token.startswith(prefix):
        whole = len(token.split()) == 1 and token.isascii() and len(token) > len(prefix)
        return "" if whole else f"it is not in one piece; copy all of it, from {prefix} on"
    known = (kind for start, kind in _TOKENS.items() if token.startswith(start))
    return f"it begins with {prefix}, and what is there is {next(known, 'no token')}"


def _check_token(name: str, token: str) -> None:
    if fault := fault_of(name, token):
        raise SettingsError(name=name, reason=fault)


def _parse_number(given: Mapping[str, str], name: str, usual: int, *, least: int = 0) -> int:
    value = given[name] or str(usual)
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= 65535:
        above = f" from {least}" if least else ""
        raise SettingsError(name=name, reason=f"it is a number{above} up to 65535")
    return int(value)


def _check_url(value: str) -> str:
    if not value.startswith(("https://", "http://")):
        raise SettingsError(name="NELLIE_SLACK_API_URL", reason="it begins with https://")
    return value if value.endswith("/") else f"{value}/"
