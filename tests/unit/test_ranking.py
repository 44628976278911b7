"""How messages score: the quick sums against the formula, written out."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.ranking import CENTRES, DISCUSSION, FACT, SITTING, Hit, Mix, lexical

MINUTE = 60.0


@st.composite
def hits(draw: st.DrawFn) -> list[Hit]:
    """Some close together, some far apart, now and then after a silence."""
    found, seq, at = list[Hit](), draw(st.integers(0, 10**7)), 0.0
    gaps = st.one_of(st.integers(1, 4), st.integers(1, 150))
    for gap in draw(st.lists(gaps, max_size=120)):
        seq += gap
        at += gap * draw(st.sampled_from((0.1, 1.0, 90.0))) * MINUTE
        found.append(Hit(seq, draw(st.floats(0.01, 20)), at))
    return draw(st.permutations(found))


def plainly(hits: Sequence[Hit], mix: Mix) -> dict[int, float]:
    """The same as `lexical`, each sum taken over all hits."""
    order = sorted(hits, key=lambda hit: hit.seq)
    sitting, number = {}, 0
    for earlier, hit in zip([order[0], *order], order, strict=False):
        number += hit.at - earlier.at > SITTING
        sitting[hit.seq] = number

    def around(place: int, number: int, reach: int) -> float:
        return sum(
            hit.score * (1 - abs(hit.seq - place) / (reach + 1))
            for hit in hits
            if sitting[hit.seq] == number and abs(hit.seq - place) <= reach
        )

    def score(place: int, number: int) -> float:
        return sum(
            weight * around(place, number, reach) / highest[reach] for reach, weight in mix.around
        )

    most = max(hit.score for hit in hits)
    highest = {
        reach: max(around(hit.seq, sitting[hit.seq], reach) for hit in hits)
        for reach, _ in mix.around
    }
    scores = {
        hit.seq: mix.own * hit.score / most + score(hit.seq, sitting[hit.seq]) for hit in hits
    }
    beside = dict[tuple[int, int], float]()
    for centre in sorted(scores, key=scores.__getitem__, reverse=True)[:CENTRES]:
        number = sitting[centre]
        others = [hit.seq for hit in hits if sitting[hit.seq] != number]
        first = max([0, *(seq for seq in others if seq < centre)]) + 1
        last = min([centre + mix.beside, *(seq - 1 for seq in others if seq > centre)])
        for place in range(max(first, centre - mix.beside), last + 1):
            if place not in scores:
                beside[place, number] = score(place, number)
    for (place, _), value in beside.items():  # between two sittings, both speak for it
        scores[place] = scores.get(place, 0.0) + value
    return scores


@pytest.mark.parametrize("mix", [FACT, DISCUSSION])
@given(hits())
def test_scores_are_those_of_the_formula(mix: Mix, hits: list[Hit]) -> None:
    expected = plainly(hits, mix) if hits else {}

    assert lexical(hits, mix) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_what_holds_none_of_the_words_scores_nothing() -> None:
    assert lexical([Hit(3, 0.0, 0.0), Hit(5, 0.0, 60.0)]) == {3: 0.0, 5: 0.0}
