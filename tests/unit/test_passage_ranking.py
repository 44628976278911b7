"""Passages, best first, and no more of them than there is room for."""

from collections.abc import Sequence

from bot.domain.documents import FoundPassage, Passage
from bot.language.term_weights import TermWeights
from bot.memory.passage_ranking import Signals, drop_repeats, fit, passage_cost, rank
from bot.store.passage_search import PassageHit
from bot.text.tokens import estimate

WEIGHTS = TermWeights({"notic": 4.0, "rent": 4.0})


def _found(number: int, *, document: int = 1, text: str = "") -> FoundPassage:
    text = text or f"passage {number} of {document}"
    return FoundPassage(
        document_id=document,
        name=f"{document}.pdf",
        passage=Passage(number=number, text=text),
        tokens=estimate(text),
    )


def _hit(number: int, *terms: str, document: int = 1, length: int = 100) -> PassageHit:
    return PassageHit(_found(number, document=document), dict.fromkeys(terms, 1), length)


def _numbers(found: Sequence[FoundPassage]) -> list[tuple[int, int]]:
    return [(one.document_id, one.passage.number) for one in found]


def test_what_holds_more_of_the_question_in_fewer_words_goes_first() -> None:
    hits = [_hit(1, "notic"), _hit(5, "notic", "rent"), _hit(9, "rent", length=40)]

    ranked = rank(hits, WEIGHTS, Signals())

    assert _numbers(ranked.passages) == [(1, 5), (1, 9), (1, 1)]
    assert ranked.quality == 1.0


def test_what_holds_little_of_the_question_is_left_out() -> None:
    weights = TermWeights({"notic": 1.0, "rent": 9.0, "unicorn": 9.0})

    ranked = rank([_hit(1, "notic"), _hit(5, "rent")], weights, Signals())

    assert _numbers(ranked.passages) == [(1, 5)]
    assert rank([_hit(1, "notic")], weights, Signals()).passages == ()


def test_another_form_of_a_term_counts_a_little_less_and_no_term_twice() -> None:
    weights = TermWeights({"notic": 4.0}, {"notices": "notic"})

    ranked = rank(
        [_hit(1, "notices"), _hit(5, "notic"), _hit(9, "notices", "notic")], weights, Signals()
    )

    assert _numbers(ranked.passages) == [(1, 5), (1, 9), (1, 1)]
    assert ranked.quality == 1.0


def test_the_name_of_its_file_speaks_for_a_passage() -> None:
    hits = [_hit(1, "notic"), _hit(1, "notic", document=2)]

    ranked = rank(hits, WEIGHTS, Signals(names={1: ["rent"]}))

    assert _numbers(ranked.passages) == [(1, 1), (2, 1)]


def test_a_document_that_is_meant_goes_first_and_is_sent_however_little_matches() -> None:
    hits = [_hit(1, "notic"), _hit(1, document=2, length=0)]

    ranked = rank(hits, WEIGHTS, Signals(meant=[2]))

    assert _numbers(ranked.passages) == [(2, 1), (1, 1)]


def test_what_is_near_in_meaning_is_sent_with_no_word_in_common() -> None:
    hits = [_hit(1, length=0), _hit(5, length=0)]
    near = {hits[0].key: 7.0, hits[1].key: 0.5}

    ranked = rank(hits, WEIGHTS, Signals(nearest=near))

    assert _numbers(ranked.passages) == [(1, 1)]
    assert ranked.quality > 0.4


def test_nothing_found_matches_nothing() -> None:
    assert rank([], WEIGHTS, Signals()).quality == 0.0
    assert rank([_hit(1, "notic")], TermWeights(), Signals()).passages == ()


def test_the_same_text_is_kept_once_whatever_its_spaces() -> None:
    twice = [_found(1, text="Thirty days."), _found(1, document=2, text="thirty\n  DAYS.")]

    assert _numbers(drop_repeats(twice)) == [(1, 1)]


def test_the_best_that_fit_are_kept_and_of_one_that_is_too_long_a_part() -> None:
    long = _found(1, text="The rent is due. " * 100)
    short = [_found(number, document=2) for number in (1, 5)]

    assert _numbers(fit([*short, long], 200)) == [(2, 1), (2, 5)]
    part = fit([long, *short], 300)[0]
    assert passage_cost(part) <= 300
    assert long.passage.text.startswith(part.passage.text[:20])
    assert fit([long], 100) == []
    assert fit([], 500) == []
