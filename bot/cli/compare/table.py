"""Models side by side, as a table for terminals and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bot.cli.compare.figures import ModelFigures
from bot.cli.compare.intervals import Figure
from bot.cli.compare.numbers import hundredths, money, seconds, told, whole
from bot.cli.tables import align, is_wider

HEADER = ("MODEL", "ANSWERED", "FIRST TOKEN (S)", "TOKENS/S", "COST", "LENGTH", "AGREES")
NUMBERS = (1, 2, 3, 4, 5, 6)  # columns
MEANING = (
    "First token (seconds) and tokens a second: medians. Cost, and length in characters: means of"
    " an answer. In brackets: 95 % intervals, Wilson's where each answer is right or wrong, else"
    " bootstrapped."
)
ESTIMATED = "* its server tells no tokens: they are our estimate."


def as_table(models: Sequence[ModelFigures], columns: int) -> str:
    """A row a model, or a paragraph each where the terminal is narrow; then what went wrong."""
    table = align([HEADER, *map(_cells, models)], right=NUMBERS)
    shown = "\n".join(map(_block, models)) if is_wider(table, columns) else table
    notes = [f"{one.model}: {one.failure}" for one in models if one.failure]
    meaning = [MEANING] if any(one.answered for one in models) else []
    meaning += [ESTIMATED] if any(one.estimated for one in models) else []
    return "\n".join([shown, *([""] if notes or meaning else []), *notes, *meaning])


def as_json(model: ModelFigures) -> dict[str, Any]:
    """The same for programs: a figure is its value with low and high."""
    entry = asdict(model)
    for name in entry:
        figure = getattr(model, name)
        if isinstance(figure, Figure):
            entry[name] = figure._asdict()
    return entry


def _cells(one: ModelFigures) -> tuple[str, ...]:
    return (
        one.model,
        f"{one.answered:,} of {one.prompts:,}",
        told(one.first_token, seconds),
        told(one.tokens_per_second, whole) + ("*" if one.estimated else ""),
        told(one.cost, money),
        told(one.characters, whole),
        told(one.agreement, hundredths),
    )


def _block(one: ModelFigures) -> str:
    name, *cells = _cells(one)
    rows = zip(HEADER[1:], cells, strict=True)
    return "\n".join([name, *(f"  {title.lower():16} {cell}" for title, cell in rows)])
