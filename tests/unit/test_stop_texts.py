"""A stop text ends an answer and is no part of it, however it comes in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.llm.answers.stop_texts import StopTexts


def read(stops: list[str], pieces: list[str], *, stopped: bool) -> str:
    texts = StopTexts(stops)
    return "".join(map(texts.feed, pieces)) + texts.finish(stopped=stopped)


@pytest.mark.parametrize(
    ("stops", "pieces", "stopped", "shown"),
    [
        (["END"], ["one two E", "ND"], True, "one two "),
        (["\n\n", "###"], ["a\n", "\nb ##", "#"], True, "a\n\nb "),
        (["ab", "b"], ["xab"], True, "x"),
        (["END"], ["one two EN"], False, "one two EN"),
        (["END"], ["one END"], False, "one END"),
        ([], ["one ", "two"], False, "one two"),
    ],
)
def test_leaves_out_the_stop_text_alone(
    stops: list[str], pieces: list[str], stopped: bool, shown: str
) -> None:
    assert read(stops, pieces, stopped=stopped) == shown


@given(st.lists(st.text(alphabet="abE", max_size=4), max_size=8), st.text("abE", min_size=1))
def test_any_pieces_give_the_same_answer(pieces: list[str], stop: str) -> None:
    whole = "".join(pieces) + stop

    assert read([stop], [*pieces, *stop], stopped=True) == whole.removesuffix(stop)
    assert read([stop], [whole], stopped=True) == whole.removesuffix(stop)


def test_holds_back_no_more_than_it_must() -> None:
    texts = StopTexts(["</answer>"])

    assert texts.feed("Friday, ") == "Friday, "
    assert texts.feed("<b>not</") == "<b>not"
    assert texts.feed("b>") == "</b>"
