"""Segments: where a window is cut, what stands for a block, and the digest."""

from dataclasses import replace
from datetime import timedelta

import pytest
from doubles.conversation import NOON, spoken
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.model import Segment, Statement
from bot.memory.segments import build_digest, build_segment, split_into_blocks
from bot.text.tokens import estimate


@given(
    st.lists(st.text(max_size=400), max_size=40),
    st.lists(st.integers(-50, 5000), max_size=40),
    st.integers(20, 500),
)
def test_blocks_hold_every_message_once_and_fit(
    texts: list[str], gaps: list[int], size: int
) -> None:
    messages = spoken(texts, gaps)

    blocks = split_into_blocks(messages, size)

    assert [one for block in blocks for one in block] == messages
    assert all(blocks)
    assert all(len(block) == 1 or sum(one.tokens for one in block) <= size for block in blocks)


def test_a_long_silence_is_where_a_block_ends() -> None:
    messages = spoken(["the same words again"] * 20, [1] * 13 + [600] + [1] * 6)

    first, *_ = split_into_blocks(messages, sum(one.tokens for one in messages) - 1)

    assert first[-1].seq == 13


def test_a_change_of_topic_is_where_a_block_ends() -> None:
    disk, cake = "the backup disk is full again", "grandmother bakes a lemon cake"
    messages = spoken([disk] * 12 + [cake] * 8)

    first, *_ = split_into_blocks(messages, sum(one.tokens for one in messages) - 1)

    assert first[-1].seq == 12


def test_a_segment_knows_which_messages_it_stands_for() -> None:
    block = spoken(["a", "b", "c"])[1:]

    made = build_segment(block, [Statement("b and c", (2, 3))])

    assert (made.first, made.last, made.seqs) == (2, 3, (2, 3))
    assert made.participants == ("ana",)
    assert (made.began, made.ended) == (block[0].at, block[-1].at)
    assert made.tokens == estimate("- b and c")


def segments(*statements: str) -> list[Segment]:
    return [
        Segment(n, n, (Statement(text, (n,)),), ("ana",), NOON, NOON + timedelta(days=n), 10)
        for n, text in enumerate(statements, 1)
    ]


def test_a_digest_of_short_segments_is_what_they_say_oldest_first() -> None:
    assert build_digest(segments("one", "two"), 100) == "2026-11-23\n- one\n2026-11-24\n- two"


def test_a_digest_keeps_the_newest_that_fit() -> None:
    text = build_digest(segments("old " * 50, "new"), 30)

    assert text == "2026-11-24\n- new"


def test_a_digest_keeps_what_was_decided_and_what_is_open_before_older_facts() -> None:
    old, middle, newest = segments("the cake is a lie", "we take lemons", "new")
    decided = replace(middle, statements=(Statement("we take lemons", (2,), "decision"),))
    asked = replace(old, statements=(*old.statements, Statement("who bakes?", (1,), "question")))

    text = build_digest([asked, decided, newest], 45)

    assert text == (
        "2026-11-23\n- question: who bakes?\n2026-11-24\n- decision: we take lemons\n"
        "2026-11-25\n- new"
    )


def test_a_digest_of_one_segment_that_does_not_fit_is_clipped() -> None:
    text = build_digest(segments("long " * 70), 30)

    assert text.startswith("- long long")
    assert estimate(text) <= 30


def test_segments_with_nothing_left_to_say_leave_no_trace_in_a_digest() -> None:
    empty = replace(segments("x")[0], statements=())

    assert build_digest([empty, *segments("one")], 100) == "2026-11-23\n- one"
    assert build_digest([empty], 100) == ""
    assert build_digest([], 100) == ""


def test_a_digest_grows_below_what_it_said_before() -> None:
    told = segments("one", "two", "three", "four")
    former = build_digest(told[1:3], 100)

    grown = build_digest(told, 100, former=former, low=50)

    assert grown == f"{former}\n2026-11-26\n- four"


def test_what_is_new_of_the_same_day_stands_below_that_day() -> None:
    one, two = segments("one", "two")
    two = replace(two, ended=one.ended)
    former = build_digest([one], 100)

    assert build_digest([one, two], 100, former=former, low=50) == f"{former}\n- two"


@pytest.mark.parametrize(
    "former",
    [
        "2026-11-23\n- one\n2026-11-24\n- something that was taken back",
        "2026-11-23\n- one, as it was said before an edit",
        "- long lon [… 900 characters more]",
    ],
)
def test_a_digest_that_says_what_no_segment_says_is_made_anew(former: str) -> None:
    told = segments("one", "two", "three")

    anew = build_digest(told, 100, former=former, low=100)

    assert anew == build_digest(told, 100)


def test_a_digest_that_is_full_begins_anew_with_room_to_grow() -> None:
    told = segments(*(f"number {n} was told of" for n in range(1, 9)))
    size = estimate(build_digest(told[:7], 1_000)) + 4
    full = build_digest(told[:7], 1_000)

    anew = build_digest(told, size, former=full, low=size // 2)

    assert anew.endswith("- number 8 was told of")
    assert "number 1 " not in anew
    assert size // 4 < estimate(anew) <= size // 2


def test_the_newest_segment_may_take_the_room_that_the_others_leave_for_growing() -> None:
    old, newest = segments("old", "new " * 30)

    text = build_digest([old, newest], 100, former="", low=10)

    assert text == f"2026-11-24\n- {'new ' * 30}"


@given(st.lists(st.integers(1, 30), min_size=2, max_size=40), st.integers(60, 300))
def test_a_growing_digest_fits_holds_the_newest_and_begins_as_before_or_anew(
    words: list[int], size: int
) -> None:
    told = segments(*(f"{n} {'word ' * count}" for n, count in enumerate(words)))
    former = ""
    for count in range(1, len(told) + 1):
        digest = build_digest(told[:count], size, former=former, low=size // 2)

        assert digest.endswith(told[count - 1].statements[0].text)
        assert estimate(digest) <= size
        assert digest.startswith(former) or estimate(f"{former}\n{digest}") > size // 2
        former = digest


def test_talk_is_cut_into_as_few_blocks_as_it_can_be() -> None:
    messages = spoken([f"word{n} and word{n + 7}" for n in range(100)])
    total = sum(one.tokens for one in messages)

    assert len(split_into_blocks(messages, total // 2 + 20)) == 2
    assert len(split_into_blocks(messages, total)) == 1
