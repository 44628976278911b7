"""What Nellie is out of: channels that are gone or that it was shown out of, or the workspace."""

import asyncio
from collections.abc import Set

from adapters.slack.api_errors import SlackRefused
from adapters.slack.workspace import Workspace
from bot.domain.model import Channel
from bot.domain.ports import Inbox
from bot.text.json_fields import read_field

STAYS = ("is_member", "is_archived", "is_im", "is_mpim")
"""What Slack says of a conversation that Nellie is in, or may be in again without being invited."""
WITHIN = 1.0  # seconds that an event waits for Slack to say whether Nellie has come back


class Removals:
    """Tells the inbox. An archived channel is not gone: it can come back with all its members."""

    def __init__(self, *, workspace: Workspace, inbox: Inbox) -> None:
        self._workspace = workspace
        self._inbox = inbox
        self._one_look = asyncio.Lock()
        self._kept: set[str] = set()
        """Channels that are not listed and of which Slack was asked: they are archived, say."""

    async def left(self, channel_id: str) -> None:
        """Nellie left a channel, or was shown out, unless it is back already."""
        self._workspace.directory.forget(channel_id)
        found = await self._workspace.directory.conversation(channel_id, WITHIN)
        if not (found and found.member):
            await self.deleted(channel_id)

    async def deleted(self, channel_id: str) -> None:
        """A channel is gone."""
        self._workspace.directory.forget(channel_id)
        await self._inbox.removed(self._workspace.directory.channel(channel_id))

    async def uninstalled(self, reason: str) -> None:
        """Nellie is out of the workspace."""
        try:
            await self.note_all()
        finally:
            self._workspace.mark_removed(reason)

    async def note_all(self) -> None:
        """Nellie is out of every channel."""
        for channel in await self._known_channels():
            await self._inbox.removed(channel)

    async def look_for(self, listed: Set[str]) -> None:
        """Find out what became of channels that are remembered and not listed any more."""
        async with self._one_look:
            for channel in await self._known_channels():
                if channel.id in listed or channel.id in self._kept:
                    continue
                if await self._is_out_of(channel.id):
                    await self._inbox.removed(channel)
                else:
                    self._kept.add(channel.id)

    async def _known_channels(self) -> list[Channel]:
        return await self._inbox.known_channels("slack", self._workspace.identity.team_id)

    async def _is_out_of(self, channel_id: str) -> bool:
        try:
            answer = await self._workspace.api.read("conversations.info", channel=channel_id)
        except SlackRefused as error:
            return error.error == "channel_not_found"
        found = read_field(answer, "channel", dict)
        stays = (read_field(found, flag, bool, False) for flag in STAYS)
        return not any(stays)
