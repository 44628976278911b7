"""Who is in a channel: what a person is told of it is what they can read there themselves."""

import time
from typing import Any

import structlog

from adapters.slack.api_errors import SlackRefused
from adapters.slack.web_api import WebApi
from bot.domain.bounded_cache import BoundedCache
from bot.domain.errors import CommandError
from bot.domain.model import Channel
from bot.text.json_fields import read_field

FRESH = 60.0  # seconds for which somebody who is in a channel is not looked for again
REMEMBERED = 10_000  # of them
PAGE = 1_000
NOT_IN_CHANNEL = (
    "You are not in this channel, so I tell you nothing of what was said here. Join it, or have"
    " somebody invite you; then ask me again."
)

log = structlog.get_logger(__name__, platform="slack")


class Members:
    """Looks people up among the members of a channel."""

    def __init__(self, api: WebApi) -> None:
        self._api = api
        self._found: BoundedCache[tuple[str, str], float] = BoundedCache(REMEMBERED)
        """By channel and person: until when somebody counts as a member."""

    async def refusal_for(self, channel: Channel, person: str) -> str:
        """Why a person is told nothing of a channel; empty where they are in it.

        That holds for guests, who see no other channels, and for whoever only looks in from
        outside. Raises SlackUnreachable.
        """
        key = channel.id, person
        if channel.direct or self._found.get(key, 0.0) > time.monotonic():
            return ""
        try:
            found = await self._is_listed(channel.id, person)
        except SlackRefused as error:  # rather nothing than what is not theirs
            self._api.note_refusal("conversations.members", error, feature="members of channels")
            found = False
        if not found:
            return NOT_IN_CHANNEL
        self._found[key] = time.monotonic() + FRESH
        return ""

    async def require(self, channel: Channel, person: str) -> None:
        """Raises CommandError, with a kind sentence, for who is not in the channel."""
        if refusal := await self.refusal_for(channel, person):
            raise CommandError(reason=refusal)

    def forget(self, channel_id: str, person: str) -> None:
        """Somebody has left a channel."""
        self._found.pop((channel_id, person), None)

    async def _is_listed(self, channel_id: str, person: str) -> bool:
        cursor: dict[str, Any] = {}
        while True:
            page = await self._api.read(
                "conversations.members", channel=channel_id, limit=PAGE, **cursor
            )
            if person in read_field(page, "members", list, []):
                return True
            next_cursor = read_field(
                read_field(page, "response_metadata", dict, {}), "next_cursor", str, ""
            )
            if not next_cursor:
                return False
            cursor = {"cursor": next_cursor}
