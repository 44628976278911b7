"""Slack: what the house calls. Light; the libraries are loaded once Slack is configured."""

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Self

from adapters.slack.settings import SlackSettings
from bot.conversation import Channel, Message, Turn
from bot.ports import Adapter, Door, Finding, Posts


class SlackAdapter(Adapter):
    """One Slack workspace, by an app that was made from our manifest."""

    name = "slack"

    def __init__(self, settings: SlackSettings) -> None:
        from adapters.slack.service import Service

        self._service = Service(settings)

    @classmethod
    def configured(cls, environ: Mapping[str, str]) -> Self | None:
        """By SLACK_BOT_TOKEN. Raises SettingsError, which names what is wrong or missing."""
        settings = SlackSettings.read(environ)
        return cls(settings) if settings else None

    async def run(self, door: Door) -> None:
        """Listen until cancelled, or until the app is taken out of the workspace."""
        await self._service.run(door)

    def connected(self) -> bool:
        """Whether a socket is open, or the port for events."""
        return self._service.hears()

    async def deliver(self, turn: Turn, text: AsyncIterator[str], posts: Posts) -> None:
        """Show the answer in its thread (bot.ports.Adapter). Raises what Slack refuses."""
        await self._service.deliver(turn, text, posts)

    async def posted(self, turn: Turn) -> tuple[str, ...]:
        """What of this turn stands in its thread, found by the metadata of our messages."""
        return await self._service.posted(turn)

    async def history(self, channel: Channel, after: datetime) -> AsyncIterator[Message]:
        """What was said since then, from conversations.history and its threads."""
        async with aclosing(self._service.history(channel, after)) as messages:
            async for message in messages:
                yield message

    async def checks(self) -> AsyncIterator[Finding]:
        """What `nellie doctor` says of the workspace."""
        from adapters.slack.checks import checks

        async with aclosing(checks(self._service.settings)) as findings:
            async for finding in findings:
                yield finding
