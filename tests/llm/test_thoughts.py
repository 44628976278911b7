"""What a model only thinks, and the marks of its template: neither is part of its answer."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.llm.answers.thoughts import AnswerFilter

ANSWER = "The cupboard is red."

THOUGHTFUL = {
    "tags": "<think>They ask for a colour.</think>\n\nThe cupboard is red.",
    "other tags": "<reasoning>a colour</reasoning>The cupboard is red.",
    "capital tags": "<THINK>\na colour\n</THINK>\nThe cupboard is red.",
    "nested tags": "<think>so <think>a colour</think> it is</think>The cupboard is red.",
    "a tag that is only spoken of": "<think>is <think> a word?</think>The cupboard is red.",
    "nothing but the closing tag": "They ask for a colour. Red.\n</think>\n\nThe cupboard is red.",
    "closing tag of two paragraphs": "One.\n\nTwo.</thinking>The cupboard is red.",
    "Mistral": "[THINK]a colour[/THINK]The cupboard is red.",
    "Kimi": "◁think▷a colour◁/think▷The cupboard is red.",
    "Cohere": "<|START_THINKING|>a colour<|END_THINKING|><|START_RESPONSE|>The cupboard is red."
    "<|END_RESPONSE|>",
    "Seed": "<seed:think>a colour</seed:think>The cupboard is red.",
    "gpt-oss": "<|channel|>analysis<|message|>a colour<|end|><|start|>assistant"
    "<|channel|>final<|message|>The cupboard is red.<|return|>",
    "gpt-oss, with a tool's channel": "<|channel|>commentary to=none<|message|>a colour<|end|>"
    "<|start|>assistant<|channel|>final<|message|>The cupboard is red.",
    "gpt-oss without its marks": "analysisThey ask for a colour.assistantfinalThe cupboard is red.",
    "Granite": "Here is my thought process: a colour. Here is my response: The cupboard is red.",
    "Gemma": "<unused94>thought\na colour<unused95>The cupboard is red.",
}
MARKED = {
    "ChatML": "The cupboard is red.<|im_end|>\n<|im_start|>user\nAnd the table?",
    "Llama 3": "The cupboard is red.<|eot_id|><|start_header_id|>user<|end_header_id|>more",
    "Llama 2": "The cupboard is red.</s>[INST] And the table? [/INST]",
    "Gemma": "The cupboard is red.<end_of_turn>",
    "DeepSeek": "<｜Assistant｜>The cupboard is red.<｜end▁of▁sentence｜>",
    "GLM": "[gMASK]<sop><|assistant|>The cupboard is red.<|user|>",
    "Phi": "The cupboard is red.<|end|>",
    "a role before it": "<|im_start|>assistant\nThe cupboard is red.",
}
TEXTS = {
    "prose": "a < b, c > d, [x] and `y`; 1 <2 and 3> 2.",
    "a tag in a sentence": "The <think> tag marks what a model thinks.",
    "tags in code": "Write `<think>` and `</think>`.",
    "tags in a fence": "```\n<think>\nhm\n</think>\n<|im_end|>\n```\nThat is all.",
    "tags in a fence of tildes": "~~~\n</think>\n~~~\nThat is all.",
    "HTML": "<s>green</s> red, <div>x</div>, vector<int>",
    "a word that begins like a channel": "analysis of the cupboard: red",
    "an unclosed bracket": "The list [1, 2",
    "emoji": "◁ and ▷ are arrows 🎉",
}


def read(pieces: Iterable[str], *, hold: bool = True) -> str:
    """The answer, whole."""
    answer_filter = AnswerFilter(hold=hold)
    return "".join([*map(answer_filter.feed, pieces), answer_filter.finish()])


@pytest.mark.parametrize(
    "text", [*THOUGHTFUL.values(), *MARKED.values()], ids=lambda text: text[:24]
)
def test_leaves_only_the_answer(text: str) -> None:
    assert read([text]).strip() == ANSWER


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("hold", [True, False])
def test_leaves_text_as_it_is(text: str, hold: bool) -> None:
    assert read([text], hold=hold) == text


@given(
    st.sampled_from([*THOUGHTFUL.values(), *MARKED.values(), *TEXTS.values()]),
    st.lists(st.integers(0, 200), max_size=12),
    st.booleans(),
)
def test_gives_the_same_answer_however_the_text_is_cut(
    text: str, cuts: list[int], hold: bool
) -> None:
    places = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    pieces = [text[start:end] for start, end in pairwise(places)]

    assert read(pieces, hold=hold) == read([text], hold=hold)
    assert read(text, hold=hold) == read([text], hold=hold)


@pytest.mark.parametrize("text", ["<think>They ask", "[THINK]", "<|channel|>analysis<|message|>hm"])
def test_thoughts_that_never_end_are_no_answer(text: str) -> None:
    answer_filter = AnswerFilter()

    assert answer_filter.feed(text) + answer_filter.finish() == ""


def test_gives_text_as_it_comes() -> None:
    answer_filter = AnswerFilter()

    assert answer_filter.feed("The cupboard ") == "The cupboard "
    assert answer_filter.feed("is <b") == "is "
    assert answer_filter.feed(">red</b>") == "<b>red</b>"


def test_counts_what_was_thought() -> None:
    answer_filter = AnswerFilter()

    answer_filter.feed("<think>12345</think>Red.")

    assert answer_filter.thoughts >= 5
    assert not answer_filter.closes_alone


def test_notices_thoughts_that_nothing_opened() -> None:
    answer_filter = AnswerFilter()
    answer_filter.feed("hm")

    assert answer_filter.feed("</think>Red.") == "Red."
    assert answer_filter.closes_alone
