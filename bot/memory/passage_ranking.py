"""Which passages that were found matter most, and how well they match at all; pure."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.documents import FoundPassage
from bot.language.term_weights import TermWeights
from bot.prompting.fixed_text import PASSAGES_HEADING
from bot.store.passage_search import PassageHit
from bot.text.tokens import clip, estimate
from bot.text.words import plain_spaces

NAME_WEIGHT = 0.3  # of what its file's name and title hold of the question
MEANT_WEIGHT = 1.0  # that its document is meant, or of the kind that is spoken of: a PDF, a table
SEMANTIC_WEIGHT = 0.15  # each standard deviation by which it is nearer in meaning than others
NEXT_WEIGHT = 0.15  # of the passage before it, or the one after it
FLOOR = 0.35  # of the best score: what matches less is not sent
WEAKEST = 0.4  # of what a question asks: a passage that holds more may answer it
LEAST = 0.15  # of what it asks: one that holds less does not, even where no message holds more
NEAR = 6.0  # standard deviations: a passage so near may answer with no word in common
LINE = 24  # tokens of a passage's mark, page and date in a prompt
HEADING = estimate(PASSAGES_HEADING) + 2  # tokens of what stands above them
LEAST_TEXT = 96  # tokens: less of a passage says too little
_SATURATION, _LENGTH = 0.3, 0.9  # BM25's, as in search.sql


@dataclass(frozen=True, slots=True)
class Ranked:
    """Passages, best first, and how much of the question the best of them holds: 0 to 1."""

    passages: tuple[FoundPassage, ...] = ()
    quality: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What speaks for passages, beside their words."""

    names: Mapping[int, Iterable[str]] = field(default_factory=dict)
    """By document, the terms of its file's name and title."""
    nearest: Mapping[int, float] = field(default_factory=dict)
    """By key, how near in meaning passages are, in standard deviations above the usual."""
    meant: Container[int] = ()
    """The documents that the question means."""
    likely: Container[int] = ()
    """Those of a kind that it speaks of."""


def rank(hits: Sequence[PassageHit], weights: TermWeights, signals: Signals) -> Ranked:
    """The best of those found."""
    own = _score_words(hits, weights)
    scores: dict[int, float] = {}
    quality: dict[int, float] = {}
    for hit in hits:
        key, document = hit.key, hit.found.document_id
        names, near = signals.names.get(document, ()), signals.nearest.get(key, 0.0)
        beside = max(own.get(key - 1, 0.0), own.get(key + 1, 0.0))
        told = document in signals.meant or document in signals.likely
        scores[key] = (
            own[key]
            + NEXT_WEIGHT * beside
            + NAME_WEIGHT * weights.share(names)
            + MEANT_WEIGHT * told
            + SEMANTIC_WEIGHT * near
        )
        by_words = weights.share((*hit.held, *names))
        quality[key] = max(by_words, min(1.0, WEAKEST * near / NEAR))
    order = sorted(hits, key=lambda hit: (-scores[hit.key], -hit.found.document_id, hit.key))
    lowest = FLOOR * max(scores.values(), default=0.0)
    kept = [
        replace(hit.found, score=scores[hit.key])
        for hit in order
        if scores[hit.key] >= lowest
        and (quality[hit.key] >= LEAST or hit.found.document_id in signals.meant)
    ]
    return Ranked(tuple(drop_repeats(kept)), max(quality.values(), default=0.0))


def _score_words(hits: Sequence[PassageHit], weights: TermWeights) -> dict[int, float]:
    """BM25 by the weights of the question: 1 where each term is held once, in a usual passage."""
    lengths = [hit.length for hit in hits if hit.length]
    usual = sum(lengths) / len(lengths) if lengths else 1.0
    scores: dict[int, float] = {}
    for hit in hits:
        damped = _SATURATION + _LENGTH * hit.length / usual
        best: dict[str, float] = {}
        for term, count in hit.held.items():
            asked = weights.forms.get(term, term)
            value = weights.weight(term) * count / (count + damped)
            best[asked] = max(best.get(asked, 0.0), value)
        total = sum(best.values()) * (1 + _SATURATION + _LENGTH)
        scores[hit.key] = total / weights.total if weights.total else 0.0
    return scores


def passage_cost(found: FoundPassage) -> int:
    """The tokens that a passage takes in a prompt."""
    return found.tokens + LINE + estimate(f"{found.name} {found.author} {found.passage.heading}")


def fit(passages: Sequence[FoundPassage], tokens: int) -> list[FoundPassage]:
    """Those that fit, best first; at least a part of the best one, if there is room for that."""
    kept, left = list[FoundPassage](), tokens - HEADING
    for one in passages:
        cost = passage_cost(one)
        if cost > left and not kept and (room := left - cost + one.tokens) >= LEAST_TEXT:
            one = _clipped(one, room)
            cost = passage_cost(one)
        if cost <= left:
            kept.append(one)
            left -= cost
    return kept


def drop_repeats(passages: Iterable[FoundPassage]) -> list[FoundPassage]:
    """Without those that say, letter by letter, what one before them says."""
    seen, kept = set[str](), list[FoundPassage]()
    for one in passages:
        text = "".join(plain_spaces(one.passage.text).split()).casefold()
        if text not in seen:
            seen.add(text)
            kept.append(one)
    return kept


def _clipped(found: FoundPassage, room: int) -> FoundPassage:
    text = clip(found.passage.text, room)
    return replace(found, passage=replace(found.passage, text=text), tokens=estimate(text))
