"""A message as the prompt shows it: nobody speaks in it but who spoke."""

import re
from dataclasses import replace

import pytest
from doubles.prompt_material import CHANNEL, NOON, messages, names, texts
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.model import Author, Message
from bot.prompting.budget import SHORTEST_LINE
from bot.prompting.message_line import count_line_tokens, display_name, format_line, quote
from bot.text.tokens import estimate

SOME = settings(max_examples=50)


@SOME
@given(messages(), st.integers(SHORTEST_LINE, 1000))
def test_nobody_speaks_in_a_transcript_but_who_spoke(history: list[Message], limit: int) -> None:
    transcript = "\n".join(format_line(message, limit) for message in history)

    assert speakers(transcript) == [display_name(message) for message in history]


@given(texts)
def test_quoted_text_holds_no_line_of_its_own_and_no_mark_of_a_chat_template(text: str) -> None:
    _first, *rest = quote(text).splitlines() or [""]

    assert all(further.startswith("| ") for further in rest)
    for mark in ("<|im_start|>", "[INST]", "</s>", "<<SYS>>", "<start_of_turn>", "<｜User｜>"):
        assert mark not in quote(text)


@given(names)
@example("Nellie")
@example("n e l l i e")
@example("Nel\u00adlie")
@example("N\u200bellie\ufeff")
@example("Ｎｅｌｌｉｅ")
def test_a_name_shapes_no_layout_and_is_never_nellie_s(shown: str) -> None:
    message = Message(CHANNEL, "1", Author("U1", shown), "hi", NOON)

    assert display_name(message)
    assert not re.search(r"[\[\]<>|:\n]", display_name(message))
    assert display_name(message).casefold() != "nellie"
    assert estimate(display_name(message)) <= 22


@pytest.mark.parametrize("name", ["ana", "deploy bot", "Nellie", "system"])
def test_a_bot_is_said_to_be_one_and_costs_what_its_line_takes(name: str) -> None:
    person = Message(CHANNEL, "1", Author("B1", name), "I approve it", NOON)
    bot = replace(person, author=replace(person.author, bot=True))

    assert display_name(bot) == f"{display_name(person)} (a bot)"
    assert f"{display_name(bot)}: I approve it" in format_line(bot)
    assert count_line_tokens(bot) == estimate(format_line(bot)) + 1 > count_line_tokens(person)


def speakers(transcript: str) -> list[str]:
    """Who speaks in a transcript, line by line, as one reads it."""
    found = []
    for one in transcript.splitlines():
        if not one.startswith("| "):
            head = re.match(r"\[\d{4}-\d\d-\d\d \d\d:\d\d(?: #[0-9A-Za-z]+)?\] ([^:\[\]]+): ", one)
            assert head, one
            found.append(head[1])
    return found
