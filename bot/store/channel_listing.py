"""Channels as operators look at them: how much is remembered of each, and no text of anybody's."""

from dataclasses import dataclass
from datetime import datetime

from bot.store.database import Database
from bot.store.sql_files import load

_SQL = load("channel_listing")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedChannel:
    """A channel, and what is remembered of it."""

    platform: str
    workspace: str
    channel: str
    name: str
    """What people call it, where it has such a name."""
    direct: bool
    messages: int
    people: int
    """Who spoke there, without Nellie and other bots."""
    tokens: int
    """In our own estimate, as prompts count them."""
    bytes: int
    """Of the texts, in UTF-8."""
    first: datetime | None
    last: datetime | None


class ChannelListing:
    """The tables of channels and messages, as operators see them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def channels(self) -> list[ListedChannel]:
        """Every channel, the one with the latest message first. It reads all messages."""
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.get_every_channel)
            return [ListedChannel(**row) for row in rows.mappings()]
