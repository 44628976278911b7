"""How much each old message matters for a question: one score from a few general signals. Pure.

A fact stands in one message, a discussion in a run of them; both are found by the same sum. A
message's own BM25 speaks for the fact; what matches around it, near and wide, speaks for the run
that it belongs to. Only what was said in the same sitting counts as around it. The weights were
set on one half of LoCoMo and QMSum; docs/memory.md says what they reach.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import accumulate
from math import inf

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


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that holds some of the question's terms."""

    seq: int
    score: float
    """Its BM25."""
    at: float
    """When it was said, in seconds."""


def lexical(hits: Sequence[Hit], mix: Mix = FACT) -> dict[int, float]:
    """The scores of the hits and of what stands beside the best of them, by their numbers.

    Each signal counts as a share of its highest value: about 0 to 3 in all.
    """
    highest = max((hit.score for hit in hits), default=0.0)
    if highest <= 0:
        return {hit.seq: 0.0 for hit in hits}
    scores = {hit.seq: mix.own * hit.score / highest for hit in hits}
    sittings = list(_sittings(hits))
    shares = {}
    for reach, weight in mix.around:
        lifted: dict[int, float] = {}
        for sitting, _ in sittings:
            lifted.update(_around(sitting, [hit.seq for hit in sitting], reach))
        shares[reach] = weight / max(lifted.values())
        _add(scores, lifted, shares[reach])
    centres = set(nlargest(CENTRES, scores, key=scores.__getitem__))
    for sitting, ends in sittings:
        places = _places(sitting, centres, *ends, mix.beside)
        for reach, share in shares.items():
            _add(scores, _around(sitting, places, reach), share)
    return scores


def _add(scores: dict[int, float], part: dict[int, float], share: float) -> None:
    for seq, value in part.items():
        scores[seq] = scores.get(seq, 0.0) + share * value


def _sittings(hits: Sequence[Hit]) -> Iterable[tuple[list[Hit], tuple[int, float]]]:
    """The hits in their order, parted where nobody spoke for long, and the numbers in between."""
    parts: list[list[Hit]] = []
    for hit in sorted(hits, key=lambda hit: hit.seq):
        if not parts or abs(hit.at - parts[-1][-1].at) > SITTING:
            parts.append([])
        parts[-1].append(hit)
    after = 0
    for number, part in enumerate(parts, 1):
        yield part, (after, parts[number][0].seq if number < len(parts) else inf)
        after = part[-1].seq


def _places(
    sitting: Sequence[Hit], centres: Container[int], after: int, before: float, beside: int
) -> list[int]:
    """The numbers beside the centres, within the bounds, that are no hits themselves."""
    found = set[int]()
    for hit in sitting:
        if hit.seq in centres:
            first, last = max(after + 1, hit.seq - beside), min(before - 1, hit.seq + beside)
            found.update(range(first, int(last) + 1))
    return sorted(found.difference(hit.seq for hit in sitting))


def _around(sitting: Sequence[Hit], places: Sequence[int], reach: int) -> dict[int, float]:
    """The scores within reach of each place, each less by its distance."""
    seqs = [hit.seq for hit in sitting]
    total = [0.0, *accumulate(hit.score for hit in sitting)]
    moment = [0.0, *accumulate(hit.score * hit.seq for hit in sitting)]
    slope = 1 / (reach + 1)
    found = {}
    for place in places:
        first = bisect_left(seqs, place - reach)
        here = bisect_left(seqs, place)
        last = bisect_right(seqs, place + reach)
        before, after = total[here] - total[first], total[last] - total[here]
        leaning = (moment[here] - moment[first]) - (moment[last] - moment[here])
        found[place] = before + after + slope * (leaning - place * (before - after))
    return found
