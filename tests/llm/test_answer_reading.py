"""One answer, piece by piece: what may be shown when, and what a broken end leaves."""

import pytest

from bot.llm.answers.pieces import Piece
from bot.llm.answers.reading import AnswerReading, ThinkingHabits


@pytest.mark.parametrize(
    ("habits", "shown"),
    [
        (ThinkingHabits(), "They ask."),
        (ThinkingHabits(closes_alone=True), ""),
        (ThinkingHabits.by_name("deepseek-r1:14b"), ""),
        (ThinkingHabits.by_name("Qwen3-4B-Thinking-2507"), ""),
        (ThinkingHabits.by_name("llama3.2"), "They ask."),
    ],
)
def test_a_silence_shows_what_is_held_unless_it_is_likely_a_thought(
    habits: ThinkingHabits, shown: str
) -> None:
    reading = AnswerReading("m", habits)
    reading.read(Piece("They ask."))

    assert reading.read(None).text == shown


@pytest.mark.parametrize("before", ["", "\n", "  \n"])
def test_a_silence_before_the_first_word_lets_nothing_through(before: str) -> None:
    reading = AnswerReading("m", ThinkingHabits())
    reading.read(Piece(before))
    reading.read(None)

    given = [reading.read(Piece(text)).text for text in ("They ask.", "</think>Red.")]

    assert "".join([*given, reading.finish().text]) == "Red."


def test_who_sends_thoughts_apart_is_shown_at_once() -> None:
    reading = AnswerReading("m", ThinkingHabits())
    reading.read(Piece(thought=4))

    assert reading.read(Piece("Red")).text == "Red"


@pytest.mark.parametrize("finish", ["length", "content_filter", ""])
def test_what_breaks_off_before_the_closing_mark_was_a_thought(finish: str) -> None:
    reading = AnswerReading("m", ThinkingHabits(closes_alone=True))

    given = [reading.read(Piece("They ask me for", finish=finish)), reading.finish()]

    assert [chunk.text for chunk in given] == ["", ""]
    assert sum(chunk.thought for chunk in given) == len("They ask me for")


def test_who_closes_thoughts_may_also_answer_without_any() -> None:
    reading = AnswerReading("m", ThinkingHabits(closes_alone=True))
    reading.read(Piece("Red.", finish="stop"))

    assert reading.finish().text == "Red."
