"""How much each old message matters for a question: one score from a few general signals. Pure.

A fact stands in one message, a discussion in a run of them; both are found by the same sum. A
message's own BM25 speaks for the fact; what matches around it, near and wide, speaks for the run
that it belongs to. Only what was said in the same conversation counts as around it. The weights
were set on one half of LoCoMo and QMSum; docs/memory.md says what they reach.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import accumulate
from math import inf
from operator import mul
from typing import NamedTuple

CENTRES = 48  # hits, the best, whose neighbours may be sent too
CONVERSATION_GAP = 3 * 3600  # seconds of silence after which people talk about something else


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalWeights:
    """What each signal counts."""

    own: float
    """The message's own BM25."""
    around: tuple[tuple[int, float], ...]
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
    before: float
    """The number of the hit that follows them."""


def score_hits(
    hits: Sequence[SearchHit], weights: SignalWeights = FACT_WEIGHTS
) -> dict[int, float]:
    """The scores of the hits, and of the neighbours of the best of them, by their numbers.

    Each signal counts as a share of its highest value: about 0 to 3 in all.
    """
    highest = max((hit.score for hit in hits), default=0.0)
    if highest <= 0:
        return {hit.seq: 0.0 for hit in hits}
    runs = list(_split_into_runs(hits, weights.widest + weights.neighbours))
    sums = {reach: _sum_surroundings(hits, runs, reach) for reach, _ in weights.around}
    unit_weights = {reach: weight / max(sums[reach].values()) for reach, weight in weights.around}
    scores = {hit.seq: weights.own * hit.score / highest for hit in hits}
    for reach, sum_of_hit in sums.items():
        for seq, value in sum_of_hit.items():
            scores[seq] += unit_weights[reach] * value
    centres = set(nlargest(CENTRES, scores, key=scores.__getitem__))
    by_distance = _weights_by_distance(unit_weights)
    for run in runs:
        if not centres.isdisjoint([hit.seq for hit in run.hits]):
            neighbours = _score_neighbours(run, centres, weights.neighbours, by_distance)
            for seq, value in neighbours.items():
                scores[seq] = scores.get(seq, 0.0) + value
    return scores


def _split_into_runs(hits: Sequence[SearchHit], max_distance: int) -> Iterator[_Run]:
    """The hits, split where nobody spoke for long, and where so many messages lie in between."""
    parts: list[list[SearchHit]] = []
    for hit in sorted(hits, key=lambda hit: hit.seq):
        last = parts[-1][-1] if parts else None
        if (
            last is None
            or abs(hit.at - last.at) > CONVERSATION_GAP
            or hit.seq - last.seq > max_distance
        ):
            parts.append([])
        parts[-1].append(hit)
    after = 0
    for number, part in enumerate(parts, 1):
        yield _Run(part, after, parts[number][0].seq if number < len(parts) else inf)
        after = part[-1].seq


def _sum_surroundings(
    hits: Sequence[SearchHit], runs: Sequence[_Run], reach: int
) -> dict[int, float]:
    """What matches around each hit, itself included."""
    sums = {hit.seq: hit.score for hit in hits}  # one that stands alone has only its own
    for run in runs:
        if len(run.hits) > 1:
            sums.update(_sum_within_reach(run.hits, reach))
    return sums


def _sum_within_reach(hits: Sequence[SearchHit], reach: int) -> Iterator[tuple[int, float]]:
    """For each hit, the scores within its reach, its own among them, each less by its distance.

    By running totals: in a flood, every hit is within reach of a hundred others.
    """
    positions = [hit.seq - hits[0].seq for hit in hits]
    scores = [hit.score for hit in hits]
    total = [0.0, *accumulate(scores)]
    moment = [0.0, *accumulate(map(mul, scores, positions))]
    ends = [*positions, inf]  # where no pointer moves on
    slope = 1 / (reach + 1)
    first = last = 0
    for here, position in enumerate(positions):
        while positions[first] < position - reach:
            first += 1
        while ends[last] <= position + reach:
            last += 1
        before, after = total[here] - total[first], total[last] - total[here]
        tilt = (moment[here] - moment[first]) - (moment[last] - moment[here])
        yield hits[here].seq, before + after + slope * (tilt - position * (before - after))


def _weights_by_distance(unit_weights: Mapping[int, float]) -> list[float]:
    """What a match counts at each distance, over all reaches."""
    return [
        sum(unit * max(0.0, 1 - distance / (reach + 1)) for reach, unit in unit_weights.items())
        for distance in range(max(unit_weights) + 1)
    ]


def _score_neighbours(
    run: _Run, centres: Container[int], neighbours: int, by_distance: Sequence[float]
) -> dict[int, float]:
    """The messages near the centres of a run that are no hits themselves, and their scores."""
    near = set[int]()
    for hit in run.hits:
        if hit.seq in centres:
            first = max(run.after + 1, hit.seq - neighbours)
            near.update(range(first, int(min(run.before - 1, hit.seq + neighbours)) + 1))
    order = sorted(near.difference(hit.seq for hit in run.hits))
    scores = dict.fromkeys(order, 0.0)
    reach = len(by_distance) - 1
    for hit in run.hits if order else ():
        within = slice(bisect_left(order, hit.seq - reach), bisect_right(order, hit.seq + reach))
        for seq in order[within]:
            scores[seq] += hit.score * by_distance[abs(hit.seq - seq)]
    return scores
