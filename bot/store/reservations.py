"""What calls under way may use of today's quotas: held before a call, given back after it.

Whoever reserves locks the quotas first and reads behind the lock: of calls that come at the same
time in several replicas, each knows of those before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.domain.prices import Price
from bot.store.database import Database
from bot.store.hot_connections import Row
from bot.store.locks import LockKind
from bot.store.sql_files import load
from bot.text.fingerprints import lock_number

_SQL = load("reservations")
LOCK_QUOTAS = _SQL.lock

LEASE = 60.0  # seconds that a reservation holds without a sign of life
_EVERYBODY = 0  # the lock of what everybody shares: whoever has it needs no other


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose quotas a call is on."""

    payer: str | None = None
    """The person, as a fingerprint."""
    team: str | None = None
    channel_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """What a call may use at most."""

    tokens: int
    cost: float = 0.0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(tokens=self.tokens + other.tokens, cost=self.cost + other.cost)


NOTHING = Amount(tokens=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The quotas that are set, by name, and what models cost."""

    most: Mapping[str, float]
    prices: Mapping[str, Price] = field(default_factory=dict)

    def used_up(self, standings: Sequence["Standing"]) -> bool:
        """Whether nothing is left of a quota, whatever others still hold."""
        return any(one.used >= self.most[one.name] for one in standings)

    def locks(self, scope: Scope) -> Mapping[str, int]:
        """The locks that let one call at a time reserve something of these quotas."""
        numbers = {
            _EVERYBODY if whose is None else lock_number(f"{kind} {whose}")
            for kind, whose in (
                ("person", scope.payer),
                ("team", scope.team),
                ("channel", scope.channel_id),
            )
            if whose is not None and any(name.startswith(kind) for name in self.most)
        }
        if self.most.keys() & {"tokens", "cost"} or not numbers:
            numbers = {_EVERYBODY}
        ordered = sorted(numbers)
        ordered += ordered[-1:] * (4 - len(ordered))  # a lock that is held may be taken again
        names = ("first", "second", "third", "fourth")
        return {"kind": int(LockKind.QUOTAS), **dict(zip(names, ordered, strict=True))}

    def values(self, scope: Scope, *, turn: int | None = None) -> dict[str, object]:
        """What the statements take that look at quotas."""
        prices = list(self.prices.values())
        return {
            "names": list(self.most),
            "most": list(map(float, self.most.values())),
            "models": list(self.prices),
            "input": [price.input for price in prices],
            "cached": [price.cached for price in prices],
            "cache_write": [price.cache_write for price in prices],
            "output": [price.output for price in prices],
            "midnight": midnight(),
            "day": midnight().date(),
            "payer": scope.payer,
            "team": scope.team,
            "channel": scope.channel_id,
            "turn": turn,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How much of a quota is used and held."""

    name: str
    used: float
    held: float

    def beside(self, spent: Amount) -> "Standing":
        """The same where so much was used that is billed later."""
        return replace(self, used=self.used + (spent.cost if "cost" in self.name else spent.tokens))


class Reservations:
    """The reservations in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self, limits: Limits, scope: Scope) -> list[Standing]:
        """How the quotas stand now."""
        return to_standings(await self._database.fetch(_SQL.look, limits.values(scope)))

    async def reserve(
        self, limits: Limits, scope: Scope, amount: Amount, *, turn: int | None = None
    ) -> tuple[int | None, list[Standing]]:
        """Hold an amount, unless nothing is left of a quota: then there is no number.

        What a turn held before is given back. With the standing before it.
        """
        values = {
            **limits.values(scope, turn=turn),
            "tokens": amount.tokens,
            "held_cost": amount.cost,
            "lease": LEASE,
        }
        async with self._database.locked(LOCK_QUOTAS, **limits.locks(scope)) as fetch:
            rows = await fetch(_SQL.reserve, values)
        return rows[0].id, to_standings(rows)

    async def renew(self, held: Sequence[int]) -> None:
        """They are still needed."""
        await self._database.fetch(_SQL.renew, {"held": list(held), "lease": LEASE})

    async def release(self, held: int) -> None:
        """Nothing is held any more."""
        await self._database.fetch(_SQL.release, {"held": held})

    async def drop_old(self) -> None:
        """Let go of what nobody has renewed, and of days that are over."""
        await self._database.fetch(_SQL.drop_old, {})
        await self._database.fetch(_SQL.drop_days, {"day": midnight().date()})


class UnkeptReservations(Reservations):
    """The same where nothing may be written: quotas that are used up stop a call all the same."""

    async def reserve(
        self, limits: Limits, scope: Scope, amount: Amount, *, turn: int | None = None
    ) -> tuple[int | None, list[Standing]]:
        """Hold nothing; the number is nobody's."""
        standings = await self.look(limits, scope)
        reached = any(one.used + one.held >= limits.most[one.name] for one in standings)
        return (None if reached else 0), standings

    async def renew(self, held: Sequence[int]) -> None:
        """There is nothing to renew."""

    async def release(self, held: int) -> None:
        """There is nothing to give back."""


def midnight() -> datetime:
    """When today began, in UTC."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def to_standings(rows: Sequence[Row]) -> list[Standing]:
    """The rows of a look at quotas."""
    return [Standing(name=row.name, used=row.used, held=row.held) for row in rows]
