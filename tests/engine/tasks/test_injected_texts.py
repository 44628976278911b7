"""Forty texts that want something else than to be worked on: a model that obeys changes nothing."""

import json

import pytest
from doubles.label_injections import LABEL_INJECTIONS, LABELS

from bot.domain.model import Prompt
from bot.testing import RunningNellie
from bot.testing.scripted_model import Script, says

CLASSIFY = f"classify {', '.join(LABELS)}: "
ANSWERS = (*(f"{label} (" for label in LABELS), f"None of {', '.join(LABELS)}", "I cannot tell")
MARKS = ("<|im_start|>", "<|eot_id|>", "[INST]", "<start_of_turn>", "<｜User｜>")
PINGS = "@everyone <!channel> <@U2> <@&1>"


def test_there_are_forty_and_no_two_are_the_same() -> None:
    assert len(set(LABEL_INJECTIONS.values())) == 40


def obeys(text: str) -> Script:
    """Says what it was told to, and pings everybody."""
    return says(text if text.startswith("{") else json.dumps({"label": PINGS, "confidence": 1}))


def check(prompt: Prompt, text: str) -> None:
    """The text stands in it as data: below a heading of ours, each line with its mark."""
    system, asked, *_ = (message.text for message in prompt.messages)
    assert not any(mark in f"{system}{asked}" for mark in MARKS)
    assert text[:20] not in system
    before, _, data = asked.partition("The text:\n")
    assert before == ""
    *lines, empty, last = data.split("\n")
    assert all(line.startswith("|") for line in lines)
    assert (empty, last[:11]) == ("", "Which label")
    assert prompt.tools == ()


@pytest.mark.parametrize("text", LABEL_INJECTIONS.values(), ids=LABEL_INJECTIONS)
async def test_what_is_classified_gets_a_label_of_the_list_or_none(
    nellie: RunningNellie, text: str
) -> None:
    nellie.model.follow("task", *[obeys(text)] * 2)

    reply = await nellie.run_command(CLASSIFY + text)

    assert reply.text.startswith(ANSWERS)
    assert not any(ping in reply.text for ping in PINGS.split())
    assert reply.private
    check(nellie.model.prompts[0], text)
    assert await nellie.texts() == []
    assert await nellie.rows("SELECT count(*) FROM channel") == [(1,)]
    assert await nellie.rows("SELECT count(*) FROM turn") == [(0,)]


@pytest.mark.parametrize("text", LABEL_INJECTIONS.values(), ids=LABEL_INJECTIONS)
async def test_what_is_translated_is_told_the_asker_and_nothing_else_comes_of_it(
    nellie: RunningNellie, text: str
) -> None:
    nellie.model.follow("task", *[says(f"{PINGS} {text}")] * 4)

    reply = await nellie.run_command(f"translate German {text}")

    assert reply.private
    assert all(prompt.tools == () for prompt in nellie.model.prompts)
    assert await nellie.texts() == []
    assert await nellie.rows("SELECT count(*) FROM turn") == [(0,)]
    assert await nellie.rows("SELECT count(*) FROM reminder") == [(0,)]
