"""How much each old message matters for a question: one score from a few general signals. Pure.

A fact stands in one message, a discussion in a run of them; both are found by the same sum. A
message's own BM25 speaks for the fact; what matches around it, near and wide, speaks for the run
that it belongs to. Only what was said in the same sitting counts as around it. The weights were
set on one half of LoCoMo and QMSum; docs/memory.md says what they reach.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import accumulate
from math import inf
from operator import mul
from typing import NamedTuple

CENTRES = 48  # hits, the best, beside which others may be sent
SITTING = 3 * 3600  # seconds of silence after which people talk about something else


@dataclass(frozen=True, slots=True)
class Mix:
    """What each signal counts."""

    own: float
    """The message's own BM25."""
    around: tuple[tuple[int, float], ...]
    """Messages to either side, and what the matches among them count, the nearer the more."""
    beside: int
    """Messages to either side of a match that may be sent with it."""
    named: float
    """That its author is named in the question."""
    meant: float
    """Each standard deviation by which it is nearer in meaning than others. Of a run of talk, each
    single message says little, by its words (`own`) as by its meaning."""
    floor: float
    """The share of the best score below which nothing is sent."""


FACT = Mix(0.5, ((3, 0.5), (6, 0.5), (36, 1.0)), 8, 1.0, 0.55, 0.33)
DISCUSSION = Mix(0.1, ((6, 0.4), (24, 1.0), (60, 2.0)), 20, 0.4, 0.15, 0.22)


class Hit(NamedTuple):
    """A message that holds some of the question's terms."""

    seq: int
    score: float
    """Its BM25."""
    at: float
    """When it was said, in seconds."""


class _Run(NamedTuple):
    """Hits in their order, so close that they may speak for each other or for one place."""

    hits: Sequence[Hit]
    after: int
    """The number of the hit before them; 0 where there is none."""
    before: float
    """The number of the hit that follows them."""


def lexical(hits: Sequence[Hit], mix: Mix = FACT) -> dict[int, float]:
    """The scores of the hits and of what stands beside the best of them, by their numbers.

    Each signal counts as a share of its highest value: about 0 to 3 in all.
    """
    highest = max((hit.score for hit in hits), default=0.0)
    if highest <= 0:
        return {hit.seq: 0.0 for hit in hits}
    scores = {hit.seq: mix.own * hit.score / highest for hit in hits}
    runs = list(_runs(hits, max(reach for reach, _ in mix.around) + mix.beside))
    together = [run.hits for run in runs if len(run.hits) > 1]
    shares = {}
    for reach, weight in mix.around:
        lifted = {hit.seq: hit.score for hit in hits}  # who stands alone has only its own
        for close in together:
            lifted.update(_lifted(close, reach))
        shares[reach] = weight / max(lifted.values())
        for seq, value in lifted.items():
            scores[seq] += shares[reach] * value
    centres = set(nlargest(CENTRES, scores, key=scores.__getitem__))
    fading = _fading(shares)
    for run in runs:
        if not centres.isdisjoint([hit.seq for hit in run.hits]):
            for place, value in _beside(run, centres, mix.beside, fading).items():
                scores[place] = scores.get(place, 0.0) + value
    return scores


def _runs(hits: Sequence[Hit], apart: int) -> Iterator[_Run]:
    """The hits, parted where nobody spoke for long, and where so many messages lie in between."""
    parts: list[list[Hit]] = []
    for hit in sorted(hits, key=lambda hit: hit.seq):
        last = parts[-1][-1] if parts else None
        if not last or abs(hit.at - last.at) > SITTING or hit.seq - last.seq > apart:
            parts.append([])
        parts[-1].append(hit)
    after = 0
    for number, part in enumerate(parts, 1):
        yield _Run(part, after, parts[number][0].seq if number < len(parts) else inf)
        after = part[-1].seq


def _lifted(hits: Sequence[Hit], reach: int) -> Iterator[tuple[int, float]]:
    """The scores within reach of each hit, its own among them, each less by its distance.

    By running totals: in a flood, every hit is within reach of a hundred others.
    """
    places = [hit.seq - hits[0].seq for hit in hits]
    scores = [hit.score for hit in hits]
    total = [0.0, *accumulate(scores)]
    moment = [0.0, *accumulate(map(mul, scores, places))]
    ends = [*places, inf]  # where no pointer moves on
    slope = 1 / (reach + 1)
    first = last = 0
    for here, place in enumerate(places):
        while places[first] < place - reach:
            first += 1
        while ends[last] <= place + reach:
            last += 1
        before, after = total[here] - total[first], total[last] - total[here]
        leaning = (moment[here] - moment[first]) - (moment[last] - moment[here])
        yield hits[here].seq, before + after + slope * (leaning - place * (before - after))


def _fading(shares: Mapping[int, float]) -> list[float]:
    """What a match counts at each distance, over all reaches."""
    return [
        sum(share * max(0.0, 1 - away / (reach + 1)) for reach, share in shares.items())
        for away in range(max(shares) + 1)
    ]


def _beside(
    run: _Run, centres: Container[int], beside: int, fading: Sequence[float]
) -> dict[int, float]:
    """The messages beside the centres of a run that are no hits themselves, and their scores."""
    places = set[int]()
    for hit in run.hits:
        if hit.seq in centres:
            first = max(run.after + 1, hit.seq - beside)
            places.update(range(first, int(min(run.before - 1, hit.seq + beside)) + 1))
    order = sorted(places.difference(hit.seq for hit in run.hits))
    found = dict.fromkeys(order, 0.0)
    reach = len(fading) - 1
    for hit in run.hits if order else ():
        near = slice(bisect_left(order, hit.seq - reach), bisect_right(order, hit.seq + reach))
        for place in order[near]:
            found[place] += hit.score * fading[abs(hit.seq - place)]
    return found
