"""Segments: where a window is cut, and what is believed of a model's summary."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.context import cost
from bot.conversation import Author, Channel, Message, Segment, Statement
from bot.errors import EmptyAnswer, ModelError
from bot.segments import (
    STATEMENT,
    SUMMARY,
    ask,
    ask_digest,
    cut,
    digest_of,
    segment,
    understand,
    written,
)
from bot.tokens import estimate

CHANNEL = Channel("stage", "team", "C1", "general")
ANA = Author("U1", "ana")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def spoken(texts: Sequence[str], gaps: Sequence[int] = ()) -> list[Message]:
    at, found = NOON, []
    for seq, text in enumerate(texts, 1):
        at += timedelta(minutes=gaps[seq - 1] if seq <= len(gaps) else 1)
        said = Message(CHANNEL, str(seq), ANA, text, at, seq=seq)
        found.append(replace(said, tokens=cost(said)))
    return found


@given(
    st.lists(st.text(max_size=400), max_size=40),
    st.lists(st.integers(-50, 5000), max_size=40),
    st.integers(20, 500),
)
def test_blocks_hold_every_message_once_and_fit(
    texts: list[str], gaps: list[int], size: int
) -> None:
    messages = spoken(texts, gaps)

    blocks = cut(messages, size)

    assert [one for block in blocks for one in block] == messages
    assert all(blocks)
    assert all(len(block) == 1 or sum(one.tokens for one in block) <= size for block in blocks)


def test_a_long_silence_is_where_a_block_ends() -> None:
    messages = spoken(["the same words again"] * 20, [1] * 13 + [600] + [1] * 6)

    first, *_ = cut(messages, sum(one.tokens for one in messages) - 1)

    assert first[-1].seq == 13


def test_a_change_of_topic_is_where_a_block_ends() -> None:
    disk, cake = "the backup disk is full again", "grandmother bakes a lemon cake"
    messages = spoken([disk] * 12 + [cake] * 8)

    first, *_ = cut(messages, sum(one.tokens for one in messages) - 1)

    assert first[-1].seq == 12


def test_every_message_of_a_block_is_shown_with_its_number() -> None:
    messages = spoken([f"fact {n}" for n in range(100)])

    prompt = ask(messages, 4_000, "nellie:1")

    for message in messages:
        assert f"\n{message.seq} [" in f"\n{prompt.said[-1].text}"
    assert prompt.source == tuple(messages)
    assert prompt.tokens == sum(estimate(one.text) for one in prompt.said)


def test_statements_keep_only_sources_that_exist() -> None:
    text = "- ana: the disk is red [2, 4, 99]\n* bob: no [#3]\n1. carl: yes [4][5]"

    found = understand(text, [2, 3, 4, 5], limit=SUMMARY, model="m")

    assert [(one.text, one.sources) for one in found] == [
        ("ana: the disk is red", (2, 4)),
        ("bob: no", (3,)),
        ("carl: yes", (4, 5)),
    ]


def test_what_is_no_list_is_passed_over() -> None:
    text = "Here is your summary:\n\n- ana: a fact [1]\nHope this helps!"

    assert understand(text, [1], limit=SUMMARY, model="m") == [Statement("ana: a fact", (1,))]


@pytest.mark.parametrize(
    "text", ["", "   \n", "I cannot do that.", "- ", "- [1]", "```\n```", "\x00", "{}", "- \n- \n"]
)
def test_a_summary_without_a_statement_is_none(text: str) -> None:
    with pytest.raises(EmptyAnswer):
        understand(text, [1], limit=SUMMARY, model="m")


@pytest.mark.parametrize("text", ["- fact number one two three\n" * 200, "- " + "x" * 1_000_000])
def test_an_oversized_summary_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="summary"):
        understand(text, [1], limit=SUMMARY, model="m")


@given(st.text(max_size=2000), st.lists(st.integers(1, 50)))
def test_whatever_a_model_writes_statements_are_short_single_lines(
    text: str, known: list[int]
) -> None:
    try:
        found = understand(f"- {text}\n- x [1]", known, limit=SUMMARY, model="m")
    except ModelError:
        return

    assert sum(estimate(one.text) for one in found) <= 2 * SUMMARY
    for one in found:
        assert len(one.text.splitlines()) == 1
        assert estimate(one.text) <= STATEMENT
        assert set(one.sources) <= set(known)
        assert "<|" not in one.text


@pytest.mark.parametrize("piece", ["[1]", "[1] ", " ", "[", "1", "- ", "[1,"])
def test_no_hostile_line_takes_for_ever_to_read(piece: str) -> None:
    text = "- fact " + piece * 1_000_000 + "x"

    with pytest.raises(ModelError):
        understand(text, [1], limit=SUMMARY, model="m")
    with suppress(EmptyAnswer):
        understand(text[:7_000], [1], limit=SUMMARY, model="m")


def test_a_segment_covers_the_forgotten_numbers_before_it() -> None:
    block = spoken(["a", "b", "c"])[1:]

    made = segment(block, [Statement("b and c", (2, 3))], 1)

    assert (made.first, made.last) == (1, 3)
    assert made.participants == ("ana",)
    assert (made.began, made.ended) == (block[0].at, block[-1].at)
    assert made.tokens == estimate("- b and c [2, 3]")


def segments(*statements: str) -> list[Segment]:
    return [
        Segment(n, n, (Statement(text, (n,)),), ("ana",), NOON, NOON + timedelta(days=n), 10)
        for n, text in enumerate(statements, 1)
    ]


def test_a_digest_of_short_segments_is_what_they_say_oldest_first() -> None:
    assert digest_of(segments("one", "two"), 100) == "2026-11-23\n- one\n2026-11-24\n- two"


def test_a_digest_keeps_the_newest_that_fit() -> None:
    text = digest_of(segments("old " * 50, "new"), 30)

    assert text == "2026-11-24\n- new"


def test_a_digest_of_one_segment_that_does_not_fit_is_clipped() -> None:
    text = digest_of(segments("long " * 70), 30)

    assert text.startswith("- long long")
    assert estimate(text) <= 30


def test_segments_with_nothing_left_to_say_leave_no_trace_in_a_digest() -> None:
    empty = replace(segments("x")[0], statements=())

    assert digest_of([empty, *segments("one")], 100) == "2026-11-23\n- one"
    assert digest_of([empty], 100) == ""
    assert digest_of([], 100) == ""


def test_a_digest_is_asked_of_the_segments_never_of_the_former_digest() -> None:
    prompt = ask_digest(segments("one", "two"), 100, "nellie:1")

    assert prompt.said[-1].text == "- one [1]\n- two [2]"
    assert [written(one) for one in prompt.statements] == ["- one [1]", "- two [2]"]
    assert prompt.max_output == 100
