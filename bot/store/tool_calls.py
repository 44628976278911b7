"""The calls of tools that turns make: a row before a call starts, its result after it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any, Literal
from uuid import uuid4

import sqlalchemy as sa

from bot.domain.errors import Fenced
from bot.domain.model import Turn, Usage
from bot.domain.tools import ToolCall, ToolResult
from bot.store.database import Database
from bot.store.hot_connections import Row
from bot.store.sql_files import load
from bot.store.turns import Lease

_SQL = load("tool_calls")

CallState = Literal["planned", "waiting", "running", "done", "failed", "refused", "unknown"]
"""`unknown`: it changes something, and may or may not have happened."""
ENDED: frozenset[CallState] = frozenset(("done", "failed", "refused", "unknown"))


@dataclass(frozen=True, slots=True)
class StoredCall:
    """A call of a turn, as it is stored."""

    call: ToolCall
    changes: bool
    state: CallState
    key: str
    id: int = 0
    result: ToolResult | None = None

    @property
    def hash(self) -> str:
        """Of the tool and its arguments: the same for the same call."""
        return hash_call(self.call)


@dataclass(frozen=True, slots=True)
class StoredRound:
    """What a model said and called at once."""

    number: int
    said: str
    calls: tuple[StoredCall, ...]
    usage: tuple[Usage, ...] = ()
    """What the model's calls up to here have cost since the round before."""
    turn_id: int = 0
    """The turn whose round it is; 0 until it is stored."""


def new_call(call: ToolCall, *, changes: bool, state: CallState) -> StoredCall:
    """A call that is not stored yet."""
    return StoredCall(call, changes, state, uuid4().hex)


def hash_call(call: ToolCall) -> str:
    """Of the tool and its arguments, however they are written."""
    try:
        arguments = json.dumps(json.loads(call.arguments), sort_keys=True)
    except (ValueError, RecursionError):
        arguments = call.arguments
    return sha256(f"{call.name}\n{arguments}".encode()).hexdigest()


class ToolCalls:
    """One turn's calls at a time, under its lease: whoever lost it is fenced."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, lease: Lease, turn: Turn, planned: StoredRound) -> StoredRound:
        """Store the calls of a round before any of them starts. Raises Fenced."""
        rows = [
            _to_row(number, one, planned if number == 0 else None)
            for number, one in enumerate(planned.calls)
        ]
        values = {"turn": turn.id, "round": planned.number, "calls": json.dumps(rows)}
        ids = await self._fetch(_SQL.plan, lease, values)
        if not ids:
            raise Fenced(lane=lease.lane)
        calls = (replace(one, id=row.id) for one, row in zip(planned.calls, ids, strict=True))
        return replace(planned, calls=tuple(calls), turn_id=turn.id)

    async def start(self, lease: Lease, call: StoredCall) -> bool:
        """A call that changes something starts; False where it was taken back. Raises Fenced."""
        rows = await self._fetch(_SQL.start, lease, {"id": call.id})
        if not rows:
            raise Fenced(lane=lease.lane)
        return bool(rows[0].started)

    async def finish(
        self, lease: Lease, call: StoredCall, state: CallState, result: ToolResult
    ) -> StoredCall:
        """Store what came of a call. Raises Fenced."""
        values = {
            "id": call.id,
            "state": state,
            "result": result.text,
            "rests_on": list(result.rests_on),
        }
        if not await self._fetch(_SQL.finish, lease, values):
            raise Fenced(lane=lease.lane)
        return replace(call, state=state, result=result)

    async def stop(self, lease: Lease, turns: Sequence[int]) -> list[str]:
        """End what was under way; the tools that may or may not have changed something."""
        rows = await self._fetch(_SQL.stop, lease, {"turns": list(turns)})
        return [row.tool for row in rows if row.state == "unknown"]

    async def read(self, turns: Sequence[int]) -> list[StoredRound]:
        """What turns have called, one that goes on after the one that it goes on with, in order."""
        rows = await self._database.fetch(_SQL.read, {"turns": sorted(turns)})
        rounds: dict[tuple[int, int], list[Row]] = {}
        for row in rows:
            rounds.setdefault((row.turn_id, row.round), []).append(row)
        return [_to_round(found) for found in rounds.values()]

    async def _fetch(self, sql: sa.TextClause, lease: Lease, values: dict[str, Any]) -> list[Row]:
        key = {
            "channel": lease.channel_id,
            "lane": lease.lane,
            "owner": lease.owner,
            "epoch": lease.epoch,
        }
        return await self._database.fetch(sql, key | values)


def _to_row(position: int, one: StoredCall, first_of: StoredRound | None) -> dict[str, Any]:
    return {
        "position": position,
        "tool": one.call.name,
        "changes": one.changes,
        "state": one.state,
        "hash": one.hash,
        "key": one.key,
        "call": json.dumps(asdict(one.call)),
        "said": first_of.said if first_of else None,
        "usage": json.dumps([asdict(one) for one in first_of.usage]) if first_of else None,
    }


def _to_round(rows: Sequence[Row]) -> StoredRound:
    first = rows[0]
    usage = tuple(Usage(**one) for one in json.loads(first.usage or "[]"))
    calls = tuple(map(_to_call, rows))
    return StoredRound(first.round, first.said or "", calls, usage, first.turn_id)


def _to_call(row: Row) -> StoredCall:
    call, state = ToolCall(**json.loads(row.call)), row.state
    if state == "done" and row.is_stale and not row.changes:
        state = "running"  # it is made again
    result = None
    if state in ENDED:
        text, rests_on = row.result or "", tuple(row.rests_on)
        result = ToolResult(call.id, text, is_error=state != "done", rests_on=rests_on)
    return StoredCall(call, row.changes, state, row.key, row.id, result)
