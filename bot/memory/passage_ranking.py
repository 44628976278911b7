"""Which passages that were found matter most, and how well they match at all; pure."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.documents import FoundPassage
from bot.store.passage_search import TermWeights, key_of
from bot.text.tokens import clip, estimate
from bot.text.words import plain_spaces

NAME_WEIGHT = 0.3  # of what its file's name and title say of the question
MEANT_WEIGHT = 1.0  # that its document is meant, or of the kind that is spoken of: a PDF, a table
SEMANTIC_WEIGHT = 0.15  # each standard deviation by which it is nearer in meaning than others
NEXT_WEIGHT = 0.15  # of the score of the passage before it, or the one after it
FULL_MATCH = 0.4  # of the highest BM25: what each term gives that a passage holds once
FLOOR = 0.35  # of the best score: what matches less is not sent
WEAKEST = 0.4  # of what a question asks: a passage that holds more may answer it
NEAR = 3.0  # standard deviations: a passage so near may answer with no word in common
LEAST = 0.2  # of what it asks: one that holds less does not, even where no message holds more
LINE = 24  # tokens of a passage's mark, page and date in a prompt
_NONE: Mapping[int, float] = {}
LEAST_TEXT = 96  # tokens: less of a passage says too little


@dataclass(frozen=True, slots=True)
class Ranked:
    """Passages, best first, and how much of the question the best of them holds: 0 to 1."""

    passages: tuple[FoundPassage, ...] = ()
    quality: float = 0.0


def rank(
    found: Iterable[FoundPassage],
    terms: Sequence[str],
    weights: TermWeights,
    *,
    names: Mapping[int, float],
    meant: Iterable[int] = (),
    likely: Container[int] = (),
    nearest: Mapping[int, float] = _NONE,
) -> Ranked:
    """The best of those found.

    `names` says, by document, which part of the question its name holds (share_in_terms); `meant`
    are documents that the question means, `likely` are of a kind that it speaks of; `nearest` says,
    by key, how near in meaning passages are, in standard deviations above the usual.
    """
    highest = weights.sum_of(terms) or 1.0
    passages = {key_of(one): one for one in found}
    own = {key: one.score / highest for key, one in passages.items()}
    quality: dict[int, float] = {}
    scores: dict[int, float] = {}
    wanted = set(meant)
    for key, one in passages.items():
        named = names.get(one.document_id, 0.0)
        beside = max(own.get(key - 1, 0.0), own.get(key + 1, 0.0))
        scores[key] = own[key] / FULL_MATCH + NAME_WEIGHT * named + NEXT_WEIGHT * beside
        told = one.document_id in wanted or one.document_id in likely
        scores[key] += MEANT_WEIGHT * told
        near = nearest.get(key, 0.0)
        scores[key] += SEMANTIC_WEIGHT * near
        by_words = own[key] / FULL_MATCH + named
        quality[key] = min(1.0, max(by_words, WEAKEST * near / NEAR))
    order = sorted(passages, key=lambda key: (-scores[key], -(key >> 20), key))
    best = scores[order[0]] if order else 0.0
    kept = [
        replace(passages[key], score=scores[key])
        for key in order
        if scores[key] >= FLOOR * best
        and (quality[key] >= LEAST or passages[key].document_id in wanted)
    ]
    return Ranked(tuple(drop_repeats(kept)), max(quality.values(), default=0.0))


def share_in_terms(held: Iterable[str], terms: Sequence[str], weights: TermWeights) -> float:
    """Which part of a question is held by something with these terms."""
    having, highest = set(held), weights.sum_of(terms)
    return weights.sum_of([term for term in terms if term in having]) / highest if highest else 0.0


def passage_cost(found: FoundPassage) -> int:
    """The tokens that a passage takes in a prompt."""
    return found.tokens + LINE + estimate(f"{found.name} {found.author} {found.passage.heading}")


def fit(passages: Sequence[FoundPassage], tokens: int) -> list[FoundPassage]:
    """Those that fit, best first; at least a part of the best one, if there is room for that."""
    kept, left = list[FoundPassage](), tokens
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
