"""Numbers by day, model and channel: counted by the store, with what the tokens cost."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from typing import Any, Protocol

from bot.domain.bounded_cache import BoundedCache
from bot.domain.page import Day, Numbers, Used, Visitor
from bot.domain.prices import Price
from bot.page.reading import Reading
from bot.page.signing import require_admin
from bot.store.page_numbers import Counted, PageNumbers

DAYS = 30  # that are shown, today included
FRESH = 10.0  # seconds that numbers count: a page that asks again and again costs no more
KEPT = 200  # counts that are remembered at a time


class Tokens(Protocol):
    """A row of usage, or a sum of such."""

    model: str
    input: int
    cached: int | None
    cache_write: int | None
    output: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """Counts, and remembers for seconds what it has counted."""

    reading: Reading
    store: PageNumbers
    prices: Mapping[str, Price]
    clock: Callable[[], float] = time.monotonic
    _kept: BoundedCache[frozenset[int] | None, tuple[float, Counted]] = field(
        default_factory=lambda: BoundedCache(KEPT)
    )

    async def numbers(self, visitor: Visitor, *, everything: bool) -> Numbers:
        """Of the channels that they read; or of all, of which those may be named."""
        if everything:
            require_admin(visitor)
        readable = (await self.reading.channels(visitor)).channels
        start = _first_day()
        chosen = None if everything else frozenset(one.id for one in readable)
        counted = await self._count(chosen, start)
        by_id = {one.id: one for one in readable}
        return Numbers(
            days=self._days(counted, start.date()),
            by_model=self._by_model(counted),
            by_channel=[
                (by_id[row.channel_id], row.questions)
                for row in counted.by_channel
                if row.channel_id in by_id
            ],
            channels=counted.sums.channels,
            heard=counted.sums.heard,
            waiting=counted.sums.waiting,
            median_seconds=counted.sums.median,
            everything=everything,
        )

    def used(self, row: Tokens, *, calls: int = 1) -> Used:
        """What a row of usage came to."""
        cached, cache_write = row.cached or 0, row.cache_write or 0
        price = self.prices.get(row.model)
        return Used(
            fresh=max(0, row.input - cached - cache_write),
            cached=cached,
            cache_write=cache_write,
            output=row.output,
            calls=calls,
            cost=price.of(
                given=row.input, cached=cached, cache_write=cache_write, output=row.output
            )
            if price
            else None,
        )

    async def _count(self, chosen: frozenset[int] | None, start: datetime) -> Counted:
        until, counted = self._kept.get(chosen, (0.0, None))
        if counted is None or until <= self.clock():
            counted = await self.store.count(chosen, start)
            self._kept[chosen] = self.clock() + FRESH, counted
        return counted

    def _days(self, counted: Counted, first: date) -> Sequence[Day]:
        turns = {row.day: row for row in counted.turns}
        ratings = {row.day: row for row in counted.ratings}
        days = [first + timedelta(days=number) for number in range(DAYS)]
        return [
            Day(
                day=day,
                used=add_up(
                    self.used(row, calls=row.calls) for row in counted.usage if row.day == day
                ),
                **_fields(turns.get(day), "questions", "answers", "failures"),
                **_fields(ratings.get(day), "good", "bad"),
            )
            for day in days
        ]

    def _by_model(self, counted: Counted) -> Mapping[str, Used]:
        models = dict.fromkeys(row.model for row in counted.usage)
        sums = {
            model: add_up(
                self.used(row, calls=row.calls) for row in counted.usage if row.model == model
            )
            for model in models
        }
        return dict(sorted(sums.items(), key=lambda item: -(item[1].fresh + item[1].output)))


def add_up(several: Iterable[Used]) -> Used:
    """The sum; its cost is that of what has a price."""
    return reduce(_add, several, Used())


def _add(one: Used, other: Used) -> Used:
    costs = [used.cost for used in (one, other) if used.cost is not None]
    return Used(
        fresh=one.fresh + other.fresh,
        cached=one.cached + other.cached,
        cache_write=one.cache_write + other.cache_write,
        output=one.output + other.output,
        calls=one.calls + other.calls,
        cost=sum(costs) if costs else None,
    )


def _fields(row: object, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names} if row else {}


def _first_day() -> datetime:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=DAYS - 1)
