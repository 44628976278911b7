"""Bars by day, as shapes for SVG: computed here, drawn by a template. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.page import Day

WIDTH, HEIGHT = 600, 120  # of the drawing, in its own units
GAP = 4  # between two days
LEAST = 1.0  # of what is there at all, so that it is seen

Amount = Callable[[Day], float]


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a day's column."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    says: str


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of amount, stacked on those before it."""

    kind: str
    label: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns, one for each day."""

    title: str
    unit: str
    days: Sequence[Day]
    parts: Sequence[Part]

    @property
    def bars(self) -> Sequence[Bar]:
        """Its shapes, from the left."""
        top = self.top or 1.0
        step = WIDTH / max(1, len(self.days))
        return [
            bar
            for number, day in enumerate(self.days)
            for bar in self._column(day, number * step + GAP / 2, step - GAP, top)
        ]

    @property
    def top(self) -> float:
        """The most of a day."""
        return max((self._sum(day) for day in self.days), default=0.0)

    @property
    def total(self) -> float:
        """Of all days."""
        return sum(self._sum(day) for day in self.days)

    def _column(self, day: Day, x: float, width: float, top: float) -> Sequence[Bar]:
        bars, y = [], float(HEIGHT)
        for part in self.parts:
            amount = part.amount(day)
            if amount <= 0:
                continue
            height = max(LEAST, HEIGHT * amount / top)
            y -= height
            says = f"{day.day:%Y-%m-%d}: {amount:,.10g} {part.label}".strip()
            bars.append(
                Bar(part.kind, round(x, 1), round(y, 1), round(width, 1), round(height, 1), says)
            )
        return bars

    def _sum(self, day: Day) -> float:
        return sum(part.amount(day) for part in self.parts)


def charts(days: Sequence[Day]) -> Sequence[Chart]:
    """Questions, tokens, and what they cost where prices are set."""
    drawn = [
        Chart(
            "Questions",
            "a day",
            days,
            (
                Part("good", "answered", lambda day: day.answers),
                Part("bad", "failed", lambda day: day.failures),
                Part("other", "open or taken back", _open),
            ),
        ),
        Chart(
            "Tokens",
            "a day",
            days,
            (
                Part("cached", "from the cache", lambda day: day.used.cached),
                Part("fresh", "new", lambda day: day.used.fresh),
                Part("written", "into the cache", lambda day: day.used.cache_write),
                Part("output", "written by models", lambda day: day.used.output),
            ),
        ),
    ]
    if any(day.used.cost is not None for day in days):
        part = Part("cost", "", lambda day: day.used.cost or 0.0)
        drawn.append(Chart("Cost", "a day, in the unit of NELLIE_PRICES", days, (part,)))
    return drawn


def _open(day: Day) -> float:
    return max(0, day.questions - day.answers - day.failures)
