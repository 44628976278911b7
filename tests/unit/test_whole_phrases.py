"""Words stand in a text as a pattern made of them would find them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.whole_phrases import stands_whole

BEFORE, AFTER = r"(?<![\w.,:/@~+-])", r"(?![\w+#%]|[^\w\s]+\w)"


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("the crane is red", True),
        ("a-crane and the crane", True),  # not the first of them
        ("a-crane", False),
        ("cranes", False),
        ("crane.example", False),
        ("crane.", True),
        ("", False),
    ],
)
def test_nothing_may_make_another_word_of_it(text: str, stands: bool) -> None:
    assert stands_whole(text, "crane", BEFORE, AFTER) is stands


@given(
    text=st.text(alphabet="ab.-/ é\n", max_size=30),
    words=st.text(alphabet="ab.- é", max_size=4),
    around=st.sampled_from([(BEFORE, AFTER), ("", ""), (r"(?<![a-z0-9])", r"(?![a-z0-9])")]),
)
def test_as_a_pattern_made_of_the_words_would(
    text: str, words: str, around: tuple[str, str]
) -> None:
    before, after = around
    found = re.search(before + re.escape(words) + after, text) is not None

    assert stands_whole(text, words, *around) is found
