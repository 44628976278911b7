"""What is believed of a model's summary."""

from contextlib import suppress
from dataclasses import replace

import pytest
from doubles.conversation import spoken
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import EmptyAnswer, ModelError
from bot.domain.model import Author, Statement
from bot.memory.summary_parsing import STATEMENT_LIMIT, parse_summary, split_by_block
from bot.prompting.summary_prompt import (
    SUMMARY_LIMIT,
)
from bot.text.tokens import estimate


def test_statements_keep_only_sources_that_exist() -> None:
    text = "- ana: the disk is red [2, 4, 99]\n* ana: no [#3]\n1. ana: yes [4][5]"

    block = spoken(["bob and carl", "the disk is red", "no", "no bob", "yes"])[1:]

    found = parse_summary(text, block, limit=SUMMARY_LIMIT, model="m").statements

    assert [(one.text, one.sources) for one in found] == [
        ("ana: the disk is red", (2, 4)),
        ("ana: no", (3,)),
        ("ana: yes", (4, 5)),
    ]


def test_what_is_no_list_is_passed_over() -> None:
    text = "Here is your summary:\n\n- ana: a fact [1]\nHope this helps!"

    found = parse_summary(text, spoken(["a fact"]), limit=SUMMARY_LIMIT, model="m")

    assert found.statements == (Statement("ana: a fact", (1,)),)


@pytest.mark.parametrize(
    "text", ["", "   \n", "I cannot do that.", "- ", "- [1]", "```\n```", "\x00", "{}", "- \n- \n"]
)
def test_a_summary_without_a_statement_is_none(text: str) -> None:
    with pytest.raises(EmptyAnswer):
        parse_summary(text, spoken(["a fact"]), limit=SUMMARY_LIMIT, model="m")


@pytest.mark.parametrize(
    "text", ["".join(f"- {'a fact ' * n}\n" for n in range(1, 60)), "- " + "x" * 1_000_000]
)
def test_an_oversized_summary_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="summary"):
        parse_summary(text, spoken(["a fact"]), limit=SUMMARY_LIMIT, model="m")


@given(st.text(max_size=2000), st.integers(1, 50))
def test_whatever_a_model_writes_statements_are_short_single_lines(text: str, known: int) -> None:
    block = spoken([text] * known)
    try:
        found = parse_summary(
            f"- {text}\n- x [1]", block, limit=SUMMARY_LIMIT, model="m"
        ).statements
    except ModelError:
        return

    assert sum(estimate(one.text) for one in found) <= 2 * SUMMARY_LIMIT
    for one in found:
        assert len(one.text.splitlines()) == 1
        assert estimate(one.text) <= STATEMENT_LIMIT
        assert set(one.sources) <= set(range(1, known + 1))
        assert "<|" not in one.text


@pytest.mark.parametrize("piece", ["[1]", "[1] ", " ", "[", "1", "- ", "[1,"])
def test_no_hostile_line_takes_for_ever_to_read(piece: str) -> None:
    text = "- fact " + piece * 1_000_000 + "x"

    with pytest.raises(ModelError):
        parse_summary(text, spoken(["a fact"]), limit=SUMMARY_LIMIT, model="m")
    with suppress(EmptyAnswer):
        parse_summary(text[:6_000], spoken(["a fact"]), limit=SUMMARY_LIMIT, model="m")


def test_of_a_summary_of_several_blocks_each_gets_what_rests_on_it_alone() -> None:
    block = spoken(["the disk is red", "it is new", "the tape is blue", "it is old"])
    lines = ["- ana: red [1, 2]", "- ana: both [2, 3]", "- ana: blue [12:03 ana]", "- ana: none"]

    parts = split_by_block("Here:\n" + "\n".join(lines), [block[:2], block[2:]])

    assert parts == [lines[0], lines[2]]
    assert split_by_block("any text", [block]) == ["any text"]


def test_kinds_and_dates_of_statements() -> None:
    block = spoken(["we ship it tomorrow", "who tests it next Friday?"])

    found = parse_summary(
        "- Decision: ana: we ship it tomorrow [1]\n- question: ana: who tests it? [2]",
        block,
        limit=SUMMARY_LIMIT,
        model="m",
    )

    assert found.statements == (
        Statement("ana: we ship it tomorrow (2026-11-23)", (1,), "decision"),
        Statement("ana: who tests it?", (2,), "question"),
    )


@pytest.mark.parametrize("name", ["pumps", "Pumps (a bot)", ""])
def test_a_citation_by_time_may_call_a_bot_by_its_name_alone(name: str) -> None:
    [said] = spoken(["the disk is red"])
    said = replace(said, author=Author("B1", "pumps", bot=True))
    text = f"- the disk is red [{said.at:%H:%M} {name}]"

    found = parse_summary(text, [said], limit=SUMMARY_LIMIT, model="m").statements

    assert [one.sources for one in found] == [(said.seq,)]


@pytest.mark.parametrize(
    "thoughts",
    [
        "<think>\n- ana wonders whether it is red\n- or not\n</think>\n",
        "- ana wonders whether it is red\n- or not\n</think>\n",
        "[THINK]- ana wonders whether it is red[/THINK]\n",
        "<|channel|>analysis<|message|>- ana wonders<|end|><|channel|>final<|message|>",
        f"<think>{'- ana wonders ' * 2_000}</think>\n",
    ],
)
def test_what_a_model_only_thinks_is_no_statement(thoughts: str) -> None:
    text = f"{thoughts}- ana: the disk is red [1]"

    found = parse_summary(text, spoken(["the disk is red"]), limit=SUMMARY_LIMIT, model="m")

    assert found.statements == (Statement("ana: the disk is red", (1,)),)
