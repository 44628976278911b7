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
from bot.memory.segments import (
    STATEMENT,
    SUMMARY,
    ask,
    ask_here,
    cut,
    digest_of,
    parted,
    segment,
    understand,
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
    text = "- ana: the disk is red [2, 4, 99]\n* ana: no [#3]\n1. ana: yes [4][5]"

    block = spoken(["bob and carl", "the disk is red", "no", "no bob", "yes"])[1:]

    found = understand(text, block, limit=SUMMARY, model="m").statements

    assert [(one.text, one.sources) for one in found] == [
        ("ana: the disk is red", (2, 4)),
        ("ana: no", (3,)),
        ("ana: yes", (4, 5)),
    ]


def test_what_is_no_list_is_passed_over() -> None:
    text = "Here is your summary:\n\n- ana: a fact [1]\nHope this helps!"

    found = understand(text, spoken(["a fact"]), limit=SUMMARY, model="m")

    assert found.statements == (Statement("ana: a fact", (1,)),)


@pytest.mark.parametrize(
    "text", ["", "   \n", "I cannot do that.", "- ", "- [1]", "```\n```", "\x00", "{}", "- \n- \n"]
)
def test_a_summary_without_a_statement_is_none(text: str) -> None:
    with pytest.raises(EmptyAnswer):
        understand(text, spoken(["a fact"]), limit=SUMMARY, model="m")


@pytest.mark.parametrize(
    "text", ["".join(f"- {'a fact ' * n}\n" for n in range(1, 60)), "- " + "x" * 1_000_000]
)
def test_an_oversized_summary_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="summary"):
        understand(text, spoken(["a fact"]), limit=SUMMARY, model="m")


@given(st.text(max_size=2000), st.integers(1, 50))
def test_whatever_a_model_writes_statements_are_short_single_lines(text: str, known: int) -> None:
    block = spoken([text] * known)
    try:
        found = understand(f"- {text}\n- x [1]", block, limit=SUMMARY, model="m").statements
    except ModelError:
        return

    assert sum(estimate(one.text) for one in found) <= 2 * SUMMARY
    for one in found:
        assert len(one.text.splitlines()) == 1
        assert estimate(one.text) <= STATEMENT
        assert set(one.sources) <= set(range(1, known + 1))
        assert "<|" not in one.text


@pytest.mark.parametrize("piece", ["[1]", "[1] ", " ", "[", "1", "- ", "[1,"])
def test_no_hostile_line_takes_for_ever_to_read(piece: str) -> None:
    text = "- fact " + piece * 1_000_000 + "x"

    with pytest.raises(ModelError):
        understand(text, spoken(["a fact"]), limit=SUMMARY, model="m")
    with suppress(EmptyAnswer):
        understand(text[:6_000], spoken(["a fact"]), limit=SUMMARY, model="m")


def test_a_segment_covers_the_forgotten_numbers_before_it() -> None:
    block = spoken(["a", "b", "c"])[1:]

    made = segment(block, [Statement("b and c", (2, 3))], 1)

    assert (made.first, made.last) == (1, 3)
    assert made.participants == ("ana",)
    assert (made.began, made.ended) == (block[0].at, block[-1].at)
    assert made.tokens == estimate("- b and c")


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


def test_a_digest_keeps_what_was_decided_and_what_is_open_before_older_facts() -> None:
    old, middle, newest = segments("the cake is a lie", "we take lemons", "new")
    decided = replace(middle, statements=(Statement("we take lemons", (2,), "decision"),))
    asked = replace(old, statements=(*old.statements, Statement("who bakes?", (1,), "question")))

    text = digest_of([asked, decided, newest], 45)

    assert text == (
        "2026-11-23\n- question: who bakes?\n2026-11-24\n- decision: we take lemons\n"
        "2026-11-25\n- new"
    )


def test_a_digest_of_one_segment_that_does_not_fit_is_clipped() -> None:
    text = digest_of(segments("long " * 70), 30)

    assert text.startswith("- long long")
    assert estimate(text) <= 30


def test_segments_with_nothing_left_to_say_leave_no_trace_in_a_digest() -> None:
    empty = replace(segments("x")[0], statements=())

    assert digest_of([empty, *segments("one")], 100) == "2026-11-23\n- one"
    assert digest_of([empty], 100) == ""
    assert digest_of([], 100) == ""


def test_talk_is_cut_into_as_few_blocks_as_it_can_be() -> None:
    messages = spoken([f"word{n} and word{n + 7}" for n in range(100)])
    total = sum(one.tokens for one in messages)

    assert len(cut(messages, total // 2 + 20)) == 2
    assert len(cut(messages, total)) == 1


def test_what_is_asked_at_the_end_of_the_last_prompt_cites_times_and_names() -> None:
    block = spoken(["the disk is red", "it is not", "the code is 7"])

    prompt = ask_here([block], "You are Nellie.", "[..] bob: before", "nellie:1")
    found = understand(
        "- ana: the disk is red [2026-11-22 12:01 ana; 12:02]\n- ana: it is 7 [12:03 bob]",
        block, limit=SUMMARY, model="m",
    )  # fmt: skip

    assert prompt.said[1].text.startswith("What was said here lately:\n[..] bob: before\n\n")
    assert "[2026-11-22 12:03] ana: the code is 7" in prompt.said[1].text
    assert [one.sources for one in found.statements] == [(1, 2), ()]


def test_of_a_summary_of_several_blocks_each_gets_what_rests_on_it_alone() -> None:
    block = spoken(["the disk is red", "it is new", "the tape is blue", "it is old"])
    lines = ["- ana: red [1, 2]", "- ana: both [2, 3]", "- ana: blue [12:03 ana]", "- ana: none"]

    parts = parted("Here:\n" + "\n".join(lines), [block[:2], block[2:]])

    assert parts == [lines[0], lines[2]]
    assert parted("any text", [block]) == ["any text"]


def test_kinds_and_dates_of_statements() -> None:
    block = spoken(["we ship it tomorrow", "who tests it next Friday?"])

    found = understand(
        "- Decision: ana: we ship it tomorrow [1]\n- question: ana: who tests it? [2]",
        block, limit=SUMMARY, model="m",
    )  # fmt: skip

    assert found.statements == (
        Statement("ana: we ship it tomorrow (2026-11-23)", (1,), "decision"),
        Statement("ana: who tests it?", (2,), "question"),
    )


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("ana: the port is 5433", "number"),
        ("ana: at 13:37 it broke", "number"),
        ("ana: see https://example.org/evil", "link"),
        ("ana: run `rm -rf /`", "code"),
        ("ana: it is due on 2026-11-29", "date"),
        ("bob: the port is 5432", "name"),
        ("ana: the port is Mallory's", "name"),
        ("ana: ask @mallory", "name"),
    ],
)
def test_a_statement_that_says_what_was_never_said_is_left_out_and_counted(
    line: str, kind: str
) -> None:
    block = spoken(["the port is 5432, run `make`, due tomorrow: https://example.org/a"])

    found = understand(f"- ana: the port is 5432\n- {line} [1]", block, limit=SUMMARY, model="m")

    assert [one.text for one in found.statements] == ["ana: the port is 5432"]
    assert found.flagged == {kind: 1}


def test_a_statement_that_keeps_to_what_was_said_is_believed() -> None:
    block = spoken(["the port is 5432, run `make`, due tomorrow: https://example.org/a, says Zoë"])
    line = "ana: at 12:01 on 2026-11-22: run `make` by 2026-11-23, see https://example.org/a, Zoë"

    found = understand(f"- {line} [1]", block, limit=SUMMARY, model="m")

    assert [one.text for one in found.statements] == [line]
