"""Passages, best first, and no more of them than there is room for."""

from bot.domain.documents import FoundPassage, Passage
from bot.memory.passage_ranking import (
    drop_repeats,
    fit,
    passage_cost,
    rank,
    share_in_terms,
)
from bot.store.passage_search import TermWeights, key_of
from bot.text.tokens import estimate

WEIGHTS = TermWeights({"notic": 4.0, "rent": 4.0}, 8.0)


def _found(number: int, score: float = 0.0, *, document: int = 1, text: str = "") -> FoundPassage:
    text = text or f"passage {number} of {document}"
    return FoundPassage(
        document_id=document,
        name=f"{document}.pdf",
        passage=Passage(number=number, text=text),
        tokens=estimate(text),
        score=score,
    )


def _numbers(found: list[FoundPassage] | tuple[FoundPassage, ...]) -> list[tuple[int, int]]:
    return [(one.document_id, one.passage.number) for one in found]


def test_what_holds_little_of_the_question_is_left_out() -> None:
    ranked = rank([_found(1, 2.0), _found(2, 0.5)], ("notic", "rent"), WEIGHTS, names={})

    assert _numbers(ranked.passages) == [(1, 1)]
    assert 0.5 < ranked.quality < 0.7


def test_a_term_that_nothing_holds_makes_the_match_worse() -> None:
    asked = [_found(1, 1.6)]
    unknown = ("unicorn", "zeppelin")

    one = rank(asked, ("notic",), WEIGHTS, names={})
    two = rank(asked, ("notic", *unknown), WEIGHTS, names={})

    assert one.quality == 1.0
    assert two.passages == ()
    assert two.quality < 0.2


def test_the_name_of_its_file_speaks_for_a_passage() -> None:
    found = [_found(1, 1.9), _found(1, 1.8, document=2)]

    assert _numbers(rank(found, ("notic",), WEIGHTS, names={2: 0.5}).passages) == [(2, 1), (1, 1)]


def test_a_document_that_is_meant_goes_first_and_is_sent_however_little_matches() -> None:
    found = [_found(1, 3.0), _found(1, 0.0, document=2)]

    ranked = rank(found, ("notic",), WEIGHTS, names={}, meant=[2])

    assert set(_numbers(ranked.passages)) == {(1, 1), (2, 1)}


def test_nothing_found_matches_nothing() -> None:
    assert rank([], ("notic",), WEIGHTS, names={}).quality == 0.0
    assert share_in_terms(["notic"], (), WEIGHTS) == 0.0


def test_the_same_text_is_kept_once_whatever_its_spaces() -> None:
    twice = [_found(1, text="Thirty days."), _found(1, document=2, text="thirty\n  DAYS.")]

    assert _numbers(drop_repeats(twice)) == [(1, 1)]


def test_the_best_that_fit_are_kept_and_of_one_that_is_too_long_a_part() -> None:
    long = _found(1, text="The rent is due. " * 100)
    short = [_found(number, document=2) for number in (1, 5)]

    assert _numbers(fit([*short, long], 100)) == [(2, 1), (2, 5)]
    (part,) = fit([long, *short], 200)
    assert passage_cost(part) <= 200
    assert long.passage.text.startswith(part.passage.text[:20])
    assert fit([long], 60) == []
    assert fit([], 500) == []


def test_what_is_near_in_meaning_is_sent_with_no_word_in_common() -> None:
    found = [_found(1), _found(2)]
    near = {key_of(found[0]): 4.0, key_of(found[1]): 0.5}

    ranked = rank(found, ("notic",), WEIGHTS, names={}, nearest=near)

    assert _numbers(ranked.passages) == [(1, 1)]
    assert ranked.quality > 0.4
