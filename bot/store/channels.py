"""Channels: who they are, what was set for them, and whose words are not remembered there."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.model import Channel
from bot.store.database import Database
from bot.store.hot_connections import Row
from bot.store.message_inserts import lock_channel
from bot.store.person_traces import take_out
from bot.store.sql_files import load

_SQL = load("channels")

LONGEST_RETENTION = 36_500  # days
KEPT = 10_000  # ids kept in memory; a row more is one more query


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """A channel's row, as read at one moment."""

    id: int
    channel: Channel
    seq: int
    watermark: int
    epoch: int
    window_tokens: int
    forgotten: int
    """How often something was taken back here: what was made before may hold it."""
    persona: str | None
    model: str | None
    generation: str | None = None
    """How its model is to generate (bot.domain.generation), as it was written."""
    late_tokens: int = 0
    """Of what came in behind the window, and is not summarized yet."""
    uses_tools: bool = False
    """Some tool was switched on here; else nothing about tools is read."""
    has_documents: bool = False
    """Some file was read here; else no document is looked for."""
    answer_style: str = ""
    """How it wants its answers, in words of its own (bot.store.tuned_prompts); else empty."""
    summary_wanted: str = ""
    """Likewise, what its summaries keep."""

    @classmethod
    def unseen(cls, channel: Channel) -> "ChannelState":
        """The state of a channel that has no row: nothing is stored under the id 0."""
        return cls(
            id=0,
            channel=channel,
            seq=0,
            watermark=0,
            epoch=0,
            window_tokens=0,
            forgotten=0,
            persona=None,
            model=None,
        )


class Channels:
    """Channels by their identity on the platform."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids: OrderedDict[Channel, int] = OrderedDict()

    async def id(self, channel: Channel) -> int:
        """The row of a channel, made when it is new."""
        if channel in self._ids:
            self._ids.move_to_end(channel)
            return self._ids[channel]
        async with self._database.begin() as connection:
            channel_id = int(await connection.scalar(_SQL.find_or_add, _identity(channel)))
        self._ids[channel] = channel_id
        if len(self._ids) > KEPT:
            self._ids.popitem(last=False)
        return channel_id

    async def find(self, channel: Channel) -> int | None:
        """The row of a channel that is known; None for one never seen."""
        if channel in self._ids:
            return self._ids[channel]
        async with self._database.autocommit() as connection:
            channel_id = await connection.scalar(_SQL.find, _identity(channel))
        return None if channel_id is None else int(channel_id)

    async def state(self, channel_id: int) -> ChannelState:
        """What is set for a channel, and how far it is compacted."""
        async with self._database.autocommit() as connection:
            row = (await connection.execute(_SQL.get_state, {"channel": channel_id})).one()
        return to_state(row)

    async def in_workspace(self, platform: str, workspace: str) -> list[Channel]:
        """The channels of a workspace, or of all, that Nellie is in; the busiest first."""
        values = {"platform": platform, "workspace": workspace}
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.get_states_in_workspace, values)
            return [to_state(row).channel for row in rows]

    async def all(self) -> list[ChannelState]:
        """Every channel, the busiest first."""
        async with self._database.autocommit() as connection:
            return [to_state(row) for row in await connection.execute(_SQL.get_every_state)]

    async def rename(self, channel: Channel) -> None:
        """Keep the channel's new name."""
        async with self._database.begin() as connection:
            await connection.execute(_SQL.rename, _identity(channel))

    async def read_until(self, channel_id: int) -> datetime | None:
        """The moment up to which the platform's history was read; None when it never was."""
        async with self._database.autocommit() as connection:
            until: datetime | None = await connection.scalar(
                _SQL.get_read_until, {"channel": channel_id}
            )
            return until

    async def set_read_until(self, channel_id: int, until: datetime) -> None:
        """The platform's history was read, whole, up to this moment."""
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.set_read_until, {"channel": channel_id, "until": until})

    async def set_persona(self, channel_id: int, persona: str | None) -> None:
        """Set a channel's persona; None goes back to the general one."""
        async with self._database.begin() as connection:
            await connection.execute(_SQL.set_persona, {"channel": channel_id, "persona": persona})

    async def set_model(
        self, channel_id: int, model: str | None, generation: str | None = None
    ) -> None:
        """Set a channel's model and how it generates; None goes back to what is general."""
        async with self._database.begin() as connection:
            values = {"channel": channel_id, "model": model, "generation": generation}
            await connection.execute(_SQL.set_model, values)

    async def is_all_empty(self, *, but: Channel) -> bool:
        """Whether nothing is remembered anywhere, apart from one channel."""
        values = {"platform": but.platform, "workspace": but.workspace, "id": but.id}
        async with self._database.autocommit() as connection:
            return not await connection.scalar(_SQL.is_anything_elsewhere, values)

    async def retention(self, channel_id: int) -> int | None:
        """Days that messages are kept here, 0 for ever; None where the general rule holds."""
        async with self._database.autocommit() as connection:
            days: int | None = await connection.scalar(_SQL.get_retention, {"channel": channel_id})
            return days

    async def set_retention(self, channel_id: int, days: int | None) -> None:
        """Keep messages for so many days."""
        async with self._database.begin() as connection:
            await connection.execute(_SQL.set_retention, {"channel": channel_id, "days": days})

    async def set_opt_out(self, channel_id: int, author_id: str, *, out: bool) -> None:
        """Remember nothing more that this person says here, or remember again.

        What they said stays; what else bears their id here, such as what it cost, loses it. They
        stay signed in at the page, for they have to find the way back in.
        """
        sql = _SQL.opt_out if out else _SQL.opt_in
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            await connection.execute(sql, {"channel": channel_id, "author": author_id})
            if out:
                await take_out(connection, channel_id, author_id)

    async def opted_out(self, channel_id: int, author_id: str) -> bool:
        """Whether this person is not remembered here."""
        values = {"channel": channel_id, "author": author_id}
        async with self._database.autocommit() as connection:
            return bool(await connection.scalar(_SQL.is_opted_out, values))


def to_state(row: sa.Row[tuple[Any, ...]] | Row) -> ChannelState:
    """A channel's state, from a row that has the columns `state` of channels.sql."""
    return ChannelState(
        id=row.channel_id,
        channel=Channel(row.platform, row.workspace, row.channel_external, row.name, row.direct),
        seq=row.channel_seq,
        watermark=row.watermark,
        epoch=row.epoch,
        window_tokens=row.window_tokens,
        forgotten=row.forgotten,
        persona=row.persona,
        model=row.model,
        generation=row.generation,
        late_tokens=row.late_tokens,
        uses_tools=row.uses_tools,
        has_documents=row.has_documents,
        answer_style=row.answer_style or "",
        summary_wanted=row.summary_wanted or "",
    )


def _identity(channel: Channel) -> dict[str, object]:
    return {
        "platform": channel.platform,
        "workspace": channel.workspace,
        "external": channel.id,
        "name": channel.name,
        "direct": channel.direct,
    }
