"""Marks in a transcript: prompts that grow have them in the same places."""

from collections.abc import Sequence
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.prompting.cache_marks import MOST, NEWEST, STEP, find_ends

sizes = st.lists(st.integers(1, 300), min_size=1, max_size=400)


def marks(tokens: Sequence[int]) -> tuple[int, ...]:
    """The marks of a transcript whose lines have so many tokens, at four characters each."""
    starts = [0, *accumulate(tokens)]
    return find_ends(["x" * 4 * size for size in tokens], starts[:-1], starts[-1])


@given(sizes)
def test_a_mark_stands_at_the_end_of_a_line_and_the_last_one_at_the_end(
    tokens: Sequence[int],
) -> None:
    text = "\n".join("x" * 4 * size for size in tokens)

    found = marks(tokens)

    assert list(found) == sorted(set(found))
    assert all(text[end : end + 1] in ("\n", "") and text[end - 1] == "x" for end in found)
    assert found[-1] == len(text)


@settings(max_examples=300)
@given(sizes, st.integers(1, NEWEST - 1))
def test_a_longer_prompt_has_the_last_mark_of_the_one_before(
    tokens: Sequence[int], later: int
) -> None:
    shorter = marks(tokens[: max(1, len(tokens) - later)])

    assert shorter[-1] in marks(tokens)


@given(st.lists(st.integers(1, 60), min_size=NEWEST, max_size=300))
def test_a_prompt_that_comes_much_later_has_the_marks_on_the_wide_grid(
    tokens: Sequence[int],
) -> None:
    starts = [0, *accumulate(tokens)]
    lengths = accumulate((4 * size + 1 for size in tokens[1:]), initial=4 * tokens[0])
    wide = [
        length
        for start, end, length in zip(starts, starts[1:], lengths, strict=False)
        if start // STEP < end // STEP
    ]

    assert set(wide[-(MOST - NEWEST) :]) <= set(marks(tokens))


@given(st.lists(st.integers(1, 3_000), max_size=400))
def test_there_are_no_more_marks_than_a_server_looks_at(tokens: Sequence[int]) -> None:
    assert len(marks(tokens)) <= MOST


def test_no_lines_have_no_marks() -> None:
    assert marks([]) == ()


@given(st.lists(st.integers(1, 300), min_size=2, max_size=400), st.data())
def test_a_window_without_its_beginning_has_the_marks_that_stood_in_its_rest(
    tokens: Sequence[int], data: st.DataObject
) -> None:
    lines = ["x" * 4 * size for size in tokens]
    starts = [0, *accumulate(tokens)]
    cut = data.draw(st.integers(1, len(lines) - 1))
    left_out = sum(len(line) + 1 for line in lines[:cut])

    rest = find_ends(lines[cut:], starts[cut:-1], starts[-1])

    whole = find_ends(lines, starts[:-1], starts[-1])
    assert [end for end in whole if end > left_out] == [left_out + end for end in rest][-MOST:]
