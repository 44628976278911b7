"""Discord's settings, from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from bot.domain.errors import SettingsError

TOKEN = "DISCORD_TOKEN"  # noqa: S105  # the name of a setting
BOTS = "NELLIE_DISCORD_BOTS"
API = "NELLIE_DISCORD_API"
GATEWAY = "NELLIE_DISCORD_GATEWAY"

VARIABLES = {
    TOKEN: "Token of the bot: Developer Portal > your application > Bot.",
    BOTS: "Ids of other bots and webhooks that may speak with her.",
    API: "Another address of Discord's REST API: a proxy, or a stand-in (needs the next one too).",
    GATEWAY: "Another address of Discord's gateway, likewise.",
}
"""Every variable with its one line, as `nellie settings` shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordSettings:
    """What an operator decides about Discord. The token is never shown."""

    token: str = field(repr=False)
    bots: frozenset[int] = frozenset()
    api: str = ""
    gateway: str = ""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self | None:
        """The settings; None without a token. Raises SettingsError."""
        token = environ.get(TOKEN, "").strip()
        if not token:
            return None
        if not token.isascii() or len(token.split()) != 1:
            raise SettingsError(name=TOKEN, reason="it is no token; paste it alone, in one piece")
        return cls(
            token=token,
            bots=frozenset(_ids(environ.get(BOTS, ""))),
            api=_address(environ, API, "http"),
            gateway=_address(environ, GATEWAY, "ws"),
        )


def _ids(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts:
        if not (part.isascii() and part.isdigit() and len(part) <= 20):
            raise SettingsError(
                name=BOTS, reason=f"{part[:40]!r} is no id; ids are numbers, with commas between"
            )
    return [int(part) for part in parts]


def _address(environ: Mapping[str, str], name: str, scheme: str) -> str:
    address = environ.get(name, "").strip().rstrip("/")
    if address and not address.startswith((f"{scheme}://", f"{scheme}s://")):
        raise SettingsError(name=name, reason=f"an address begins with {scheme}:// or {scheme}s://")
    return address
