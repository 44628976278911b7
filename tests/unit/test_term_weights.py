"""What each term of a question says, and which other forms stand for it."""

from bot.language.term_weights import TermWeights, stem_of
from bot.store.passage_search import AskedTerm


def _used(asked: str, said: int = 0, read: int = 0, *, term: str = "") -> AskedTerm:
    return AskedTerm(asked, term or asked, said, read, 5_000, 500)


def test_the_rarer_a_term_is_the_more_it_says_and_one_nobody_used_says_little() -> None:
    weights = TermWeights.of([_used("get", 900, 40), _used("protobuf", 2, 1), _used("unicorn")])

    assert weights.asked["protobuf"] > 2 * weights.asked["get"]
    assert weights.asked["unicorn"] < 0.6 * weights.asked["protobuf"]
    assert weights.total == sum(weights.asked.values())
    assert weights.share(["get", "protobuf", "unicorn"]) == 1.0
    assert weights.share(["protobuf"]) > 0.5
    assert weights.share(["other"]) == 0.0


def test_other_forms_stand_for_what_is_not_in_any_document() -> None:
    weights = TermWeights.of(
        [
            _used("vacat"),
            _used("vacat", read=3, term="vacations"),
            _used("vacat", read=3, term="vacationing"),
            _used("contract", read=4),
            _used("contract", read=4, term="contrast"),
            _used("биржи", read=4),
            _used("биржи", read=4, term="биржа"),
        ]
    )

    assert weights.forms == {"vacations": "vacat", "биржа": "биржи"}
    assert set(weights.terms) == {"vacat", "contract", "биржи", "vacations", "биржа"}
    assert 0 < weights.weight("vacations") < weights.asked["vacat"]
    assert weights.share(["vacations", "vacat"]) == weights.share(["vacat"])


def test_terms_can_be_left_out() -> None:
    weights = TermWeights({"pdf": 3.0, "notic": 2.0}, {"pdfs": "pdf"}).without(["pdf"])

    assert weights.terms == ("notic",)
    assert weights.total == 2.0
    assert TermWeights().share(["notic"]) == 0.0


def test_short_terms_and_codes_have_no_other_forms() -> None:
    assert stem_of("день") == ""
    assert stem_of("e4") == ""
    assert stem_of("v1.2.3-rc") == ""
    assert stem_of("биржи") == "бирж"
    assert stem_of("варшавскои") == "варшавс"
