"""Rows of usage -> what was used and what it cost, added up by day, model, channel and person."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Protocol

from bot.domain.page import Spread, Used
from bot.domain.prices import Price
from bot.store.hot_connections import Row


class Tokens(Protocol):
    """A row of usage, or a sum of such."""

    model: str
    input: int
    cached: int | None
    cache_write: int | None
    output: int


@dataclass(frozen=True, slots=True)
class Costs:
    """What tokens cost."""

    prices: Mapping[str, Price]

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

    def by(self, column: str, rows: Iterable[Row]) -> dict[object, Used]:
        """Sums by a column of the rows."""
        sums: dict[object, Used] = {}
        for row in rows:
            used, before = self.used(row, calls=row.calls), sums.get(row[column])
            sums[row[column]] = _add(before, used) if before else used
        return sums


def add_up(several: Iterable[Used]) -> Used:
    """The sum; its cost is that of what has a price."""
    return reduce(_add, several, Used())


def dearest(sums: Mapping[object, Used]) -> Sequence[object]:
    """The keys of sums: what cost most first, and then what had most tokens."""
    return sorted(sums, key=lambda key: (-(sums[key].cost or 0.0), -sums[key].tokens))


def to_spread(row: Row | None) -> Spread | None:
    """Milliseconds of the middle and of the slowest, as seconds."""
    if row is None or row.spread is None:
        return None
    median, most = row.spread
    return Spread(median / 1_000, most / 1_000)


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
