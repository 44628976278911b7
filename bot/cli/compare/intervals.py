"""How far a figure may lie from what endless prompts would show: 95 % intervals; pure."""

from collections.abc import Callable, Sequence
from math import sqrt
from random import Random
from typing import NamedTuple

Z = 1.959964  # of the normal distribution, for 95 %
TAIL = 0.025
RESAMPLES, SEED = 1_000, 1
"""The same answers have the same interval each time they are looked at."""

Statistic = Callable[[Sequence[float]], float]


class Figure(NamedTuple):
    """A figure with its interval; a single answer has none."""

    value: float
    low: float | None = None
    high: float | None = None


def share(yes: int, of: int) -> Figure:
    """A share of so many, with Wilson's interval: it is right for few, and near 0 and 1."""
    part, more = yes / of, Z * Z / of
    middle = (part + more / 2) / (1 + more)
    half = Z * sqrt(part * (1 - part) / of + more / (4 * of)) / (1 + more)
    return Figure(part, max(0.0, middle - half), min(1.0, middle + half))


def resampled(values: Sequence[float], statistic: Statistic) -> Figure:
    """A statistic with the bootstrap's interval: of samples drawn from the values themselves."""
    if len(values) < 2:
        return Figure(statistic(values))
    rng = Random(SEED)  # noqa: S311  # no secret
    drawn = sorted(statistic(rng.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return Figure(
        statistic(values), drawn[int(TAIL * RESAMPLES)], drawn[-1 - int(TAIL * RESAMPLES)]
    )
