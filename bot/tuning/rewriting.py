"""The control: the same texts in other words, at random, chosen in the same way by the same budget.

What a search by reflection gains over this, it gained by reflecting; the rest is the luck of who
tries often.
"""

from collections.abc import Sequence
from random import Random

from bot.domain.errors import ModelError
from bot.tuning.parts import Part
from bot.tuning.reflecting import SILENT, Reflect
from bot.tuning.requests import read_text, rewrite
from bot.tuning.search import BudgetSpent, ModelGaveUp, Search, Validated

TRIES = 3  # texts asked for, for each that can be tried: some are refused


async def search_at_random(
    search: Search, seed_scores: Validated, parts: Sequence[Part], reflect: Reflect, seed: int
) -> None:
    """Rewrite what holds today until the budget is spent; how that did is known, and paid for."""
    rng = Random(seed)  # noqa: S311  # no secret
    search.validated.append(seed_scores)
    search.spent += len(search.validation)
    failed = 0
    for _ in range(TRIES * (search.budget // len(search.validation))):
        part = rng.choice(list(parts))
        try:
            text = read_text(await reflect(rewrite(part, search.seeds[part], rng)))
            await search.evaluate({part: text}, search.validation)
        except BudgetSpent:
            return
        except ModelGaveUp:
            raise
        except ModelError:
            failed += 1
            if failed >= SILENT:
                return
        else:
            failed = 0
