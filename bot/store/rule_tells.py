"""Whom rules owe word of a message, until it is posted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.model import Channel
from bot.domain.pings import Ping
from bot.store.channels import to_state
from bot.store.database import Database
from bot.store.rules import to_ping
from bot.store.sql_files import load

_SQL = load("rule_tells")


@dataclass(frozen=True, slots=True, kw_only=True)
class DueTell:
    """A tell whose time has come."""

    id: int
    attempt: int
    rule_id: int
    channel_id: int
    channel: Channel
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldMessage:
    """A message that somebody is told of, as it stands now."""

    author: str
    text: str
    link: str
    said_at: datetime
    confidence: float
    edited: bool
    """Since it was labelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """What somebody is told."""

    rule: str
    label: str
    summed: bool
    """They are those that were too many to be told one by one."""
    ping: Ping
    messages: tuple[ToldMessage, ...]


class RuleTells:
    """The rule_tell table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, platforms: Sequence[str]) -> list[DueTell]:
        """Those that are due on these platforms and have no turn yet, the longest due first."""
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.find_due, {"platforms": list(platforms)})
            return [
                DueTell(
                    id=row.id,
                    attempt=row.attempt,
                    rule_id=row.rule_id,
                    channel_id=row.channel_id,
                    channel=to_state(row).channel,
                    at=row.at,
                )
                for row in rows
            ]

    async def find(self, channel_id: int, tell_id: int) -> Tell | None:
        """What is to be told; None where it was told, or nothing of it is left."""
        values = {"channel": channel_id, "tell": tell_id}
        async with self._database.autocommit() as connection:
            row = (await connection.execute(_SQL.find, values)).one_or_none()
            found = (await connection.execute(_SQL.find_messages, values)).all()
        if row is None or not found:
            return None
        messages = tuple(
            ToldMessage(
                author=one.author_name,
                text=one.text,
                link=one.link,
                said_at=one.said_at,
                confidence=one.confidence,
                edited=one.edited,
            )
            for one in found
        )
        return Tell(
            rule=row.name,
            label=row.label,
            summed=row.summed,
            ping=to_ping(row),
            messages=messages,
        )

    async def end(self, channel_id: int, tell_id: int) -> None:
        """It is told."""
        async with self._database.begin() as connection:
            await connection.execute(_SQL.end, {"channel": channel_id, "tell": tell_id})

    async def postpone(self, channel_id: int, tell_id: int, minutes: int) -> bool:
        """Try it again later; False where it is too late for that."""
        values = {"channel": channel_id, "tell": tell_id, "minutes": minutes}
        async with self._database.begin() as connection:
            return (await connection.execute(_SQL.postpone, values)).rowcount == 1

    async def drop_old(self) -> None:
        """Let go of what is told, or can be told no more."""
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.drop_old)
