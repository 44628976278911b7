"""Slack as an adapter. Light: the libraries are loaded once Slack is configured."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, tzinfo
from typing import Self

from adapters.slack.command_syntax import add_prefix
from adapters.slack.settings import SlackSettings
from bot.domain.documents import PostedFile
from bot.domain.model import Channel, Message, Turn
from bot.domain.ports import Adapter, Commands, DeliveryLog, Finding, Inbox, TurnControl
from bot.domain.standing import Place, Standing


class SlackAdapter(Adapter):
    """One Slack workspace, by an app that was made from our manifest."""

    name = "slack"
    whispers = True
    finds_posts = True

    def __init__(self, settings: SlackSettings) -> None:
        from adapters.slack.service import Service

        self._settings = settings
        self._service = Service(settings)

    @classmethod
    def configured(cls, environ: Mapping[str, str]) -> Self | None:
        """By SLACK_BOT_TOKEN. Raises SettingsError, which names what is wrong or missing."""
        settings = SlackSettings.read(environ)
        return cls(settings) if settings else None

    async def run(self, inbox: Inbox, turns: TurnControl, commands: Commands) -> None:
        """Listen until cancelled, or until the app is taken out of the workspace."""
        await self._service.run(inbox, turns, commands)

    def connected(self) -> bool:
        """Whether a socket is open, or the port for events."""
        return self._service.connected()

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        """Show the answer in its thread (bot.domain.ports.Adapter). Raises what Slack refuses."""
        await self._service.deliver(turn, text, delivery_log)

    async def posted(self, turn: Turn) -> tuple[str, ...]:
        """The messages of this turn in its thread, found by the metadata of our messages."""
        return await self._service.posted(turn)

    async def has_rights_over(self, channel: Channel, person_id: str) -> bool:
        """Whether a person is an admin of the workspace, or made the channel."""
        return await self._service.has_rights_over(channel, person_id)

    async def is_member(self, workspace: str, person_id: str) -> bool | None:
        """Whether a person's account is active, by users.info."""
        return await self._service.is_member(workspace, person_id)

    async def may_read(self, channel: Channel, person_id: str) -> bool | None:
        """Whether a person is in the channel, by users.conversations."""
        return await self._service.may_read(channel, person_id)

    async def readable(self, channels: Sequence[Channel], person_id: str) -> Mapping[Channel, bool]:
        """Which of many channels a person is in, by pages of users.conversations."""
        return await self._service.readable(channels, person_id)

    async def time_zone(self, person_id: str) -> tzinfo:
        """As the person has set it in Slack."""
        return await self._service.time_zone(person_id)

    def spell_commands(self, text: str) -> str:
        """Commands as people type them in Slack, each after /nellie."""
        return add_prefix(text)

    async def open_file(
        self, channel: Channel, message_id: str, file: PostedFile, *, small: bool = False
    ) -> AsyncIterator[bytes]:
        """The bytes of a file, downloaded with the bot's token; Slack knows it by its id alone."""
        async with aclosing(self._service.open_file(channel, file, small=small)) as pieces:
            async for piece in pieces:
                yield piece

    async def beside(self, turn: Turn) -> Sequence[Message]:
        """What bots that are not heard wrote in its thread, from conversations.replies."""
        return await self._service.beside(turn)

    async def quoted(self, turn: Turn) -> Sequence[Message]:
        """The message or the thread on which a shortcut was used."""
        return await self._service.quoted(turn)

    async def history(self, channel: Channel, after: datetime) -> AsyncIterator[Message]:
        """What was written since then, from conversations.history and its threads."""
        async with aclosing(self._service.history(channel, after)) as messages:
            async for message in messages:
                yield message

    async def standing(
        self, channel: Channel, place: Place, edited_since: datetime
    ) -> AsyncIterator[Standing]:
        """What stands there now, from conversations.history or, of a thread, .replies."""
        async with aclosing(self._service.standing(channel, place, edited_since)) as found:
            async for standing in found:
                yield standing

    async def checks(self) -> AsyncIterator[Finding]:
        """What `nellie doctor` says of the workspace."""
        from adapters.slack.doctor_checks import check_workspace

        async with aclosing(check_workspace(self._settings)) as findings:
            async for finding in findings:
                yield finding
