"""How a channel is arranged, for who reads it: what is set there, and its documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from bot.commands.about import only_quotes
from bot.commands.document_lines import describe_content, describe_posting, group_posts
from bot.commands.remind import format_due
from bot.config.settings import Settings
from bot.domain.documents import FilePost
from bot.domain.page import (
    PAGE,
    ChannelDocuments,
    ChannelSettings,
    NotAsked,
    ReadableChannel,
    ShownDocument,
    ShownReminder,
    ShownTool,
    Visitor,
)
from bot.page.changing import Changing
from bot.page.reading import Reading
from bot.store.channels import ChannelState
from bot.store.stores import Stores
from bot.text.names import plain_name
from bot.tools.describing import first_sentence
from bot.tools.registry import Known, Registry
from bot.tools.web.links import OPENS

DOCUMENTS = 200  # that are shown
LOOKED_THROUGH = 50_000  # files, to count them
SAYS = 160  # characters of what a tool says of itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranging:
    """Reads what is set."""

    reading: Reading
    changing: Changing
    stores: Stores
    settings: Settings
    registry: Registry

    async def settings_of(self, visitor: Visitor, channel_id: int) -> ChannelSettings:
        """What is set in a channel. Raises NotThere."""
        state, retention = await self.reading.require(visitor, channel_id)
        schedule = await self.stores.schedules.get(channel_id)
        has_rights, _ = await self._rights(visitor, state)
        return ChannelSettings(
            readable=ReadableChannel(channel_id, state.channel),
            has_rights=has_rights,
            opted_out=await self.stores.channels.opted_out(channel_id, visitor.person_id),
            retention=retention,
            general_retention=self.settings.retention,
            segments=await self.stores.summaries.count_segments(channel_id),
            persona=state.persona or "",
            general_persona=self.settings.persona,
            model=state.model or "",
            general_models=self.settings.model,
            choices=self.settings.choices,
            generation=state.generation or "",
            digest=schedule[0] if schedule else "",
            next_digest=schedule[1] if schedule else None,
            posts_digests=state.channel.platform != PAGE,
            sets_reminders=not only_quotes([state.model] if state.model else self.settings.model),
            uses_tools=state.uses_tools,
            tools=[to_tool(one) for one in await self.registry.known(channel_id)],
            reminders=await self._reminders(visitor, channel_id, everybodys=has_rights),
        )

    async def documents(self, visitor: Visitor, channel_id: int) -> ChannelDocuments:
        """The documents of a channel. Raises NotThere."""
        state, _ = await self.reading.require(visitor, channel_id)
        has_rights, zone = await self._rights(visitor, state)
        posts = await self.stores.posted_files.in_channel(channel_id, limit=LOOKED_THROUGH)
        found = group_posts(posts)
        return ChannelDocuments(
            readable=ReadableChannel(channel_id, state.channel),
            documents=[
                _to_document(one, zone, visitor, has_rights=has_rights) for one in found[:DOCUMENTS]
            ],
            more=max(0, len(found) - DOCUMENTS),
            opens_links=await self.registry.is_on(channel_id, OPENS),
        )

    async def _rights(self, visitor: Visitor, state: ChannelState) -> tuple[bool, tzinfo]:
        """As commands have it; where the platform does not say, nothing is offered."""
        try:
            has_rights, zone = await self.changing.rights(visitor, state.channel)
        except NotAsked:
            has_rights, zone = False, UTC
        return has_rights or visitor.admin or state.channel.direct, zone

    async def _reminders(
        self, visitor: Visitor, channel_id: int, *, everybodys: bool
    ) -> Sequence[ShownReminder]:
        found = await self.stores.reminders.open_ones(
            channel_id, visitor.person_id, everybodys=everybodys
        )
        return [
            ShownReminder(
                id=one.id,
                due=format_due(one),
                text=one.text,
                person=plain_name(one.person_name),
                private=one.private,
            )
            for one in found
        ]


def to_tool(known: Known) -> ShownTool:
    """A tool as it is shown."""
    tool = known.tool
    return ShownTool(
        name=tool.name,
        says=first_sentence(tool.description, SAYS),
        state=known.state,
        missing=known.missing,
        changes=tool.changes,
        server=tool.server,
    )


def _to_document(
    posts: Sequence[FilePost], zone: tzinfo, visitor: Visitor, *, has_rights: bool
) -> ShownDocument:
    newest = posts[0]
    return ShownDocument(
        name=newest.file.shown_name,
        content=describe_content(newest),
        state=newest.state,
        notes=newest.notes,
        posted=describe_posting(posts, zone),
        link=newest.link,
        seq=newest.seq,
        may_forget=has_rights or any(one.author_id == visitor.person_id for one in posts),
    )
