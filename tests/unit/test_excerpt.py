"""Recalled messages as the prompt shows them."""

import re
from dataclasses import replace
from datetime import timedelta

from doubles.prompt_material import NOON, messages, plain_message
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.model import Message
from bot.prompting.excerpt import format_excerpt, select_fitting
from bot.prompting.message_line import display_name
from bot.text.tokens import estimate

SOME = settings(max_examples=50)


@SOME
@given(messages())
def test_nobody_speaks_in_the_recalled_part_but_who_spoke(history: list[Message]) -> None:
    lines = format_excerpt(history, 100_000)

    assert lines[0] == "[2026-11-22 12:00]"
    heads = [re.match(r"(?:\[#[0-9A-Za-z]+\] )?([^:\[\]]+): ", one) for one in lines[1:]]
    assert [head and head[1] for head in heads] == [display_name(message) for message in history]
    assert all(one.startswith("| ") for line in lines for one in line.splitlines()[1:])


def test_what_is_recalled_stands_below_its_time_with_what_was_left_out_marked() -> None:
    history = [
        replace(
            plain_message(text), id=text, seq=seq, at=NOON + timedelta(minutes=minutes), link=link
        )
        for text, seq, minutes, link in (
            ("one", 4, 0, "https://x.example/archives/C1/p4"),
            ("two", 5, 1, "https://x.example/archives/C1/p5"),
            ("ten", 9, 9, ""),
            ("later", 10, 999, "https://x.example/archives/C1/p10?thread_ts=1&cid=C1"),
        )
    ]

    assert format_excerpt(history, 500) == [
        "[2026-11-22 12:00 p4]",
        "ana: one",
        "ana: two",
        "…",
        "ana: ten",
        "[2026-11-23 04:39 p10]",
        "ana: later",
    ]


@given(st.lists(st.integers(1, 60), max_size=40, unique=True), st.integers(20, 300))
def test_an_excerpt_fits_into_its_tokens(seqs: list[int], tokens: int) -> None:
    history = [
        replace(plain_message("word " * (seq % 17)), seq=seq, at=NOON + timedelta(hours=seq))
        for seq in seqs
    ]

    assert estimate("\n".join(format_excerpt(history, tokens))) <= tokens


@given(st.lists(st.integers(1, 60), max_size=40, unique=True), st.integers(20, 300))
def test_what_fits_is_shown_whole(seqs: list[int], tokens: int) -> None:
    history = [
        replace(plain_message(f"no {seq}, " * (seq % 9)), seq=seq, at=NOON + timedelta(hours=seq))
        for seq in seqs
    ]
    chosen = select_fitting(history, tokens)

    assert format_excerpt(chosen, tokens) == format_excerpt(chosen, 100_000)
