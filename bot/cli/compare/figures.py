"""What a model's answers come to, side by side with others'; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from bot.cli.compare.intervals import Figure, resampled, share
from bot.domain.model import Usage
from bot.domain.prices import Price
from bot.language.agreement import agreement, is_long


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One call of one model."""

    prompt: str
    """Which prompt it was."""
    text: str
    error: str = ""
    """Why there is no whole answer; empty where there is."""
    first_token: float | None = None
    """Seconds to the first sign of an answer that somebody sees."""
    writing: float | None = None
    """Seconds from the first sign of anything, thoughts too, to the end; None where all came at
    once."""
    total: float = 0.0  # seconds
    usage: Usage | None = None
    expected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFigures:
    """A model's figures; None where there is nothing to tell them from."""

    model: str
    prompts: int
    """How many it was to answer."""
    answered: int
    failure: str = ""
    """Of what went wrong, the first."""
    first_token: Figure | None = None  # seconds, the median
    tokens_per_second: Figure | None = None  # the median
    cost: Figure | None = None  # of an answer, the mean
    total_cost: float | None = None
    characters: Figure | None = None  # of an answer, the mean
    output_tokens: Figure | None = None  # likewise, thoughts included
    agreement: Figure | None = None
    estimated: int = 0
    """Answers whose tokens are our own estimate."""


def figures(
    model: str, answers: Sequence[Answer], *, prompts: int, failure: str, price: Price | None
) -> ModelFigures:
    """Those of one model; what failed counts nowhere but in `answered` and the total cost."""
    whole = [one for one in answers if not one.error]
    costs = [_cost(one.usage, price) for one in answers if one.usage and price]
    return ModelFigures(
        model=model,
        prompts=prompts,
        answered=len(whole),
        failure=failure or next((one.error for one in answers if one.error), ""),
        first_token=_median(one.first_token for one in whole),
        tokens_per_second=_median(map(_pace, whole)),
        cost=_mean(_cost(one.usage, price) for one in whole if one.usage and price),
        total_cost=sum(costs) if costs else None,
        characters=_mean(float(len(one.text)) for one in whole),
        output_tokens=_mean(float(one.usage.output) for one in whole if one.usage),
        agreement=_agreement(whole),
        estimated=sum(bool(one.usage and one.usage.estimated) for one in whole),
    )


def _pace(answer: Answer) -> float | None:
    if not (answer.writing and answer.usage and answer.usage.output):
        return None
    return answer.usage.output / answer.writing


def _cost(usage: Usage, price: Price) -> float:
    return price.of(
        given=usage.input,
        cached=usage.cached or 0,
        cache_write=usage.cache_write or 0,
        output=usage.output,
    )


def _agreement(answers: Iterable[Answer]) -> Figure | None:
    """Wilson's interval where each answer is right or wrong, else the bootstrap's."""
    asked = [one for one in answers if one.expected]
    scores = [score for one in asked if (score := agreement(one.text, one.expected)) is not None]
    if not scores:
        return None
    if any(is_long(text) for one in asked for text in one.expected):
        return resampled(scores, fmean)
    return share(round(sum(scores)), len(scores))


def _median(values: Iterable[float | None]) -> Figure | None:
    known = [one for one in values if one is not None]
    return resampled(known, median) if known else None


def _mean(values: Iterable[float]) -> Figure | None:
    known = list(values)
    return resampled(known, fmean) if known else None
