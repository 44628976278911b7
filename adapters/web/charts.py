"""Columns by day, as shapes for SVG: computed here, drawn by a template. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.page import Day, Numbers

WIDTH, HEIGHT = 600, 120  # of the drawing, in its own units
GAP = 4.0  # between two days
MOST_GAP = 0.3  # of a day's width, where days are many
LEAST = 1.0  # of what is there at all, so that it is seen

Amount = Callable[[Day], float]


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of amount, stacked on those before it."""

    kind: str
    label: str
    amount: Amount
    says: Amount | None = None
    """What is said of it, where that is another number than its height."""

    def tell(self, day: Day) -> str:
        """A day's number, with what it counts."""
        number = self.says(day) if self.says else self.amount(day)
        return f"{round(number, 4):,.10g} {self.label}".strip()


@dataclass(frozen=True, slots=True)
class Shape:
    """All of one kind, as the outline of its rectangles."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Column:
    """A day of which there is something, from its left edge on: what it says when pointed at."""

    x: float
    says: str


class Chart:
    """Columns, one for each day."""

    def __init__(
        self, title: str, unit: str, days: Sequence[Day], parts: Sequence[Part], says: str
    ) -> None:
        self.title, self.unit, self.parts = title, unit, parts
        self.says = says
        """What it comes to, in words."""
        self.step = round(WIDTH / max(1, len(days)), 2)
        """The width of a day."""
        self.top = max((sum(part.amount(day) for part in parts) for day in days), default=0.0)
        """The most of a day."""
        paths: dict[str, list[str]] = {part.kind: [] for part in parts}
        self.columns: list[Column] = []
        for number, day in enumerate(days):
            if drawn := self._draw(day, number, paths):
                self.columns.append(Column(round(number * self.step, 2), drawn))
        self.shapes = [Shape(kind, "".join(path)) for kind, path in paths.items() if path]

    def _draw(self, day: Day, number: int, paths: dict[str, list[str]]) -> str:
        """Add a day's rectangles to the paths of their kinds; returns what the day says."""
        gap, y, told = min(GAP, MOST_GAP * self.step), float(HEIGHT), []
        for part in self.parts:
            amount = part.amount(day)
            if amount <= 0:
                continue
            height = max(LEAST, HEIGHT * amount / self.top)
            y = max(0.0, y - height)
            x, width = number * self.step + gap / 2, self.step - gap
            paths[part.kind].append(f"M{x:.5g} {y:.4g}h{width:.4g}v{height:.4g}h-{width:.4g}z")
            told.append(part.tell(day))
        return f"{day.day:%Y-%m-%d}: {', '.join(told)}" if told else ""


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
