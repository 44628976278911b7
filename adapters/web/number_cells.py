"""Numbers as the cells of tables: written here, since a template takes ten times as long. Pure."""

from collections.abc import Sequence

from adapters.web.rendering import amount, seconds
from bot.domain.page import Day, Used

NONE = "–"
OF_USED = ("New tokens", "Cached", "Written to the cache", "Output", "Cost")
OF_DAY = ("Questions", "Answered", "Failed", "Good", "Bad", "First text", "95 of 100", *OF_USED)


def day_cells(day: Day) -> Sequence[str]:
    """Under the heads of a day."""
    counts = (day.questions, day.answers, day.failures, day.good, day.bad)
    spread = day.first_text
    first = (seconds(spread.median), seconds(spread.most)) if spread else (NONE, NONE)
    return [*map(_count, counts), *first, *used_cells(day.used)]


def used_cells(used: Used) -> Sequence[str]:
    """Under the heads of what was used."""
    counts = (used.fresh, used.cached, used.cache_write, used.output)
    return [*map(_count, counts), NONE if used.cost is None else amount(used.cost)]


def _count(number: int) -> str:
    return f"{number:,}"
