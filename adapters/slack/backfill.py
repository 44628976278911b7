"""Reading history in: of a channel that Nellie joins, and of all of them after an absence."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from adapters.kit.backfill_loop import BackfillLoop
from adapters.slack.api_errors import SlackRefused
from adapters.slack.removals import Removals
from adapters.slack.workspace import Workspace
from bot.domain.errors import NellieError
from bot.domain.model import Channel
from bot.domain.ports import Inbox

log = structlog.get_logger(__name__, platform="slack")


class Backfill:
    """Reads every channel's history from where it was last read, one channel at a time.

    It is the loop's HistoryReader and Reviewer (adapters.kit.backfill_loop).
    """

    def __init__(self, *, workspace: Workspace, inbox: Inbox) -> None:
        self._workspace = workspace
        self._inbox = inbox
        self.removals = Removals(workspace=workspace, inbox=inbox)
        self._loop = BackfillLoop("slack")

    def request(self, *, thorough: bool = True) -> None:
        """Something may have been missed: read every channel soon."""
        if thorough:
            self._workspace.unheard_bots.missed()
        self._loop.request(thorough=thorough)

    async def run(self) -> None:
        """Read on request and hourly, until cancelled."""
        await self._loop.run(self, self)

    async def join(self, channel_id: str) -> None:
        """Nellie came into a channel. What fails is tried again with all the others, soon."""
        try:
            await self._join(channel_id)
        except NellieError as error:
            log.info("channel_not_joined", channel=channel_id, reason=str(error))
            self._loop.request()

    async def list_channels(self) -> Sequence["UnreadChannel"]:
        """The conversations that Nellie is in; what it is out of is looked for."""
        try:
            joined = await self._workspace.directory.list_joined()
        except SlackRefused as error:
            feature = "catching up after downtime"
            self._workspace.api.note_refusal("users.conversations", error, feature=feature)
            return []
        looking = self.removals.look_for({one.id for one in joined})
        self._workspace.background.start(looking, "what is gone")
        return [UnreadChannel(one.id, one.direct) for one in joined]

    async def read_channel(self, channel: "UnreadChannel") -> None:
        """Read a channel in; what Nellie was invited to while nobody listened, she joins now."""
        with self._noted(channel):
            if channel.direct:
                await self._inbox.catch_up(self._channel(channel))
            else:
                await self._join(channel.id)

    async def review_channel(self, channel: "UnreadChannel", *, thorough: bool) -> None:
        """Take over what was deleted or edited in a channel while nobody listened."""
        with self._noted(channel):
            await self._inbox.review(self._channel(channel), thorough=thorough)

    def _channel(self, channel: "UnreadChannel") -> Channel:
        return self._workspace.directory.channel(channel.id, direct=channel.direct)

    @contextmanager
    def _noted(self, channel: "UnreadChannel") -> Iterator[None]:
        """What Slack refuses is logged."""
        try:
            yield
        except SlackRefused as error:
            feature = "history of channels"
            self._workspace.api.note_refusal("conversations.history", error, feature=feature)
            log.info("channel_not_read", channel=channel.id, reason=str(error))

    async def _join(self, channel_id: str) -> None:
        async with self._workspace.api.session():
            await self._workspace.directory.conversation(channel_id)
            await self._inbox.joined(self._workspace.directory.channel(channel_id))


@dataclass(frozen=True, slots=True)
class UnreadChannel:
    """A conversation whose history may have gone on."""

    id: str
    direct: bool
