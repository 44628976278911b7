"""What is remembered of words so that they need not be read again does not grow with them."""

import tracemalloc
from collections.abc import Callable

import pytest

from bot.language.name_forms import are_forms, romanize
from bot.language.terms import stem

WORDS = 60_000
MEGABYTES = 3


@pytest.mark.parametrize(
    "read", [stem, romanize, lambda word: are_forms(word, "release")], ids=["term", "sound", "form"]
)
def test_ever_new_words_take_little(read: Callable[[str], object]) -> None:
    tracemalloc.start()
    try:
        for number in range(WORDS):
            read(f"word{number}")
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert taken < MEGABYTES * 2**20
