"""What is changed from the page: by the commands of the chats, so that rights and words are one."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo

import structlog

from bot.commands.request import CONFIRMED
from bot.domain.errors import CommandError
from bot.domain.model import Author, Channel, Command, Reply
from bot.domain.page import (
    TERMINAL,
    Audited,
    Audits,
    Change,
    Done,
    NotAsked,
    NotThere,
    ReadableChannel,
    Visitor,
)
from bot.domain.ports import Adapter, Commands
from bot.page.change_kinds import ACTIONS, KINDS, Kind, kind_of
from bot.page.noting import Noting
from bot.page.reading import Reading
from bot.store.audit import PAGE, Audit
from bot.text.words import split_word

PATIENCE = 10.0  # seconds that a platform has to say what somebody may
LONGEST = 4_000  # characters of what a form says
WITHOUT_END = "Leave out “yes-” and the number at the end: first I ask."
NO_PATHS = "Write the whole address, for example https://example.org/terms.pdf."
"""At the machine itself, the command also takes paths; what a browser sends opens none."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing:
    """Runs commands for who reads a channel, and notes them before they begin."""

    reading: Reading
    adapters: Mapping[str, Adapter]
    commands: Commands
    audit: Audit
    noting: Noting

    async def change(self, visitor: Visitor, channel_id: int, change: Change) -> Done:
        """Change something of a channel. Raises NotThere, and what commands raise."""
        state, _ = await self.reading.require(visitor, channel_id)
        kind = KINDS.get(change.kind)
        if kind is None:
            raise NotThere
        arguments = _arguments(kind, change)
        admin, zone = await self.rights(visitor, state.channel)
        command = Command(
            kind.command,
            arguments,
            state.channel,
            Author(visitor.person_id, visitor.name),
            admin=admin,
            zone=zone,
            whispered=True,
            by_button=True,
        )
        reply = await self._noted(visitor, channel_id, kind, command, change.once)
        text = self._spelled(state.channel, reply.text)
        return Done(
            readable=ReadableChannel(channel_id, state.channel), text=text, confirm=reply.confirm
        )

    async def carry_out(
        self, visitor: Visitor, channel_id: int, command: Command, once: str
    ) -> Reply:
        """A command as it was typed; what it changes is noted. Raises what commands raise."""
        kind = kind_of(command.name, command.arguments)
        if kind is None:
            return await self.commands.run(command)
        return await self._noted(visitor, channel_id, kind, command, once)

    async def changes(self, visitor: Visitor, action: str, before: int | None) -> Audits:
        """What was changed; where is told to who reads that."""
        chosen = action if action in ACTIONS else None
        entries = await self.audit.read(
            visitor, everybody=visitor.admin, action=chosen, before=before
        )
        readable = {one.id: one for one in (await self.reading.channels(visitor)).channels}
        audited = [
            Audited(
                id=one.id,
                at=one.at,
                platform=one.platform,
                name=one.name,
                action=one.action,
                what=one.what,
                readable=readable.get(one.channel_id or 0),
                ended=one.ended,
            )
            for one in entries
        ]
        return Audits(audited, audited[-1].id if len(audited) == PAGE else None, ACTIONS)

    async def rights(self, visitor: Visitor, channel: Channel) -> tuple[bool, tzinfo]:
        """Whether the platform gives them rights over it now, and where their days begin."""
        adapter = self.adapters.get(channel.platform)
        if channel.platform == TERMINAL or adapter is None:
            return channel.platform == TERMINAL, UTC
        try:
            async with asyncio.timeout(PATIENCE):
                has_rights = await adapter.has_rights_over(channel, visitor.person_id)
                return has_rights, await adapter.time_zone(visitor.person_id)
        except Exception as error:  # whatever a platform's library raises
            log.warning("rights_not_known", platform=channel.platform, error=type(error).__name__)
            raise NotAsked from error

    async def _noted(
        self, visitor: Visitor, channel_id: int, kind: Kind, command: Command, once: str
    ) -> Reply:
        return await self.noting.run(
            visitor,
            kind.action,
            lambda: self.commands.run(command),
            lambda reply: None if reply.confirm else reply.noted,
            channel_id=channel_id,
            once=once,
        )

    def _spelled(self, channel: Channel, text: str) -> str:
        adapter = self.adapters.get(channel.platform)
        return adapter.spell_commands(text) if adapter else text


def _arguments(kind: Kind, change: Change) -> str:
    """What follows the command's name. Raises CommandError."""
    if change.confirmed:
        meant = split_word(change.confirmed)[0] == kind.subcommand
        if not meant or not CONFIRMED.search(change.confirmed):
            raise NotThere
        return change.confirmed
    words = "" if kind.bare else change.words.strip()
    if len(words) > LONGEST:
        raise CommandError(reason=f"That is longer than {LONGEST:,} characters.")
    if kind.needs and not words:
        raise CommandError(reason=kind.needs)
    if CONFIRMED.search(words):
        raise CommandError(reason=WITHOUT_END)
    check_paths(kind.command, kind.arguments(words))
    return kind.arguments(words)


def check_paths(command: str, arguments: str) -> None:
    """Raises CommandError for a document that is no address on the web."""
    subcommand, rest = split_word(arguments)
    if command == "docs" and subcommand.lower() == "add" and "://" not in rest:
        raise CommandError(reason=NO_PATHS)
