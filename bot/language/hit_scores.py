"""How much each old message matters for a question: one score from a few general signals. Pure.

A fact stands in one message, a discussion in a run of them; both are found by the same sum. A
message's own BM25 speaks for the fact; what matches around it, near and wide, speaks for the run
that it belongs to. Only what was said in the same conversation counts as around it. The weights
were set on one half of LoCoMo and QMSum; docs/memory.md says what they reach.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter
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
    offset: int
    """From a message's number to its place in _Sums."""
    factor: float
    """What the sums there count."""

    def find_neighbours(self, centres: Container[int], most: int) -> list[int]:
        """The messages near the centres among its hits that are no hits themselves."""
        near: list[int] = []
        start = self.after + 1
        for seq, _, _, _ in self.hits:
            if seq in centres:
                end = min(self.before, seq + most + 1)
                near += range(max(start, seq - most), end)
                start = end
        hits = {seq for seq, _, _, _ in self.hits} if near else ()
        return [seq for seq in near if seq not in hits]


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

    def around(self, places: Sequence[tuple[int, float]], reach: int) -> list[float]:
        """What is within reach of each (place, factor), times reach + 1."""
        sums, back = self._sums, reach + 2
        return [
            factor * (sums[place + reach] - 2 * sums[place - 1] + sums[place - back])
            for place, factor in places
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
    margin = weights.widest + weights.neighbours
    sums = _Sums(margin)
    runs = list(_find_runs(hits, margin, sums))
    order = [hit for run in runs for hit in run.hits]
    places = [(hit.seq + run.offset, run.factor) for run in runs for hit in run.hits]
    around = [sums.around(places, reach) for reach, _ in weights.around]
    units = [weight / max(found) for found, (_, weight) in zip(around, weights.around, strict=True)]
    own = weights.own / highest
    scores = {
        hit.seq: own * hit.score + value
        for hit, value in zip(order, _weigh(units, around), strict=True)
    }
    centres = set(sorted(scores, key=scores.__getitem__, reverse=True)[:CENTRES])
    near = [(seq, run) for run in runs for seq in run.find_neighbours(centres, weights.neighbours)]
    places = [(seq + run.offset, run.factor) for seq, run in near]
    around = [sums.around(places, reach) for reach, _ in weights.around]
    for (seq, _), value in zip(near, _weigh(units, around), strict=True):
        scores[seq] = scores.get(seq, 0.0) + value
    return scores


def _weigh(units: Sequence[float], around: Sequence[Sequence[float]]) -> Iterator[float]:
    """What the three reaches count together, for each message."""
    near, wide, far = units
    return (near * one + wide * two + far * three for one, two, three in zip(*around, strict=True))


def _find_runs(hits: Sequence[SearchHit], margin: int, sums: _Sums) -> Iterator[_Run]:
    """The hits, split where nobody spoke for long, and where so many messages lie in between."""
    parts: list[list[SearchHit]] = []
    last_seq, last_at = -_FAR, 0.0
    for hit in sorted(hits, key=itemgetter(0)):
        seq, _, at, _ = hit
        if seq - last_seq > margin or abs(at - last_at) > CONVERSATION_GAP:
            parts.append([])
        parts[-1].append(hit)
        last_seq, last_at = seq, at
    # One that stands alone, as most do in a large channel, differs from all others by its score.
    alone = sums.add([SearchHit(0, 1.0, 0.0)])
    after = 0
    for number, part in enumerate(parts, 1):
        first = part[0]
        before = parts[number][0].seq if number < len(parts) else _FAR
        if len(part) == 1:
            yield _Run(part, after, before, alone - first.seq, first.score)
        else:
            yield _Run(part, after, before, sums.add(part), 1.0)
        after = part[-1].seq
