"""Examples that are nearly the same: found, in memory that does not grow."""

import random
import sys

import pytest

from bot.datasets.duplicates import NearDuplicates
from bot.domain.errors import SettingsError

WORDS = [f"{one}{other}" for one in ("ka", "lo", "mi", "ru") for other in ("ten", "bar", "sol")]


def text(seed: int, length: int = 60) -> str:
    chance = random.Random(seed)
    return " ".join(chance.choice(WORDS) + str(chance.randrange(400)) for _ in range(length))


def test_the_same_text_is_seen_the_second_time_whatever_its_case() -> None:
    seen = NearDuplicates(1 << 12)

    assert not seen.seen(text(1))
    assert seen.seen(text(1).upper())
    assert not seen.seen(text(2))


@pytest.mark.parametrize("short", ["", "ok", "yes!", "…", "in the cellar", "はい"])
def test_short_texts_are_told_apart(short: str) -> None:
    seen = NearDuplicates(1 << 12)

    assert not seen.seen(short)
    assert not seen.seen("something else")
    assert seen.seen(short)


def test_a_word_more_makes_no_other_example_and_another_half_does() -> None:
    near = far = 0
    for seed in range(100):
        seen = NearDuplicates(1 << 14)
        words = text(seed, 100).split()
        seen.seen(" ".join(words))
        near += seen.seen(" ".join([*words[:99], "changed"]))
        far += seen.seen(" ".join([*words[:50], *text(seed + 1_000, 50).split()]))

    assert near >= 99
    assert far <= 2


def test_among_thousands_of_others_it_is_still_found() -> None:
    seen = NearDuplicates(1 << 17)
    for seed in range(4_000):
        assert not seen.seen(text(seed, 30))

    assert sum(seen.seen(text(seed, 30)) for seed in range(4_000)) >= 3_990


def test_one_megabyte_is_as_long_as_its_beginning() -> None:
    seen = NearDuplicates(1 << 12)

    assert not seen.seen("word " * 200_000)
    assert seen.seen("word " * 200_001)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rensa", None)

    with pytest.raises(SettingsError, match=r"pip install 'kingfisher-secret-scanner"):
        NearDuplicates()
