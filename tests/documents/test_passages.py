"""Documents are cut into passages by heading, paragraph and sentence, with their pages."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.blocks import Block, TableRows, heading
from bot.documents.passages import MOST, cut
from bot.documents.sentences import split
from bot.domain.documents import Passage
from bot.text.tokens import estimate

SENTENCE = "The crane at the quay lifts nine tonnes and was painted green in May. "


def cut_all(*blocks: Block) -> list[Passage]:
    """Their passages."""
    return list(cut(blocks))


def test_short_paragraphs_stand_together() -> None:
    [passage] = cut_all(Block("One.", 1), Block("Two.", 2), Block("- three", 2, is_line=True))

    assert passage == Passage(number=1, text="One.\n\nTwo.\n- three", first_page=1, last_page=2)


def test_passages_have_300_to_400_tokens_where_paragraphs_allow() -> None:
    passages = cut_all(*[Block(SENTENCE * 3) for _ in range(40)])

    sizes = [estimate(one.text) for one in passages]
    assert all(300 <= size <= MOST for size in sizes[:-1])
    assert [one.number for one in passages] == list(range(1, len(passages) + 1))


def test_a_heading_begins_a_passage_where_the_one_before_is_long_enough() -> None:
    passages = cut_all(
        heading("Port", 1),
        heading("Crane", 2),
        Block(SENTENCE * 12),
        heading("Ferry", 2),
        Block("It leaves at nine."),
        heading("Prices", 1),
        Block("None."),
    )

    assert [one.heading for one in passages] == ["Port > Crane", "Port > Ferry"]
    assert passages[1].text == "It leaves at nine.\n\nPrices\n\nNone."


def test_slides_are_passages_of_their_own_sooner() -> None:
    passages = cut_all(
        *[
            block
            for page in (1, 2, 3)
            for block in (heading(f"Slide {page}", 1, page), Block(SENTENCE * 6, page))
        ]
    )

    assert [(one.heading, one.first_page, one.last_page) for one in passages] == [
        ("Slide 1", 1, 1),
        ("Slide 2", 2, 2),
        ("Slide 3", 3, 3),
    ]


def test_a_heading_with_nothing_below_it_is_text() -> None:
    passages = cut_all(
        heading("Port", 1, 1), Block("Said.", 1), heading("Thank you", 1, 2), heading("Bye", 1, 3)
    )

    assert [one.text for one in passages] == ["Said.\n\nThank you\n\nBye"]
    assert cut_all(heading("Only this", 1, 1))[0].text == "Only this"


def test_a_heading_does_not_end_a_passage() -> None:
    passages = cut_all(
        Block(SENTENCE * 8), heading("Crane", 1), Block(SENTENCE * 18), Block(SENTENCE * 3)
    )

    assert not any(one.text.endswith("Crane") for one in passages)


def test_a_long_paragraph_is_cut_at_sentences_and_goes_on_with_the_last_one() -> None:
    numbered = [f"Sentence number {number} is about the crane. " for number in range(120)]

    passages = cut_all(Block("".join(numbered).strip()))

    assert len(passages) > 2
    for before, after in pairwise(passages):
        first = after.text.split(". ")[0] + ". "
        assert before.text.rstrip().endswith(".")
        assert first in before.text
        assert first in numbered
    assert all(one.strip() in " ".join(part.text for part in passages) for one in numbered)


def test_a_sentence_is_cut_only_where_it_is_longer_than_a_passage() -> None:
    long = "and the crane lifts " * 250

    passages = cut_all(Block(long))

    assert all(estimate(one.text) <= MOST for one in passages)
    assert "".join(one.text for one in passages).split() == long.split()


def test_a_table_has_its_header_in_every_passage() -> None:
    table = TableRows(3)
    rows = [table.row(["Ship", "Quay"])]
    rows += [table.row([f"Aurora {number}", "seven"]) for number in range(250)]

    passages = cut_all(Block("Ships:", 3), *[row for row in rows if row], Block("That is all.", 4))

    assert len(passages) > 2
    assert passages[0].text.startswith("Ships:\nShip | Quay\nAurora 0 | seven")
    assert all(one.text.startswith("Ship | Quay\nAurora") for one in passages[1:])
    assert sum(one.text.count("Aurora 77 ") for one in passages) == 1


@given(
    st.lists(
        st.builds(
            Block,
            st.text(min_size=1).filter(str.strip),
            st.integers(0, 3),
            st.integers(0, 3),
            st.sampled_from(["", "Ship | Quay"]),
        ),
        max_size=30,
    )
)
def test_nothing_is_lost_and_nothing_is_too_long(blocks: list[Block]) -> None:
    passages = cut_all(*blocks)
    said = "".join("".join(f"{one.heading}{one.text}".split()) for one in passages)

    for block in blocks:
        if len(block.text) < 100:
            assert "".join(block.text.split()) in said
    assert all(estimate(one.text) <= MOST * 1.5 for one in passages)
    assert all(one.first_page <= one.last_page for one in passages)


@pytest.mark.parametrize(
    "text", ["a" * 20_000, "word " * 5_000, "一" * 3_000, "\n" * 9_000, "a.b " * 99]
)
def test_pieces_are_the_text(text: str) -> None:
    pieces = list(split(text, 100))

    assert "".join(pieces) == text
    assert all(estimate(piece) <= 120 for piece in pieces)
