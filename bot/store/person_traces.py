"""What bears a person's id: what they said, and whatever else names them. Counted, and taken out.

Two things stay: that somebody opted out, for else they would be remembered again; and, as a
fingerprint, up to when nothing is read in of who was forgotten.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.model import lane_of_author
from bot.store.api_traces import take_out_of_api, take_out_of_page
from bot.store.database import Database
from bot.store.heartbeat import STOP_REQUESTS
from bot.store.message_edits import forget
from bot.store.message_inserts import lock_channel
from bot.store.posted_files import release_added_files
from bot.store.sql_files import load
from bot.text.fingerprints import fingerprint

_SQL = load("person_traces")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """How often a person's id stands in what is kept of a channel."""

    channel_id: int
    messages: int
    others: int
    """Mentions, turns, lanes, usage, ratings, reminders, examples and what they decided."""
    first: datetime | None = None
    """When they said the first of it."""


class PersonTraces:
    """The id of a person, in every table that holds one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, channel_ids: Sequence[int], person_id: str) -> list[Traces]:
        """Of these channels, those that hold something of the person."""
        values = {"channels": list(channel_ids), **_of(person_id)}
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.count, values)
            return [Traces(**row) for row in rows.mappings()]

    async def forget(self, channel_id: int, person_id: str) -> int:
        """Forget all that a person said in a channel, and who they are; returns how many messages.

        What is being answered to them is stopped, in every replica.
        """
        values = {"channel": channel_id, **_of(person_id)}
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            await _keep_out(connection, channel_id, person_id)
            seqs = list((await connection.execute(_SQL.get_seqs, values)).scalars())
            running = await connection.execute(_SQL.get_running, {**values, "seqs": seqs})
            turns = list(running.scalars())
            added = await release_added_files(connection, channel_id, person_id)
            count = await forget(connection, channel_id, seqs, added)
            await connection.execute(_SQL.cancel_turns, values)
            await take_out(connection, channel_id, person_id)
            platform = await connection.scalar(_SQL.get_platform, values)
            await take_out_of_page(connection, person_id, str(platform))
            await connection.execute(_SQL.forget_name, values)
            await connection.execute(_SQL.stop, {"requests": STOP_REQUESTS, "turns": turns})
        return count

    async def forget_everybody(self, channel_id: int, seqs: Sequence[int]) -> int:
        """Forget these messages, which are all of a channel, and whoever was there."""
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            await _keep_out(connection, channel_id, None)
            added = await release_added_files(connection, channel_id, None)
            count = await forget(connection, channel_id, seqs, added)
            await take_out(connection, channel_id, None)
        return count

    async def keep_out(self, channel_id: int, person_id: str | None) -> None:
        """Read in nothing more that this person, or everybody, has said so far in a channel."""
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            await _keep_out(connection, channel_id, person_id)

    async def delete_help_channels(self, person_id: str) -> None:
        """Delete what a former version kept of who asked for help: no message can be in there."""
        async with self._database.begin() as connection:
            await connection.execute(_SQL.delete_help_channels, {"person": person_id})


async def _keep_out(connection: AsyncConnection, channel_id: int, person_id: str | None) -> None:
    platform = await connection.scalar(_SQL.get_platform, {"channel": channel_id})
    person = "" if person_id is None else fingerprint(str(platform), person_id)
    await connection.execute(_SQL.keep_out, {"channel": channel_id, "fingerprint": person})


async def take_out(connection: AsyncConnection, channel_id: int, person_id: str | None) -> None:
    """Take a person's id, or everybody's, from what has ended; all of it still counts.

    Where they are signed in, and what they changed at the page, is of no channel: that ends with
    forgetting a person, not with opting out of one place.
    """
    values = {"channel": channel_id, **_of(person_id)}
    platform = await connection.scalar(_SQL.get_platform, {"channel": channel_id})
    if person_id is not None:
        await take_out_of_api(connection, person_id, str(platform))
    asked = {**values, "fingerprint": fingerprint(str(platform), person_id or "")}
    await connection.execute(_SQL.take_out_of_confirmations, asked)
    await connection.execute(_SQL.take_out_of_consents, asked)
    for sql in (
        _SQL.take_out_of_turns,
        _SQL.take_out_of_mentions,
        _SQL.take_out_of_messages,
        _SQL.take_out_of_lanes,
        _SQL.take_out_of_usage,
        _SQL.take_out_of_ratings,
        _SQL.take_out_of_early_edits,
        _SQL.take_out_of_reminders,
        _SQL.take_out_of_examples,
        _SQL.take_out_of_rules,
        _SQL.take_out_of_tool_calls,
    ):
        await connection.execute(sql, values)


def _of(person_id: str | None) -> dict[str, object]:
    return {"person": person_id, "lane": lane_of_author(person_id or "")}
