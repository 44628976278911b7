"""A replica's keys and calls on a database, with settings and a clock of the test's own."""

import asyncio
from dataclasses import dataclass
from typing import Any, Self

import sqlalchemy as sa

from bot.config.settings import load
from bot.domain.api import ApiError, Caller
from bot.domain.model import Usage
from bot.gateway.calls.calls import Call, CallRequest, Calls
from bot.limits.reservations import Reserving
from bot.store.database import Database
from bot.store.stores import Stores

MODEL = "openai/small"
KEY = 1_000_001  # of everybody here who has none of their own
HAVE_KEY = """
    INSERT INTO api_key (id, hash, prefix, platform, workspace, person_id, name, team, models,
                         trusted)
    VALUES (1000001, 'none', 'nellie-none', '', '', 'everybody', 'everybody', '', '{}', false)
    ON CONFLICT DO NOTHING
"""


class KeyedCalls(Calls):
    """Calls, whose key is in the database."""

    database: Database

    async def begin(self, caller: Caller, request: CallRequest) -> Call:
        if caller.key_id == KEY:
            await rows(self.database, HAVE_KEY)
        return await super().begin(caller, request)


def caller(person: str = "ana", team: str = "red", **fields: Any) -> Caller:
    """Somebody who calls."""
    given = {"key_id": KEY, "platform": "", "workspace": "", "name": person, **fields}
    return Caller(person_id=person, team=team, **given)


def request(**fields: Any) -> CallRequest:
    """A short call that says how long its answer may be."""
    given = {"kind": "chat", "asked": "small", "model": MODEL, "input": 60, "max_output": 40}
    return CallRequest(**{**given, **fields})


def used(tokens: int, **fields: Any) -> Usage:
    """What a call used, most of it input."""
    return Usage(MODEL, tokens - tokens // 4, tokens // 4, **fields)


@dataclass
class CallingReplica:
    """What one replica does with calls."""

    calls: Calls
    reserving: Reserving
    stores: Stores

    @classmethod
    def on(cls, database: Database, *, patience: float = 0.0, **settings: Any) -> Self:
        chosen = load(**settings)
        stores = Stores.on(database, lease=15)
        reserving = Reserving(settings=chosen, store=stores.reservations)
        calls = KeyedCalls.on(stores, reserving, chosen)
        calls.database = database
        calls.patience = patience
        return cls(calls, reserving, stores)

    async def try_to_begin(self, who: Caller, **fields: Any) -> Call | None:
        """A call; None where its budget has nothing left."""
        try:
            return await self.calls.begin(who, request(**fields))
        except ApiError as error:
            if error.code != "budget_exceeded":
                raise
            return None

    def die(self) -> None:
        """End as a killed process does: nothing is renewed or given back any more."""
        for task in self.reserving._renewal:
            task.cancel()
        self.reserving._renewal.clear()


async def rows(database: Database, sql: str, **values: object) -> list[tuple[Any, ...]]:
    """What a statement finds."""
    async with database.autocommit() as connection:
        found = await connection.execute(sa.text(sql), values)
        return [tuple(row) for row in found] if found.returns_rows else []


async def let_leases_end(database: Database) -> None:
    """As if a minute went by in which nobody renewed anything."""
    await rows(database, "UPDATE reservation SET until = until - interval '61 seconds'")


async def spent_today(database: Database) -> int:
    """The tokens of the API's calls that quotas count."""
    [(tokens,)] = await rows(database, "SELECT coalesce(sum(tokens), 0) FROM api_day")
    return int(tokens)


async def all_of(*awaited: Any) -> list[Any]:
    """All at once."""
    return list(await asyncio.gather(*awaited))
