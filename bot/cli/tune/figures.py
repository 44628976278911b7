"""What a run comes to, with intervals, and what that says."""

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

from bot.cli.compare.intervals import Figure, resampled, share
from bot.domain.model import Usage
from bot.domain.prices import Price
from bot.tuning.metric import WEIGHTS
from bot.tuning.trying import Tried

BETTER = "Better than what you have, on questions that it has not seen."
NO_BETTER = "No better than what you have; keep it."
NOTHING_FOUND = "Nothing did better than what you have; keep it."
NOTHING_SO_FAR = "Nothing has done better than what you have so far."
AS_LUCKY = "But the same texts in other words, at random, did as well: more than luck is not shown."


def scores(tried: Sequence[Tried]) -> list[float]:
    """One an example."""
    return [one.scored.score for one in tried]


def mean_of(values: Sequence[float]) -> Figure:
    """With Wilson's interval where each is right or wrong, else the bootstrap's."""
    if all(value in (0, 1) for value in values):
        return share(round(sum(values)), len(values))
    return resampled(values, fmean)


def by_part(tried: Sequence[Tried]) -> dict[str, Figure]:
    """The parts of the metric, those that apply anywhere."""
    found = {
        name: [one.scored.parts[name] for one in tried if name in one.scored.parts]
        for name in WEIGHTS
    }
    return {name: mean_of(values) for name, values in found.items() if values}


def difference(tried: Sequence[Tried], others: Sequence[Tried]) -> Figure:
    """How much better, example by example: what they have in common drops out."""
    pairs = zip(scores(tried), scores(others), strict=True)
    return resampled([one - other for one, other in pairs], fmean)


def is_above_zero(figure: Figure) -> bool:
    """Whether its whole interval is."""
    return figure.low is not None and figure.low > 0


def verdict(untouched: Mapping[str, Sequence[Tried]]) -> str:
    """What the untouched split says, plainly."""
    tuned = untouched["tuned"]
    if not is_above_zero(difference(tuned, untouched["before"])):
        return NO_BETTER
    if is_above_zero(difference(tuned, untouched["control"])):
        return BETTER
    return f"{BETTER} {AS_LUCKY}"


PriceOf = Callable[[str], Price | None]


def cost_of(usage: Sequence[Usage], price_of: PriceOf) -> float | None:
    """What calls cost; None where the price of one is not known."""
    priced = [(one, price_of(one.model)) for one in usage]
    if not priced or any(price is None for _, price in priced):
        return None
    return sum(
        price.of(
            given=one.input,
            cached=one.cached or 0,
            cache_write=one.cache_write or 0,
            output=one.output,
        )
        for one, price in priced
        if price
    )


def cost_of_an_answer(tried: Sequence[Tried], price_of: PriceOf) -> Figure | None:
    """The mean; None where a price is not known."""
    costs = [cost_of(one.usage, price_of) for one in tried if one.usage]
    known = [one for one in costs if one is not None]
    return resampled(known, fmean) if known else None
