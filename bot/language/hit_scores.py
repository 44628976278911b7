"""How much each old message matters for a question: one score from a few general signals. Pure.

A fact stands in one message, a discussion in a run of them; both are found by the same sum. A
message's own BM25 speaks for the fact; what matches around it, near and wide, speaks for the run
that it belongs to. Only what was said in the same conversation counts as around it. The weights
were set on one half of LoCoMo and QMSum; docs/memory.md says what they reach.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, repeat
from operator import add, itemgetter
from typing import NamedTuple

CENTRES = 48  # hits, the best, whose neighbours may be sent too
CONVERSATION_GAP = 3 * 3600  # seconds of silence after which people talk about something else
_FAR = 2**62  # no message has a number as high


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalWeights:
    """What each signal counts."""

    own: float
    """The message's own BM25."""
    around: tuple[tuple[int, float], tuple[int, float], tuple[int, float]]
    """(Messages to either side, weight): what the matches among them count, the nearer the more."""
    neighbours: int
    """Messages to either side of a match that may be sent with it."""
    named: float
    """That its author is named in the question."""
    semantic: float
    """Each standard deviation by which it is nearer in meaning than others. Of a run of talk, each
    single message says little, by its words (`own`) as by its meaning."""
    floor: float
    """The share of the best score below which nothing is sent."""

    @property
    def widest(self) -> int:
        """The farthest that a match speaks for others, in messages."""
        return max(reach for reach, _ in self.around)


FACT_WEIGHTS = SignalWeights(
    own=0.5,
    around=((3, 0.5), (6, 0.5), (36, 1.0)),
    neighbours=8,
    named=1.0,
    semantic=0.55,
    floor=0.33,
)
DISCUSSION_WEIGHTS = SignalWeights(
    own=0.1,
    around=((6, 0.4), (24, 1.0), (60, 2.0)),
    neighbours=20,
    named=0.4,
    semantic=0.15,
    floor=0.22,
)


class SearchHit(NamedTuple):
    """A message that holds some of the question's terms, or is near in meaning."""

    seq: int
    score: float
    """Its BM25, or its nearness in standard deviations."""
    at: float
    """When it was said, in seconds."""
    text: str = ""
    """What it says, where it holds every term that was looked for: then it may ask the same."""


class _Run(NamedTuple):
    """Hits in their order, so close that they may speak for each other or for one message."""

    hits: Sequence[SearchHit]
    after: int
    """The number of the hit before them; 0 where there is none."""
    before: int
    """The number of the hit that follows them."""
    offset: int | None
    """From a message's number to its place in _Sums; None of a hit that stands alone."""

    def find_stretches(self, centres: Container[int], most: int) -> Iterator[tuple[int, int]]:
        """(First, end) of what is near the centres among its hits, which stand there as well."""
        start = self.after + 1
        for seq, _, _, _ in self.hits:
            if seq in centres:
                end = min(self.before, seq + most + 1)
                yield max(start, seq - most), end
                start = end


class _Reach(NamedTuple):
    """How far a match speaks for others."""

    messages: int
    """To either side."""
    unit: float
    """What each unit of the matches within it counts."""


class _Sums:
    """What matches around a message: the scores within reach of it, each less by its distance.

    The scores stand in one row, run behind run, and are summed twice. What such a tent over a place
    holds is then a difference of three sums, however many hits there are in it.
    """

    def __init__(self, margin: int) -> None:
        self._margin = margin
        self._sums: list[float] = []

    def add(self, hits: Sequence[SearchHit]) -> int:
        """Put a run into the row; returns what leads from a message's number to its place."""
        first = hits[0].seq
        scores = [0.0] * (hits[-1].seq - first + self._margin + 1)
        for seq, score, _, _ in hits:
            scores[seq - first] = score
        self._sums += [0.0] * (self._margin + 2)
        offset = len(self._sums) - first
        self._sums += accumulate(accumulate(scores))
        return offset

    def around(self, places: Sequence[int], reach: int) -> list[float]:
        """What is within reach of each place, times reach + 1."""
        sums, back = self._sums, reach + 2
        return [sums[at + reach] - 2 * sums[at - 1] + sums[at - back] for at in places]

    def weigh(self, first: int, end: int, reaches: Sequence[_Reach]) -> list[float]:
        """What is within the three reaches counts together, for each place from one to another."""
        sums = self._sums
        (near, one), (wide, two), (far, three) = reaches
        twice = 2 * (one + two + three)
        return [
            one * (a + b) + two * (c + d) + three * (e + f) - twice * m
            for a, b, c, d, e, f, m in zip(
                sums[first + near : end + near],
                sums[first - near - 2 : end - near - 2],
                sums[first + wide : end + wide],
                sums[first - wide - 2 : end - wide - 2],
                sums[first + far : end + far],
                sums[first - far - 2 : end - far - 2],
                sums[first - 1 : end - 1],
                strict=True,
            )
        ]


def score_hits(
    hits: Sequence[SearchHit], weights: SignalWeights = FACT_WEIGHTS
) -> dict[int, float]:
    """The scores of the hits, and of the neighbours of the best of them, by their numbers.

    Each signal counts as a share of its highest value: about 0 to 3 in all.
    """
    highest = max((hit.score for hit in hits), default=0.0)
    if highest <= 0:
        return {hit.seq: 0.0 for hit in hits}
    own, most = weights.own / highest, weights.neighbours
    sums = _Sums(weights.widest + most)
    runs = list(_find_runs(hits, weights.widest + most, sums))
    lone = [run.hits[0] for run in runs if run.offset is None]
    placed = [
        (hit, hit.seq + run.offset) for run in runs if run.offset is not None for hit in run.hits
    ]
    places = [place for _, place in placed]
    around = [sums.around(places, reach) for reach, _ in weights.around]
    highest_lone = max((hit.score for hit in lone), default=0.0)
    reaches = [
        _Reach(reach, weight / max(highest_lone * (reach + 1), max(found, default=0.0)))
        for (reach, weight), found in zip(weights.around, around, strict=True)
    ]
    bell = _draw_bell(reaches, most)
    scores = {hit.seq: (own + bell[most]) * hit.score for hit in lone}
    near, wide, far = (reach.unit for reach in reaches)
    for (hit, _), one, two, three in zip(placed, *around, strict=True):
        scores[hit.seq] = own * hit.score + near * one + wide * two + far * three
    centres = set(sorted(scores, key=scores.__getitem__, reverse=True)[:CENTRES])
    return _score_nearby(runs, centres, sums, reaches, bell) | scores


def _draw_bell(reaches: Sequence[_Reach], most: int) -> list[float]:
    """What a hit of score 1 that stands alone makes count: itself, and so many to either side."""
    return [
        sum(unit * max(0, reach + 1 - abs(distance)) for reach, unit in reaches)
        for distance in range(-most, most + 1)
    ]


def _score_nearby(
    runs: Iterable[_Run],
    centres: Container[int],
    sums: _Sums,
    reaches: Sequence[_Reach],
    bell: Sequence[float],
) -> dict[int, float]:
    """What counts near the centres; a hit there has no score of its own yet."""
    scores: dict[int, float] = {}
    most, reached = len(bell) // 2, 0
    for run in runs:
        for first, end in run.find_stretches(centres, most):
            if run.offset is None:
                seq, score, _, _ = run.hits[0]
                values = [score * one for one in bell[first - seq + most : end - seq + most]]
            else:
                values = sums.weigh(first + run.offset, end + run.offset, reaches)
            numbers = range(first, end)
            if first < reached:  # between two conversations, both speak for it
                former = map(scores.get, numbers, repeat(0.0))
                values = list(map(add, former, values))
            scores.update(zip(numbers, values, strict=True))
            reached = end
    return scores


def _find_runs(hits: Sequence[SearchHit], margin: int, sums: _Sums) -> Iterator[_Run]:
    """The hits, split where nobody spoke for long, and where so many messages lie in between."""
    order = sorted(hits, key=itemgetter(0))
    ends = [
        number
        for number, (one, other) in enumerate(pairwise(order), 1)
        if other[0] - one[0] > margin or abs(other[2] - one[2]) > CONVERSATION_GAP
    ]
    ends.append(len(order))
    begin = after = 0
    for end in ends:
        run = order[begin:end]
        before = order[end].seq if end < len(order) else _FAR
        yield _Run(run, after, before, sums.add(run) if len(run) > 1 else None)
        begin, after = end, run[-1].seq
