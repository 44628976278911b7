"""How messages score: the quick sums against the formula, written out."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.hit_scores import (
    CENTRES,
    CONVERSATION_GAP,
    DISCUSSION_WEIGHTS,
    FACT_WEIGHTS,
    SearchHit,
    SignalWeights,
    score_hits,
)

MINUTE = 60.0


@st.composite
def hits(draw: st.DrawFn) -> list[SearchHit]:
    """Some close together, some far apart, now and then after a silence."""
    found, seq, at = list[SearchHit](), draw(st.integers(0, 10**7)), 0.0
    gaps = st.one_of(st.integers(1, 4), st.integers(1, 150))
    for gap in draw(st.lists(gaps, max_size=120)):
        seq += gap
        at += gap * draw(st.sampled_from((0.1, 1.0, 90.0))) * MINUTE
        found.append(SearchHit(seq, draw(st.floats(0.01, 20)), at))
    return draw(st.permutations(found))


def score_by_formula(hits: Sequence[SearchHit], weights: SignalWeights) -> dict[int, float]:
    """The same as `score_hits`, each sum taken over all hits."""
    order = sorted(hits, key=lambda hit: hit.seq)
    conversation, number = {}, 0
    for earlier, hit in zip([order[0], *order], order, strict=False):
        number += hit.at - earlier.at > CONVERSATION_GAP
        conversation[hit.seq] = number

    def around(seq: int, number: int, reach: int) -> float:
        return sum(
            hit.score * (1 - abs(hit.seq - seq) / (reach + 1))
            for hit in hits
            if conversation[hit.seq] == number and abs(hit.seq - seq) <= reach
        )

    def score(seq: int, number: int) -> float:
        return sum(
            weight * around(seq, number, reach) / highest[reach] for reach, weight in weights.around
        )

    most = max(hit.score for hit in hits)
    highest = {
        reach: max(around(hit.seq, conversation[hit.seq], reach) for hit in hits)
        for reach, _ in weights.around
    }
    scores = {
        hit.seq: weights.own * hit.score / most + score(hit.seq, conversation[hit.seq])
        for hit in hits
    }
    neighbours = dict[tuple[int, int], float]()
    for centre in sorted(scores, key=scores.__getitem__, reverse=True)[:CENTRES]:
        number = conversation[centre]
        others = [hit.seq for hit in hits if conversation[hit.seq] != number]
        first = max([0, *(seq for seq in others if seq < centre)]) + 1
        last = min([centre + weights.neighbours, *(seq - 1 for seq in others if seq > centre)])
        for seq in range(max(first, centre - weights.neighbours), last + 1):
            if seq not in scores:
                neighbours[seq, number] = score(seq, number)
    for (seq, _), value in neighbours.items():  # between two conversations, both speak for it
        scores[seq] = scores.get(seq, 0.0) + value
    return scores


@pytest.mark.parametrize("weights", [FACT_WEIGHTS, DISCUSSION_WEIGHTS])
@given(hits())
def test_scores_are_those_of_the_formula(weights: SignalWeights, hits: list[SearchHit]) -> None:
    expected = score_by_formula(hits, weights) if hits else {}

    assert score_hits(hits, weights) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_what_holds_none_of_the_words_scores_nothing() -> None:
    assert score_hits([SearchHit(3, 0.0, 0.0), SearchHit(5, 0.0, 60.0)]) == {3: 0.0, 5: 0.0}
