"""Quotas of a day that hold: what a call may use is reserved before it, and given back after it.

A call is let in while something is left of every quota, what others hold counted too; so all calls
together overshoot a quota by less than the last of them.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

from bot.config.settings import Settings
from bot.domain.errors import DatabaseUnavailable, LimitReached
from bot.domain.model import Usage
from bot.store.reservations import LEASE, NOTHING, Amount, Limits, Reservations, Scope, Standing
from bot.telemetry import metrics
from bot.text.plurals import counted

PATIENCE = 30.0  # seconds that a question waits while calls under way hold what is left
FIRST_LOOK = 0.1  # seconds after which it looks again; then after twice as long each time
LAST_LOOK = 1.0
RENEWED = LEASE / 3  # seconds between signs of life of a reservation
_WHOSE = {
    "person_tokens": "Your",
    "person_cost": "Your",
    "team_tokens": "Your team's",
    "team_cost": "Your team's",
    "channel_tokens": "This channel's",
    "tokens": "The common",
    "cost": "The common",
}
"""In the order in which they are told."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Tokens or cost that may be used in a day, and how much of it is used."""

    name: str
    """As in NELLIE_LIMIT_NAME."""
    used: float
    limit: float
    held: float = 0.0
    """For calls under way."""

    def __str__(self) -> str:
        return f"{self._format(self.limit)} a day"

    @property
    def whose(self) -> str:
        """Whose it is, for people."""
        return _WHOSE[self.name]

    @property
    def left(self) -> str:
        """What is left of it, for people."""
        return self._format(max(0.0, self.limit - self.used))

    @property
    def is_used_up(self) -> bool:
        """Whether nothing is left of it."""
        return self.used >= self.limit

    @property
    def reason(self) -> str:
        """Why it lets no call in, for people: whose it is, how much, and when it starts again."""
        state = f"budget for today is used up ({self})."
        if not self.is_used_up:
            state = (
                f"budget for today ({self}) has {self.left} left, which calls under way may use:"
                " ask again in a moment."
            )
        return (
            f"{self.whose} {state} It starts again at 00:00 UTC; an admin can raise"
            f" NELLIE_LIMIT_{self.name.upper()}."
        )

    def _format(self, amount: float) -> str:
        return f"{amount:,.2f}" if "cost" in self.name else counted(round(amount), "token")


@dataclass(slots=True, kw_only=True)
class Reserving:
    """Reserves what calls may use, and renews it while they run."""

    settings: Settings
    store: Reservations
    patience: float = PATIENCE
    _running: set[int] = field(default_factory=set)
    _renewal: list[asyncio.Task[None]] = field(default_factory=list)

    def limits(self, scope: Scope) -> Limits | None:
        """The quotas of this scope that are set; None where none is."""
        absent = {
            kind
            for kind, whose in (
                ("person", scope.payer),
                ("team", scope.team),
                ("channel", scope.channel_id),
            )
            if whose is None
        }
        most = {
            name: limit
            for name in _WHOSE
            if name.partition("_")[0] not in absent
            and (limit := getattr(self.settings, f"limit_{name}"))
        }
        return Limits(most=most, prices=self.settings.price_of) if most else None

    async def look(self, scope: Scope) -> list[Quota]:
        """The quotas of this scope that are set, as they stand."""
        limits = self.limits(scope)
        return _to_quotas(limits, await self.store.look(limits, scope)) if limits else []

    async def reserve(
        self,
        scope: Scope,
        amount: Amount,
        *,
        turn: int | None = None,
        spent: Amount = NOTHING,
    ) -> int | None:
        """Hold an amount; None where no quota is set. Raises LimitReached.

        While something is left, and only held by others, it waits for them. What is held for a
        turn, its end gives back. `spent` is what the turn has used by now, which stands in no usage
        row before its end: it is held too.
        """
        limits = self.limits(scope)
        if limits is None:
            return None
        whole = amount + spent
        async for _ in looks(self.patience):
            held, found = await self.store.reserve(limits, scope, whole, turn=turn)
            standings = [one.beside(spent) for one in found]
            is_over = limits.used_up(standings)
            if held is not None and not is_over:
                return held
            if is_over:
                break
        raise self.refusal(limits, standings)

    def sum_of(self, calls: Sequence[Usage]) -> Amount:
        """What calls of models have used together."""
        tokens = sum(one.input + one.output for one in calls)
        return Amount(tokens=tokens, cost=sum(self.cost_of(one) or 0 for one in calls))

    def refusal(self, limits: Limits, standings: Sequence[Standing]) -> LimitReached:
        """What is said where nothing is left."""
        quotas = _to_quotas(limits, standings)
        full = [one for one in quotas if one.is_used_up]
        full += [one for one in quotas if one.used + one.held >= one.limit]
        return limit_reached(full[0].name, full[0].reason)

    def amount(self, models: str, tokens: int, max_output: int) -> Amount:
        """What a call may use at most; of several models with commas, the dearest counts."""
        prices = self.settings.price_of
        costs = [
            prices[name].of(given=tokens, cached=0, cache_write=0, output=max_output)
            for name in models.split(",")
            if name in prices
        ]
        return Amount(tokens=tokens + max_output, cost=max(costs, default=0.0))

    def cost_of(self, usage: Usage) -> float | None:
        """What a call cost; None where nobody set a price."""
        price = self.settings.price_of.get(usage.model)
        if price is None:
            return None
        return price.of(
            given=usage.input,
            cached=usage.cached or 0,
            cache_write=usage.cache_write or 0,
            output=usage.output,
        )

    @contextmanager
    def renewing(self, held: int | None) -> Iterator[None]:
        """Keep a reservation while the block runs; without a number, nothing is done."""
        if not held:
            yield
            return
        self.keep(held)
        try:
            yield
        finally:
            self.let_go(held)

    def keep(self, held: int) -> None:
        """Renew this reservation from now on."""
        self._running.add(held)
        if not self._renewal:
            self._renewal.append(asyncio.create_task(self._renew()))

    def let_go(self, held: int) -> None:
        """Renew it no more."""
        self._running.discard(held)
        if not self._running and self._renewal:
            self._renewal.pop().cancel()

    async def release(self, held: int | None) -> None:
        """Give back what was held; while the database is away, its lease does that."""
        if not held:
            return
        try:
            await self.store.release(held)
        except DatabaseUnavailable as error:
            log.warning("reservation_not_released", reason=str(error))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEWED)
            await self._renew_once()

    async def _renew_once(self) -> None:
        try:
            await self.store.renew(tuple(self._running))
        except DatabaseUnavailable as error:
            log.warning("reservations_not_renewed", reason=str(error))


async def looks(patience: float) -> AsyncIterator[bool]:
    """One at once, then others, further and further apart; the last of them says that it is."""
    now = asyncio.get_running_loop().time
    until, pause = now() + patience, FIRST_LOOK
    while now() < until:
        yield False
        await asyncio.sleep(min(pause, max(0.0, until - now())))
        pause = min(2 * pause, LAST_LOOK)
    yield True


def limit_reached(limit: str, reason: str) -> LimitReached:
    """A limit is reached, and counted as that."""
    metrics.limits.add(limit)
    return LimitReached(limit=limit, reason=reason)


def _to_quotas(limits: Limits, standings: Sequence[Standing]) -> list[Quota]:
    by_name = {one.name: one for one in standings}
    return [
        Quota(name=name, used=by_name[name].used, held=by_name[name].held, limit=limit)
        for name, limit in limits.most.items()
    ]
