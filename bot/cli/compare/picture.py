"""Models side by side, drawn: a dot for each figure, and a line for its interval; pure."""

from collections.abc import Callable, Sequence
from math import floor, log10
from xml.sax.saxutils import escape

from bot.cli.compare.figures import ModelFigures
from bot.cli.compare.intervals import Figure
from bot.cli.compare.numbers import Format, hundredths, money, seconds, told, whole

WIDTH, MARGIN, LABELS, VALUES = 860, 20, 220, 190
ROW, PANEL_TITLE, PANEL_FOOT, TOP, FOOT = 24, 30, 26, 58, 44
LONGEST_LABEL = 30  # characters
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#5b5b5b")
"""Okabe and Ito's, which people with any colour vision tell apart."""

FONT = "font-family='ui-sans-serif, system-ui, Helvetica, Arial, sans-serif'"

Take = Callable[[ModelFigures], Figure | None]

PANELS: tuple[tuple[str, str, Take, Format], ...] = (
    ("Seconds to the first token", "less is better", lambda one: one.first_token, seconds),
    ("Tokens a second", "more is better", lambda one: one.tokens_per_second, whole),
    ("Cost of an answer", "less is better", lambda one: one.cost, money),
    ("Length in characters", "", lambda one: one.characters, whole),
    ("Agreement with what was expected", "more is better", lambda one: one.agreement, hundredths),
)


def draw(models: Sequence[ModelFigures], title: str) -> str:
    """An SVG that needs nothing from elsewhere; what no model has is left out."""
    y, parts = TOP, list[str]()
    for name, hint, take, form in PANELS:
        figures = [take(one) for one in models]
        if any(figures):
            parts.append(_panel(y, name, hint, models, figures, form))
            y += PANEL_TITLE + ROW * len(models) + PANEL_FOOT
    height = y + FOOT
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' width='{WIDTH}'"
        f" height='{height}' role='img' {FONT} font-size='13' fill='#1f2328'>"
        f"<title>{escape(title)}</title><rect width='100%' height='100%' fill='#ffffff'/>"
    )
    foot = "Dots: median (times, tokens a second) or mean. Lines: 95 % intervals, Wilson's for"
    foot += " right or wrong answers, else bootstrapped."
    heading = _text(MARGIN, 34, title, "font-size='18' font-weight='600'")
    small = "font-size='12' fill='#57606a'"
    return "\n".join([head, heading, *parts, _text(MARGIN, height - 18, foot, small), "</svg>\n"])


def _panel(
    y: int,
    name: str,
    hint: str,
    models: Sequence[ModelFigures],
    figures: Sequence[Figure | None],
    form: Format,
) -> str:
    most = round_up(max(max(one) for one in map(_known, figures) if one))
    parts = [_text(MARGIN, y + 14, name, "font-weight='600'")]
    if hint:
        parts.append(_text(WIDTH - MARGIN, y + 14, hint, "text-anchor='end' fill='#57606a'"))
    bottom = y + PANEL_TITLE + ROW * len(models)
    for share in (0.0, 0.5, 1.0):
        x, label = _place(share * most, most), form(share * most) if share else "0"
        parts.append(_line(x, y + PANEL_TITLE - 6, x, bottom, "#d8dee4", 1))
        look = "text-anchor='middle' font-size='11' fill='#57606a'"
        parts.append(_text(x, bottom + 14, label, look))
    for number, (model, figure) in enumerate(zip(models, figures, strict=True)):
        middle = y + PANEL_TITLE + ROW * number + ROW // 2
        colour = COLOURS[number % len(COLOURS)]
        parts.append(_row(middle, model.model, figure, most, colour, form))
    return "\n".join(parts)


def _row(y: int, model: str, figure: Figure | None, most: float, colour: str, form: Format) -> str:
    value = told(figure, form) if figure else "no figure"
    parts = [
        _text(MARGIN, y + 4, shorten(model)),
        _text(WIDTH - MARGIN, y + 4, value, "text-anchor='end' font-size='12'"),
    ]
    if figure and figure.low is not None and figure.high is not None:
        low, high = _place(figure.low, most), _place(figure.high, most)
        parts.append(_line(low, y, high, y, colour, 3))
    if figure:
        x = _place(figure.value, most)
        parts.append(f"<circle cx='{x:.1f}' cy='{y}' r='5' fill='{colour}'/>")
    return "\n".join(parts)


def shorten(name: str) -> str:
    """Of a long name, how it begins and how it ends: a file's says there what it is."""
    if len(name) <= LONGEST_LABEL:
        return name
    return f"{name[: LONGEST_LABEL // 3]}…{name[1 - LONGEST_LABEL + LONGEST_LABEL // 3 :]}"


def round_up(value: float) -> float:
    """The end of an axis: 1, 2 or 5 with as many zeros as it takes."""
    if value <= 0:
        return 1.0
    size = 10.0 ** floor(log10(value))
    return next(size * step for step in (1, 2, 5, 10) if value <= size * step * (1 + 1e-9))


def _known(figure: Figure | None) -> list[float]:
    return [one for one in figure or () if one is not None]


def _place(value: float, most: float) -> float:
    left, right = MARGIN + LABELS, WIDTH - MARGIN - VALUES
    return left + (right - left) * min(value / most, 1.0)


def _text(x: float, y: float, text: str, look: str = "") -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' {look}>{escape(text)}</text>"


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: int) -> str:
    ends = f"x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}'"
    return f"<line {ends} stroke='{colour}' stroke-width='{width}' stroke-linecap='round'/>"
