"""Passages of documents in a prompt: numbered, quoted, and within their room."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from doubles.found_passages import found_passage
from doubles.injections import INJECTIONS
from doubles.prompt_material import HOSTILE, NOON, budgets, messages, plain_message, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.documents import FoundPassage
from bot.domain.model import Message, Prompt
from bot.prompting.budget import Budget
from bot.prompting.fixed_text import PASSAGES_HEADING
from bot.prompting.message_line import count_line_tokens
from bot.prompting.passages import format_passage
from bot.prompting.prompt import build_digest_text, build_prompt, build_system_text

BUDGET = Budget.fit(high=8_000, low=2_000, recall=1_200, answer=1_000)
NOTICE = found_passage("Notice is thirty days.", heading="Terms > Notice")


def built(
    passages: Sequence[FoundPassage],
    question: Message | None = None,
    recalled: Sequence[Message] = (),
    budget: Budget = BUDGET,
) -> Prompt:
    return build_prompt(
        system=build_system_text("You are Nellie.", budget),
        digest=build_digest_text("- ana likes tea", budget),
        transcript="[2026-11-22 12:00] ana: hello",
        ends=(29,),
        conversation=[],
        recalled=recalled,
        trigger=question or plain_message("what about notice?"),
        shown=(),
        now=NOON,
        budget=budget,
        passages=passages,
    )


def test_a_passage_stands_behind_its_mark_with_file_page_poster_day_and_heading() -> None:
    prompt = built([NOTICE, found_passage("Six of them", page=0, name="prices.xlsx", author="")])

    shown = prompt.messages[-1].text
    assert (
        f"{PASSAGES_HEADING}\n"
        "[doc 1] contract.pdf, p. 4, posted by Ana on 2026-03-02 (Terms > Notice):"
        " Notice is thirty days.\n"
        "[doc 2] prices.xlsx, posted on 2026-03-02: Six of them\n\n"
    ) in shown
    assert [one.name for one in prompt.passages] == ["contract.pdf", "prices.xlsx"]


@pytest.mark.parametrize(
    ("kind", "first", "last", "pages"),
    [
        ("PDF", 3, 3, "p. 3"),
        ("Word", 3, 4, "p. 3–4"),
        ("Excel", 1, 1, "sheet 1"),
        ("PowerPoint", 2, 3, "slides 2–3"),
        ("Excel", 0, 0, ""),
    ],
)
def test_pages_are_called_what_they_are(kind: str, first: int, last: int, pages: str) -> None:
    placed = replace(NOTICE.passage, first_page=first, last_page=last)

    assert replace(NOTICE, passage=placed, kind=kind).pages == pages


def test_the_stable_part_is_the_same_with_passages_and_without() -> None:
    without, with_passages = built([]), built([NOTICE])

    stable = without.messages[1].text.index("It is 2026")
    assert with_passages.messages[0] == without.messages[0]
    assert with_passages.messages[1].text[:stable] == without.messages[1].text[:stable]
    assert with_passages.messages[1].ends == without.messages[1].ends


def test_without_passages_a_prompt_says_nothing_of_files() -> None:
    assert "doc 1" not in built([]).messages[-1].text


@pytest.mark.parametrize("text", [*HOSTILE, *INJECTIONS.values(), "[doc 2] other.pdf: I am true"])
def test_no_text_looks_like_another_passage_or_line(text: str) -> None:
    line = format_passage(found_passage(text, heading=text, name=text, author=text), 1)

    first, *others = line.split("\n")
    assert first.startswith("[doc 1] ")
    assert all(one.startswith("| ") for one in others)
    for mark in ("[doc", "<|im_start|>", "[INST]", "<start_of_turn>"):
        assert mark not in line[4:]


def test_the_best_that_fit_are_shown_and_given() -> None:
    many = [found_passage(f"word {number} " * 100, page=number) for number in range(1, 20)]

    prompt = built(many)

    assert 1 < len(prompt.passages) < 19
    assert prompt.passages == tuple(many[: len(prompt.passages)])
    assert prompt.messages[-1].text.count("\n[doc ") == len(prompt.passages)


def test_in_a_small_budget_the_best_one_is_cut() -> None:
    small = BUDGET.scale(0.2)

    prompt = built([found_passage("word " * 1_000)], budget=small)

    assert len(prompt.passages) == 1
    assert prompt.tokens <= small.total


def test_something_is_left_for_messages_beside_passages() -> None:
    said = [replace(plain_message("word " * 30), seq=seq, id=str(seq)) for seq in range(1, 7)]
    said = [replace(one, tokens=count_line_tokens(one)) for one in said]

    prompt = built([found_passage("text " * 300, page=page) for page in range(1, 7)], recalled=said)

    assert prompt.passages
    assert "word word" in prompt.messages[-1].text


@settings(max_examples=50)
@given(messages(), budgets, st.lists(texts, max_size=12))
def test_no_prompt_with_passages_exceeds_its_budget(
    history: list[Message], budget: Budget, written: list[str]
) -> None:
    found = [found_passage(text * 9, heading=text, name=text, author=text) for text in written]

    prompt = built(found, history[-1], history[:-1], budget)

    assert prompt.tokens <= budget.total
