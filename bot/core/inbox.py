"""The inbox: what platforms report becomes memory, and what is asked becomes a turn."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

from bot.core.acceptance import Acceptance
from bot.core.backfill import Backfill
from bot.core.introducer import Introducer
from bot.core.message_checks import LONGEST, checked, checked_files
from bot.core.review import Review
from bot.domain.documents import PostedFile
from bot.domain.errors import Refused
from bot.domain.model import Author, Channel, Message, Received
from bot.prompting.message_line import count_line_tokens
from bot.store.channels import Channels
from bot.store.early_edits import EarlyEdits
from bot.store.file_edits import FileEdits
from bot.store.message_edits import MessageEdits
from bot.store.message_inserts import NewMessage
from bot.store.messages import Messages
from bot.store.posted_files import PostedFiles
from bot.store.removals import Removal, Removals
from bot.store.stores import Stores
from bot.text.sanitize import clean


@dataclass(frozen=True, slots=True)
class _Edit:
    """What a message says now."""

    channel: Channel
    message_id: str
    text: str
    at: datetime | None
    files: Sequence[PostedFile] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """What platforms report to (bot.domain.ports.Inbox)."""

    acceptance: Acceptance
    backfill: Backfill
    reviewing: Review
    introducer: Introducer
    channels: Channels
    messages: Messages
    message_edits: MessageEdits
    early_edits: EarlyEdits
    posted_files: PostedFiles
    file_edits: FileEdits
    removals: Removals

    @classmethod
    def build(cls, stores: Stores, *, acceptance: Acceptance, backfill: Backfill) -> Self:
        """On the stores of one replica."""
        return cls(
            acceptance=acceptance,
            backfill=backfill,
            introducer=Introducer(introductions=stores.introductions, acceptance=acceptance),
            reviewing=Review(stores=stores, adapters=backfill.adapters),
            channels=stores.channels,
            messages=stores.messages,
            message_edits=stores.message_edits,
            early_edits=stores.early_edits,
            posted_files=stores.posted_files,
            file_edits=stores.file_edits,
            removals=stores.removals,
        )

    async def receive(self, message: Message) -> Received:
        """Remember a message, and open a turn if it is meant for Nellie."""
        return await self.acceptance.receive(message)

    async def edited(
        self,
        channel: Channel,
        message_id: str,
        text: str,
        at: datetime | None = None,
        files: Sequence[PostedFile] | None = None,
    ) -> None:
        """Rewrite a remembered message in place; without a text left, delete it."""
        text = clean(text)[:LONGEST]
        channel_id = await self.channels.id(channel)
        if not text.strip():
            if not await self.message_edits.is_outdated(channel_id, message_id, at):
                await self.deleted(channel, message_id)
            return
        files = None if files is None else checked_files(files)
        edit = _Edit(channel, message_id, text, at, files)
        known = await self._edit(edit)
        if not (known or await self.early_edits.keep(channel_id, message_id, text, at, files)):
            await self._edit(edit)  # it has just come in

    async def _edit(self, edit: "_Edit") -> bool:
        """Rewrite a message; False where it is not remembered."""
        channel_id = await self.channels.id(edit.channel)
        old = await self.messages.find(edit.channel, channel_id, edit.message_id)
        if old is None:
            return False
        tokens = count_line_tokens(replace(old, text=edit.text))
        outdated = await self.message_edits.is_outdated(channel_id, edit.message_id, edit.at)
        await self.message_edits.edit(channel_id, edit.message_id, edit.text, tokens, edit.at)
        if edit.files is not None and not outdated:
            await self.file_edits.replace(channel_id, old.seq, edit.files)
        return True

    async def file_deleted(self, platform: str, workspace: str, file_id: str) -> None:
        """Forget a file wherever it was posted."""
        for channel_id, seqs in await self.posted_files.posts(platform, workspace, file_id):
            await self.file_edits.forget(channel_id, seqs, file_id)

    async def file_changed(self, platform: str, workspace: str, file_id: str) -> None:
        """Read a file again wherever it was posted; until then, what was read of it stays."""
        await self.posted_files.read_again(platform, workspace, file_id)

    async def reposted(self, former_id: str, message: Message) -> None:
        """Go on under another id with what is remembered, or owed; else it is a new message.

        What was deleted under that id already takes the former message with it.
        """
        message = checked(message)
        channel, channel_id = message.channel, await self.channels.id(message.channel)
        former = NewMessage(_unknown(channel, clean(former_id)), remembered=False)
        if await self.message_edits.move(channel_id, former, message.id, message.link):
            await self._rewrite(message)
            return
        received = await self.acceptance.receive(message)
        if not (received.seq or await self.messages.find(channel, channel_id, message.id)):
            await self.deleted(channel, former_id)

    async def deleted(self, channel: Channel, message_id: str) -> None:
        """Forget a message and what rests on it, and cancel the turn that it opened."""
        message_id = clean(message_id)
        channel_id = await self.channels.id(channel)
        unknown = _unknown(channel, message_id)
        await self.message_edits.forget_id(channel_id, NewMessage(unknown))

    async def joined(self, channel: Channel) -> int:
        """Introduce Nellie, unless she has done so; then read in what was said meanwhile."""
        await self.removals.undo(await self.channels.id(channel))
        await self.introducer.introduce(channel)
        return await self.backfill.read(channel)

    async def removed(self, channel: Channel, thread: str = "") -> None:
        """Note that Nellie is out of a channel, or that it or a thread of it is gone."""
        channel_id = await self.channels.find(channel)
        if channel_id is not None:
            await self.removals.note(Removal(channel_id, thread))

    async def renamed(self, channel: Channel) -> None:
        """Keep the channel's new name."""
        await self.channels.rename(channel)

    async def catch_up(self, channel: Channel) -> int:
        """Read in what was said while nobody listened; returns how many messages were new."""
        await self.removals.undo(await self.channels.id(channel))
        return await self.backfill.read(channel)

    async def review(self, channel: Channel, *, thorough: bool = True) -> None:
        """Take over what was deleted or edited while nobody listened."""
        await self.reviewing.take_over(channel, self._edited_unheard, thorough=thorough)

    async def _edited_unheard(self, at: datetime, message: Message) -> None:
        """As if the edit was heard; what asks only since then is answered if that is not long."""
        await self._rewrite(message)
        if message.addressed and at >= datetime.now(UTC) - self.backfill.lately:
            with suppress(Refused):
                await self.acceptance.receive(replace(message, edited_at=message.edited_at or at))

    async def _rewrite(self, message: Message) -> None:
        await self.edited(
            message.channel, message.id, message.text, message.edited_at, message.files
        )

    async def known_channels(self, platform: str, workspace: str = "") -> list[Channel]:
        """The channels that are remembered and not noted as removed, the busiest first."""
        return await self.channels.in_workspace(platform, workspace)

    async def known_threads(self, channel: Channel, address: str) -> list[str]:
        """The threads of a channel that are remembered and not noted as removed."""
        channel_id = await self.channels.find(channel)
        return [] if channel_id is None else await self.removals.threads_left(channel_id, address)


def _unknown(channel: Channel, message_id: str) -> Message:
    """A message of which nothing is known but its id."""
    return Message(channel, message_id, Author("", ""), "", datetime.now(UTC))
