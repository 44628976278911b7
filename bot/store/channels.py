"""Channels: who they are, what was set for them, and whose words are not remembered there."""

from collections import OrderedDict
from dataclasses import dataclass

import sqlalchemy as sa

from bot.conversation import Channel
from bot.store.database import Database

KEPT = 10_000  # ids kept in memory; a row more is one more query


@dataclass(frozen=True, slots=True)
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
            row = await connection.scalar(_FIND_OR_ADD, _identity(channel))
        self._ids[channel] = int(row)
        if len(self._ids) > KEPT:
            self._ids.popitem(last=False)
        return int(row)

    async def find(self, channel: Channel) -> int | None:
        """The row of a channel that is known; None for one never seen."""
        async with self._database.single() as connection:
            row = await connection.scalar(_FIND, _identity(channel))
        return None if row is None else int(row)

    async def state(self, channel_id: int) -> ChannelState:
        """What is set for a channel, and how far it is compacted."""
        async with self._database.single() as connection:
            row = (await connection.execute(_STATE, {"channel": channel_id})).one()
        return _state(row)

    async def all(self) -> list[ChannelState]:
        """Every channel, the busiest first."""
        async with self._database.single() as connection:
            return [_state(row) for row in await connection.execute(_ALL)]

    async def rename(self, channel: Channel) -> None:
        """Keep the channel's new name."""
        async with self._database.begin() as connection:
            await connection.execute(_RENAME, _identity(channel))

    async def introduce(self, channel_id: int) -> bool:
        """True once in a channel's life: Nellie has not introduced herself there yet."""
        async with self._database.begin() as connection:
            done = await connection.execute(_INTRODUCE, {"channel": channel_id})
        return done.rowcount == 1

    async def set(self, channel_id: int, *, column: str, value: str | None) -> None:
        """Set a channel's persona or model; None goes back to the general one."""
        statement = {"persona": _SET_PERSONA, "model": _SET_MODEL}[column]
        async with self._database.begin() as connection:
            await connection.execute(statement, {"channel": channel_id, "value": value})

    async def opt(self, channel_id: int, author_id: str, *, out: bool) -> None:
        """Remember nothing more that this person says here, or remember again."""
        async with self._database.begin() as connection:
            await connection.execute(
                _OPT_OUT if out else _OPT_IN, {"channel": channel_id, "author": author_id}
            )

    async def opted_out(self, channel_id: int, author_id: str) -> bool:
        """Whether this person is not remembered here."""
        async with self._database.single() as connection:
            found = await connection.scalar(
                _OPTED_OUT, {"channel": channel_id, "author": author_id}
            )
        return bool(found)


def _identity(channel: Channel) -> dict[str, object]:
    return {
        "platform": channel.platform,
        "workspace": channel.workspace,
        "external": channel.id,
        "name": channel.name,
        "direct": channel.direct,
    }


def _state(row: sa.Row[tuple[object, ...]]) -> ChannelState:
    channel = Channel(row.platform, row.workspace, row.external_id, row.name, row.direct)
    return ChannelState(
        row.id, channel, row.seq, row.watermark, row.epoch, row.window_tokens,
        row.forgotten, row.persona, row.model,
    )  # fmt: skip


_FIND = sa.text("""
    SELECT id FROM channel
    WHERE platform = :platform AND workspace = :workspace AND external_id = :external
""")

_FIND_OR_ADD = sa.text("""
    INSERT INTO channel (platform, workspace, external_id, name, direct)
    VALUES (:platform, :workspace, :external, :name, :direct)
    ON CONFLICT (platform, workspace, external_id)
    DO UPDATE SET name = CASE WHEN excluded.name = '' THEN channel.name ELSE excluded.name END
    RETURNING id
""")

_STATE = sa.text("SELECT * FROM channel WHERE id = :channel")

_ALL = sa.text("SELECT * FROM channel ORDER BY seq DESC, id")

_RENAME = sa.text("""
    UPDATE channel SET name = :name
    WHERE platform = :platform AND workspace = :workspace AND external_id = :external
""")

_INTRODUCE = sa.text("UPDATE channel SET introduced = true WHERE id = :channel AND NOT introduced")

_SET_PERSONA = sa.text("UPDATE channel SET persona = :value, epoch = epoch + 1 WHERE id = :channel")

_SET_MODEL = sa.text("UPDATE channel SET model = :value WHERE id = :channel")

_OPT_OUT = sa.text("INSERT INTO optout VALUES (:channel, :author) ON CONFLICT DO NOTHING")

_OPT_IN = sa.text("DELETE FROM optout WHERE channel_id = :channel AND author_id = :author")

_OPTED_OUT = sa.text(
    "SELECT EXISTS (SELECT FROM optout WHERE channel_id = :channel AND author_id = :author)"
)
