"""Calls of the API: a row for each, from before its model is asked until after its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.model import Usage
from bot.store.database import Database
from bot.store.reservations import (
    LEASE,
    LOCK_QUOTAS,
    Amount,
    Limits,
    Scope,
    Standing,
    midnight,
    to_standings,
)
from bot.store.sql_files import load

_SQL = load("api_calls")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """A call that begins."""

    key_id: int
    platform: str
    person_id: str
    name: str
    payer: str
    """The person, as a fingerprint."""
    team: str
    kind: str
    asked: str
    model: str
    stream: bool
    request: str | None = None
    """Its content, where that is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedCall:
    """How it ended."""

    status: str
    model: str
    usage: Usage | None = None
    cost: float | None = None
    saved: str = ""
    """What made it cost nothing; `usage` is what it would have cost."""
    error: str = ""
    first_token_ms: int | None = None
    total_ms: int
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What became of a call that wanted to begin."""

    call: int | None
    """None where it may try again."""
    reservation: int | None
    """None where nothing is left of a quota."""
    standings: Sequence[Standing] = ()


class ApiCalls:
    """The calls in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self, new: NewCall, amount: Amount, limits: Limits | None, *, last: bool = True
    ) -> Begun:
        """Note a call and reserve what it may use, in one statement; behind a lock with limits.

        One that others' calls keep out leaves no row unless this is its `last` try.
        """
        values = {
            "key": new.key_id,
            "platform": new.platform,
            "person": new.person_id,
            "name": new.name,
            "payer": new.payer,
            "team": new.team,
            "kind": new.kind,
            "asked": new.asked,
            "model": new.model,
            "stream": new.stream,
            "request": new.request,
            "tokens": amount.tokens,
            "held_cost": amount.cost,
            "lease": LEASE,
            "last": last,
        }
        if limits is None:
            [row] = await self._database.fetch(_SQL.begin, values)
            return Begun(call=row.call, reservation=row.id)
        scope = Scope(payer=new.payer, team=new.team)
        async with self._database.locked(LOCK_QUOTAS, **limits.locks(scope)) as fetch:
            rows = await fetch(_SQL.begin_within_quotas, {**limits.values(scope), **values})
        return Begun(call=rows[0].call, reservation=rows[0].id, standings=to_standings(rows))

    async def end(self, call: int, ended: EndedCall, *, payer: str, team: str) -> None:
        """Note how it ended, count what it used, and give back what it held; all of it once."""
        usage, saved = ended.usage, bool(ended.saved)
        values = {
            "call": call,
            "payer": payer,
            "team": team,
            "status": ended.status,
            "error": ended.error,
            "saved": ended.saved,
            "model": ended.model,
            "input": usage.input if usage else None,
            "cached": usage.cached if usage else None,
            "cache_write": usage.cache_write if usage else None,
            "output": usage.output if usage else None,
            "estimated": bool(usage and usage.estimated),
            "cost": ended.cost,
            "first_token_ms": ended.first_token_ms,
            "total_ms": ended.total_ms,
            "answer": ended.answer,
            "day": midnight().date(),
            "tokens": usage.input + usage.output if usage and not saved else 0,
            "spent": ended.cost or 0.0,
        }
        await self._database.fetch(_SQL.end, values)

    async def mark_lost(self) -> None:
        """Say of calls that nobody holds any more that they are lost."""
        await self._database.fetch(_SQL.mark_lost, {})

    async def let_go(self, days: int) -> None:
        """Forget what was kept of calls' content for so many days."""
        await self._database.fetch(_SQL.let_go, {"days": days})


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCall:
    """A call as it is listed."""

    id: int
    at: datetime
    prefix: str | None
    """How its key begins; None where that is gone."""
    platform: str
    person_id: str
    name: str
    team: str
    kind: str
    asked: str
    model: str
    stream: bool
    status: str
    """As in HTTP, or open, or lost."""
    error: str
    saved: str
    input: int | None
    cached: int | None
    cache_write: int | None
    output: int | None
    estimated: bool
    cost: float | None
    first_token_ms: int | None
    total_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """Which calls are meant; what is empty leaves nothing out."""

    person: str | None = None
    """By id, by name, or by how the key begins."""
    model: str | None = None
    """As it was asked for, or as it answered."""
    status: str | None = None
    """One status, or failed for all that are not 200."""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSum:
    """What calls of one model came to."""

    model: str
    calls: int
    failed: int
    input: int
    cached: int
    cache_write: int
    output: int
    saved_calls: int
    """Answered without asking the model, with what that would have cost in `saved_tokens`."""
    saved_tokens: int
    cost: float | None


class ApiCallListing:
    """The calls, read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(
        self,
        which: CallFilter,
        *,
        limit: int,
        after: int | None = None,
        ids: Sequence[int] = (),
    ) -> list[ListedCall]:
        """The newest, newest first; only those after an id, and these besides."""
        values = {
            "person": which.person,
            "model": which.model,
            "status": which.status,
            "since": which.since,
            "limit": limit,
            "after": after,
            "ids": list(ids),
        }
        rows = await self._database.fetch(_SQL.get_newest, values)
        return [ListedCall(**dict(row.items())) for row in rows]

    async def get(self, call: int) -> tuple[ListedCall, str | None, str | None] | None:
        """One call, with what was asked and answered where that is kept."""
        for row in await self._database.fetch(_SQL.get, {"call": call}):
            fields = dict(row.items())
            request, answer = fields.pop("request"), fields.pop("answer")
            return ListedCall(**fields), request, answer
        return None

    async def sum_up(self, platform: str, person_id: str, since: datetime) -> list[CallSum]:
        """What a person's calls came to, by model."""
        values = {"platform": platform, "person": person_id, "since": since}
        rows = await self._database.fetch(_SQL.sum_up, values)
        return [CallSum(**dict(row.items())) for row in rows]
