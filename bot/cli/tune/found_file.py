"""What a run found, as its file keeps it: with where it was found, and its scores."""

from bot import __version__
from bot.cli.compare.intervals import Figure
from bot.cli.tune.figures import difference, is_above_zero, mean_of, scores
from bot.cli.tune.options import TuneOptions
from bot.tuning.examples import SPLITS, Splits, fingerprint_of
from bot.tuning.parts import Texts
from bot.tuning.search import Validated
from bot.tuning.tuned_file import TunedFile, Value
from bot.tuning.tuning import Outcome


def found_file(
    outcome: Outcome, options: TuneOptions, splits: Splits, models: tuple[str, str]
) -> TunedFile:
    """Of the texts, those that changed. There is a better one (`Outcome.tuned`)."""
    before, tuned = _texts(outcome.before), _texts(outcome.tuned)
    texts = {part: text for part, text in tuned.items() if text != before[part]}
    return TunedFile(
        texts=texts,
        before={part: before[part] for part in texts},
        about=_about(outcome, options, splits, models),
        scores=_scores(outcome),
    )


def _texts(found: Validated | None) -> Texts:
    return found.texts if found else {}


def _about(
    outcome: Outcome, options: TuneOptions, splits: Splits, models: tuple[str, str]
) -> dict[str, Value]:
    measured = outcome.untouched
    better = bool(measured) and is_above_zero(difference(measured["tuned"], measured["before"]))
    found: dict[str, Value] = {
        "made_by": f"nellie {__version__}",
        "channel": options.channel or "",
        "file": options.path,
        "model": models[0],
        "reflection_model": models[1],
        "seed": options.seed,
        "budget": options.budget,
        "finished": outcome.finished,
        "better": better,
    }
    parts = (splits.train, splits.validation, splits.untouched)
    for name, part in zip(SPLITS.split(", "), parts, strict=True):
        found |= {f"{name}_examples": len(part), f"{name}_hash": fingerprint_of(part)}
    return found


def _scores(outcome: Outcome) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, chosen in (("before", outcome.before), ("tuned", outcome.tuned)):
        if chosen:
            found[f"validation_{name}"] = round(chosen.mean, 4)
    for name, tried in outcome.untouched.items():
        found |= _values(name, mean_of(scores(tried)))
    if measured := outcome.untouched:
        found |= _values("difference", difference(measured["tuned"], measured["before"]))
    return found


def _values(name: str, figure: Figure) -> dict[str, float]:
    values = {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}
    return {key: round(value, 4) for key, value in values.items() if value is not None}
