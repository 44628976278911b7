"""Estimating tokens, and clipping by the estimate."""

import base64
import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.text.tokens import clip, estimate, estimate_again

CHAT = st.text(alphabet="aAbzé 019.-_/\n\t!'`漢дΩ😀e\u0301\u200d\ud83d\ude00\0", max_size=200)
ANYTHING = st.text(alphabet=st.characters(), max_size=200)


# What the o200k and cl100k vocabularies take.
@pytest.mark.parametrize(
    ("text", "fewest", "most"),
    [
        ("vinux: /var/cache/apt/archives", 9, 10),
        ("[09:24] <topyli> vinux: I think apt-get keeps them there :-)", 21, 21),
        ("The release moves to Thursday because the certificate expired.", 10, 10),
        ("def receive(self, message):\n    return await self.store(message)\n", 13, 13),
        ('{"id": 4711, "name": "Nellie", "tags": ["bot", "memory"]}', 24, 25),
        ("请你检查一下用户的访问权限是否设置正确", 11, 15),
        ("Можешь, пожалуйста, проверить права доступа?", 10, 19),
        ("\N{PARTY POPPER}\N{FIRE}\N{THUMBS UP SIGN}", 4, 9),
    ],
)
def test_is_near_what_real_vocabularies_take(text: str, fewest: int, most: int) -> None:
    assert fewest * 0.8 <= estimate(text) <= most * 1.35


def test_base64_is_dear() -> None:
    blob = base64.b64encode(random.Random(1).randbytes(750)).decode()

    assert len(blob) / 2.5 <= estimate(blob) <= len(blob)


def test_nothing_is_free_but_nothing_itself() -> None:
    assert estimate("") == 0
    texts = (" ", "\n", "a", "\0", "\ud800", "\u200b")
    assert [estimate(text) for text in texts] == [1, 1, 1, 1, 3, 1]


@given(CHAT | ANYTHING, CHAT | ANYTHING)
@example("a ", "1")
@example("AB", "cdefghij")
def test_two_texts_together_take_about_what_each_takes(one: str, other: str) -> None:
    together = estimate(one + other)

    assert max(estimate(one), estimate(other)) - 1 <= together
    assert together <= estimate(one) + estimate(other) + 1


@given(CHAT | ANYTHING, CHAT | ANYTHING)
def test_lines_together_never_take_more_than_the_sum(one: str, other: str) -> None:
    assert estimate(f"{one}\n- {other}") <= estimate(f"{one}\n") + estimate(f"- {other}")


@given(st.lists(CHAT | ANYTHING | st.sampled_from(["", " ", "a", "1 ", "…", "| x"])), st.booleans())
@example(["a", ""], False)
@example(["a ", " 1"], True)
@example(["a", "", "b"], True)
@example(["x" * 60_000, "y"], False)
@example(["word " * 200 + "end", "é" * 33, "漢"], True)
def test_counted_line_by_line_a_text_takes_the_same(lines: list[str], is_part: bool) -> None:
    text = "\n\n" * is_part + "\n".join(lines)

    assert estimate_again(text) == estimate(text)
    assert estimate_again(text) == estimate(text), "also where its lines are known"


@given(CHAT | ANYTHING, st.integers(16, 60))
@example("\ud83d\ude00" * 60, 16)
@example("e\u0301\u0302" * 60, 16)
@example(" " * 999 + "a", 16)
@example("a1" * 500, 24)
def test_a_clipped_text_fits(text: str, tokens: int) -> None:
    clipped = clip(text, tokens)

    assert estimate(clipped) <= tokens
    assert clipped == text or "characters more]" in clipped


@given(CHAT | ANYTHING, st.integers(16, 60))
def test_what_fits_stays_as_it_is(text: str, tokens: int) -> None:
    if estimate(text) <= tokens:
        assert clip(text, tokens) == text


def test_says_how_much_is_missing() -> None:
    text = "word " * 4_000

    clipped = clip(text, 30)

    kept = clipped.split(" [")[0]
    assert text.startswith(kept)
    assert clipped.endswith(f" [… {len(text) - len(kept) - 1:,} characters more]")
    assert 15 <= kept.count("word") <= 22


def test_separates_no_accent_and_no_emoji_part() -> None:
    family = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"

    assert clip("e\u0301" * 100, 30).split(" [")[0].endswith("e\u0301")
    assert clip(family * 100, 40).split(" [")[0].endswith(family)


@pytest.mark.parametrize("unit", ["word ", "a", "A", " ", "\n", "\0", "\ud800", "漢", "😀", "aB1!"])
def test_clips_a_megabyte(unit: str) -> None:
    assert estimate(clip(unit * (1_000_000 // len(unit)), 500)) <= 500
