"""Reminders: what is to be said to whom at which time, until it is posted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.errors import LimitReached
from bot.domain.model import Author, Channel
from bot.store.channels import to_state
from bot.store.database import Database
from bot.store.sql_files import load
from bot.text.fingerprints import fingerprint

_SQL = load("reminders")

MOST = 25  # open ones of a person, in all channels of a platform together


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One that is still to come."""

    id: int
    channel_id: int
    person_id: str
    person_name: str
    text: str
    at: datetime
    """When it is looked at next."""
    due_at: datetime
    """When it was to come."""
    zone: str
    """The time zone in which people are told of it."""
    thread: str
    private: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReminder:
    """One as it was asked for."""

    channel_id: int
    channel: Channel
    person: Author
    text: str
    at: datetime
    zone: str
    thread: str = ""
    private: bool = False
    key: str = ""
    """The same for every attempt to add this one; empty where there is only one."""


class Reminders:
    """The reminder table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, new: NewReminder) -> Reminder:
        """Add one, once for its key. Raises LimitReached when the person has too many."""
        values = {
            "channel": new.channel_id,
            "person_id": new.person.id,
            "person_name": new.person.name,
            "person": fingerprint(new.channel.platform, new.person.id),
            "key": new.key or None,
            "text": new.text,
            "at": new.at,
            "zone": new.zone,
            "thread": new.thread,
            "private": new.private,
            "most": MOST,
        }
        while True:  # each time that it finds its slot taken, another one has got in
            async with self._database.autocommit() as connection:
                row = (await connection.execute(_SQL.add, values)).one_or_none()
                if row is None and new.key:
                    row = (await connection.execute(_SQL.find_by_key, values)).one_or_none()
                if row is not None:
                    return _to_reminder(row)
                count = int(await connection.scalar(_SQL.count, values) or 0)
            if count >= MOST:
                raise LimitReached(
                    reason=f"You have {MOST} open reminders, which is the most. /remind list shows"
                    " those of a channel, /remind cancel NUMBER takes one back.",
                    limit="reminders",
                )

    async def open_ones(
        self, channel_id: int, person_id: str, *, everybodys: bool = False
    ) -> list[Reminder]:
        """A person's in a channel, the next first; with everybody's that are not private."""
        values = {"channel": channel_id, "person_id": person_id, "all": everybodys}
        async with self._database.autocommit() as connection:
            return [_to_reminder(row) for row in await connection.execute(_SQL.open_ones, values)]

    async def cancel(
        self, channel_id: int, reminder_id: int, person_id: str, *, everybodys: bool = False
    ) -> Reminder | None:
        """Take one back; None where there is none of this number that the person may take back."""
        values = {"channel": channel_id, "id": reminder_id}
        own = {"person_id": person_id, "all": everybodys}
        async with self._database.begin() as connection:
            row = (await connection.execute(_SQL.cancel, values | own)).one_or_none()
            if row is not None:
                await connection.execute(_SQL.forget_reply, values)
        return None if row is None else _to_reminder(row)

    async def due(self, platforms: list[str]) -> list[tuple[Channel, Reminder]]:
        """Those that are due on these platforms and have no turn yet, the longest due first."""
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.find_due, {"platforms": platforms})
            return [(to_state(row).channel, _to_reminder(row)) for row in rows]

    async def drop_ended(self) -> None:
        """Let go of what was posted and is still there."""
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.drop_ended)

    async def find(self, channel_id: int, reminder_id: int) -> Reminder | None:
        """One, while it is open."""
        values = {"channel": channel_id, "id": reminder_id}
        async with self._database.autocommit() as connection:
            row = (await connection.execute(_SQL.find, values)).one_or_none()
            return None if row is None else _to_reminder(row)

    async def drop(self, channel_id: int, reminder_id: int) -> None:
        """It is posted: nothing of it is kept."""
        values = {"channel": channel_id, "id": reminder_id}
        async with self._database.begin() as connection:
            await connection.execute(_SQL.drop, values)
            await connection.execute(_SQL.forget_reply, values)

    async def postpone(self, channel_id: int, reminder_id: int, minutes: int) -> bool:
        """Try it again later; False where it is too late for that: then it is dropped."""
        values = {"channel": channel_id, "id": reminder_id}
        async with self._database.begin() as connection:
            again = await connection.execute(_SQL.postpone, {**values, "minutes": minutes})
            postponed = again.one_or_none() is not None
            if not postponed:
                await connection.execute(_SQL.drop, values)
            await connection.execute(_SQL.forget_reply, values)
        return postponed


def _to_reminder(row: sa.Row[tuple[Any, ...]]) -> Reminder:
    return Reminder(
        id=row.id,
        channel_id=row.channel_id,
        person_id=row.person_id,
        person_name=row.person_name,
        text=row.text,
        at=row.at,
        due_at=row.due_at,
        zone=row.zone,
        thread=row.thread,
        private=row.private,
    )
