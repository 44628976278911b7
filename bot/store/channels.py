"""Channels: who they are, what was set for them, and whose words are not remembered there."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

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
        return state(row)

    async def of(self, platform: str, workspace: str) -> list[Channel]:
        """The channels of a workspace, the busiest first."""
        async with self._database.single() as connection:
            key = {"platform": platform, "workspace": workspace}
            return [state(row).channel for row in await connection.execute(_OF, key)]

    async def all(self) -> list[ChannelState]:
        """Every channel, the busiest first."""
        async with self._database.single() as connection:
            return [state(row) for row in await connection.execute(_ALL)]

    async def rename(self, channel: Channel) -> None:
        """Keep the channel's new name."""
        async with self._database.begin() as connection:
            await connection.execute(_RENAME, _identity(channel))

    async def introduce(self, channel_id: int) -> bool:
        """True once in a channel's life: Nellie has not introduced herself there yet."""
        async with self._database.begin() as connection:
            done = await connection.execute(_INTRODUCE, {"channel": channel_id})
        return done.rowcount == 1

    async def read_until(self, channel_id: int) -> datetime | None:
        """The moment up to which the platform's history was read; None when it never was."""
        async with self._database.single() as connection:
            until: datetime | None = await connection.scalar(_READ_UNTIL, {"channel": channel_id})
            return until

    async def have_read(self, channel_id: int, until: datetime) -> None:
        """The platform's history was read, whole, up to this moment."""
        async with self._database.single() as connection:
            await connection.execute(_HAVE_READ, {"channel": channel_id, "until": until})

    async def set(self, channel_id: int, *, column: str, value: str | None) -> None:
        """Set a channel's persona or model; None goes back to the general one."""
        statement = {"persona": _SET_PERSONA, "model": _SET_MODEL}[column]
        async with self._database.begin() as connection:
            await connection.execute(statement, {"channel": channel_id, "value": value})

    async def retention(self, channel_id: int) -> int | None:
        """Days that messages are kept here, 0 for ever; None where the general rule holds."""
        async with self._database.single() as connection:
            days: int | None = await connection.scalar(_RETENTION, {"channel": channel_id})
            return days

    async def retain(self, channel_id: int, days: int | None) -> None:
        """Keep messages for so many days."""
        async with self._database.begin() as connection:
            await connection.execute(_RETAIN, {"channel": channel_id, "days": days})

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


def state(row: sa.Row[tuple[object, ...]]) -> ChannelState:
    """A row that has the columns of STATE."""
    channel = Channel(row.platform, row.workspace, row.channel_external, row.name, row.direct)
    return ChannelState(
        row.channel_id, channel, row.channel_seq, row.watermark, row.epoch, row.window_tokens,
        row.forgotten, row.persona, row.model,
    )  # fmt: skip


STATE = """
    c.id AS channel_id, c.platform, c.workspace, c.external_id AS channel_external, c.name,
    c.direct, c.seq AS channel_seq, c.watermark, c.epoch, c.window_tokens, c.forgotten, c.persona,
    c.model
"""


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

_STATE = sa.text(f"SELECT {STATE} FROM channel c WHERE id = :channel")  # noqa: S608  # our own

_ALL = sa.text(f"SELECT {STATE} FROM channel c ORDER BY seq DESC, id")  # noqa: S608  # our own

_OF = sa.text(f"""
    SELECT {STATE} FROM channel c WHERE platform = :platform AND workspace = :workspace
    ORDER BY seq DESC, id
""")  # noqa: S608  # our own

_READ_UNTIL = sa.text("SELECT read_until FROM channel WHERE id = :channel")

_HAVE_READ = sa.text("""
    UPDATE channel SET read_until = greatest(read_until, CAST(:until AS timestamptz))
    WHERE id = :channel
""")

_RENAME = sa.text("""
    UPDATE channel SET name = :name
    WHERE platform = :platform AND workspace = :workspace AND external_id = :external
""")

_INTRODUCE = sa.text("UPDATE channel SET introduced = true WHERE id = :channel AND NOT introduced")

_SET_PERSONA = sa.text("UPDATE channel SET persona = :value, epoch = epoch + 1 WHERE id = :channel")

_SET_MODEL = sa.text("UPDATE channel SET model = :value WHERE id = :channel")

_RETENTION = sa.text("SELECT retention FROM channel WHERE id = :channel")

_RETAIN = sa.text("UPDATE channel SET retention = CAST(:days AS int) WHERE id = :channel")

_OPT_OUT = sa.text("INSERT INTO optout VALUES (:channel, :author) ON CONFLICT DO NOTHING")

_OPT_IN = sa.text("DELETE FROM optout WHERE channel_id = :channel AND author_id = :author")

_OPTED_OUT = sa.text(
    "SELECT EXISTS (SELECT FROM optout WHERE channel_id = :channel AND author_id = :author)"
)
