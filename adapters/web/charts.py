"""Bars by day, as shapes for SVG: computed here, drawn by a template. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.page import Day, Numbers

WIDTH, HEIGHT = 600, 120  # of the drawing, in its own units
GAP = 4.0  # between two days
MOST_GAP = 0.3  # of a day's width, where days are many
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
    says: Amount | None = None
    """What is said of it, where that is another number than its height."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns, one for each day."""

    title: str
    unit: str
    days: Sequence[Day]
    parts: Sequence[Part]
    says: str
    """What it comes to, in words."""

    @property
    def bars(self) -> Sequence[Bar]:
        """Its shapes, from the left."""
        top = self.top or 1.0
        step = WIDTH / max(1, len(self.days))
        gap = min(GAP, MOST_GAP * step)
        return [
            bar
            for number, day in enumerate(self.days)
            for bar in self._column(day, number * step + gap / 2, step - gap, top)
        ]

    @property
    def top(self) -> float:
        """The most of a day."""
        return max((self._sum(day) for day in self.days), default=0.0)

    def _column(self, day: Day, x: float, width: float, top: float) -> Sequence[Bar]:
        bars, y = [], float(HEIGHT)
        for part in self.parts:
            amount = part.amount(day)
            if amount <= 0:
                continue
            height = max(LEAST, HEIGHT * amount / top)
            y -= height
            number = round(part.says(day) if part.says else amount, 4)
            says = f"{day.day:%Y-%m-%d}: {number:,.10g} {part.label}".strip()
            bars.append(
                Bar(part.kind, round(x, 1), round(y, 1), round(width, 1), round(height, 1), says)
            )
        return bars

    def _sum(self, day: Day) -> float:
        return sum(part.amount(day) for part in self.parts)


def charts(numbers: Numbers) -> Sequence[Chart]:
    """Questions, waiting, tokens; marks and cost where there are any."""
    days = numbers.days
    drawn = [_questions(days), _first_texts(numbers), _tokens(days)]
    if any(day.good or day.bad for day in days):
        drawn.append(_ratings(days))
    if any(day.used.cost is not None for day in days):
        drawn.append(_costs(days))
    return drawn


def _questions(days: Sequence[Day]) -> Chart:
    parts = (
        Part("good", "answered", lambda day: day.answers),
        Part("bad", "failed", lambda day: day.failures),
        Part("other", "open or taken back", _open),
    )
    return Chart("Questions", "a day", days, parts, _total(days, lambda day: day.questions))


def _first_texts(numbers: Numbers) -> Chart:
    """The slowest stand on top of the middle, so that both are as high as they are long."""
    parts = (
        Part("fresh", "s until the first text (median)", _median),
        Part("other", "s for 95 of 100", lambda day: _most(day) - _median(day), _most),
    )
    whole = numbers.first_text
    says = f"median {whole.median:,.1f} s, 95 of 100 within {whole.most:,.1f} s" if whole else ""
    return Chart("Time to the first text", "in seconds, by day", numbers.days, parts, says)


def _tokens(days: Sequence[Day]) -> Chart:
    parts = (
        Part("cached", "from the cache", lambda day: day.used.cached),
        Part("fresh", "new", lambda day: day.used.fresh),
        Part("written", "into the cache", lambda day: day.used.cache_write),
        Part("output", "written by models", lambda day: day.used.output),
    )
    return Chart("Tokens", "a day", days, parts, _total(days, lambda day: day.used.tokens))


def _ratings(days: Sequence[Day]) -> Chart:
    parts = (
        Part("good", "marked good", lambda day: day.good),
        Part("bad", "marked bad", lambda day: day.bad),
    )
    return Chart("Marks", "a day", days, parts, _total(days, lambda day: day.good + day.bad))


def _costs(days: Sequence[Day]) -> Chart:
    part = Part("cost", "", _cost)
    return Chart("Cost", "a day, in the unit of NELLIE_PRICES", days, (part,), _total(days, _cost))


def _total(days: Sequence[Day], amount: Amount) -> str:
    return f"{round(sum(map(amount, days)), 4):,.10g} in {len(days)} days"


def _open(day: Day) -> float:
    return max(0, day.questions - day.answers - day.failures)


def _cost(day: Day) -> float:
    return day.used.cost or 0.0


def _median(day: Day) -> float:
    return day.first_text.median if day.first_text else 0.0


def _most(day: Day) -> float:
    return day.first_text.most if day.first_text else 0.0
