"""Which of several interleaved conversations a message goes on with."""

from datetime import UTC, datetime

import pytest

from bot.domain.model import Author, Channel, Message
from bot.memory.disentangling import ELSEWHERE, SAID, UNSAID, WEAKEST, find_conversation

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NELLIE = Author("n", "Nellie", nellie=True)


def said(*lines: str) -> list[Message]:
    """Messages from `name: text`, in their order."""
    parts = [line.partition(": ") for line in lines]
    return [message(seq, name, text) for seq, (name, _, text) in enumerate(parts, 1)]


def message(seq: int, name: str, text: str, **fields: str) -> Message:
    author = NELLIE if name == "Nellie" else Author(f"U-{name}", name)
    channel = Channel("fake", "", "C1")
    return Message(channel, f"m{seq}", author, text, NOON, seq=seq, **fields)  # type: ignore[arg-type]


def conversation(*lines: str) -> list[int]:
    """The numbers of what belongs to the conversation of the last line, the surest first."""
    *earlier, trigger = said(*lines)
    found = find_conversation(trigger, earlier)
    return sorted(found, key=lambda seq: -found[seq])


def test_two_talks_across_each_other_are_told_apart() -> None:
    assert conversation(
        "mira: my tent leaks at the seams",
        "otto: which train goes to Brest?",
        "paul: mira: did you wax them?",
        "june: otto, the one at six",
        "mira: paul: once, in spring",
        "otto: june: from which platform?",
        "paul: mira: then wax them again",
    ) == [5, 3, 1]


@pytest.mark.parametrize(
    "answer",
    [
        "paul: mira: wax them",
        "paul: mira, wax them",
        "paul: @mira wax them",
        "paul: <mira> wax them",
        "paul: I would wax them, mira",
        "paul: MIRA: wax them",
    ],
)
def test_who_is_named_is_answered(answer: str) -> None:
    lines = ("mira: my tent leaks", "otto: which train goes to Brest?")

    assert conversation(*lines, answer) == [1]


@pytest.mark.parametrize("name", ["Mira Holm", "mira"])
def test_a_first_name_is_enough_where_one_person_has_it(name: str) -> None:
    assert conversation(f"{name}: my tent leaks", "otto: a train?", "paul: mira: wax it") == [1]


def test_of_two_with_one_first_name_the_whole_name_tells() -> None:
    lines = ("Mira Holm: my tent leaks", "Mira Berg: a train?")

    assert conversation(*lines, "paul: mira holm: wax it") == [1]
    assert conversation(*lines, "paul: mira: wax it") == []


@pytest.mark.parametrize("word", ["will", "mark", "the", "disk"])
def test_a_word_that_somebody_is_called_by_names_nobody_in_a_sentence(word: str) -> None:
    lines = (f"{word}: my tent leaks", "otto: a train?", f"paul: I {word} think so")

    assert conversation(*lines) == []
    assert conversation(*lines[:2], f"paul: {word}: wax it") == [1]


def test_an_answer_that_names_nobody_goes_to_who_spoke_to_them() -> None:
    earlier = said("mira: paul: did you wax it?", "otto: a train?")
    found = find_conversation(message(3, "paul", "yes, in spring"), earlier)

    assert list(found) == [1]
    assert found[1] == pytest.approx(UNSAID, rel=0.02)


def test_what_somebody_said_to_another_counts_less() -> None:
    earlier = said("mira: hi", "otto: hi", "paul: mira: wax it", "paul: otto: at six")
    found = find_conversation(message(5, "paul", "otto: from platform two"), earlier)

    assert found[4] == pytest.approx(SAID, rel=0.02)
    assert found[3] == pytest.approx(SAID * ELSEWHERE, rel=0.02)


def test_the_farther_it_is_the_weaker_and_at_last_it_is_another_talk() -> None:
    earlier = message(1, "paul", "my tent leaks")
    near, far, farthest = (
        find_conversation(message(seq, "paul", "it leaks"), [earlier]) for seq in (3, 100, 500)
    )

    assert near[1] > far[1] >= WEAKEST
    assert farthest == {}


def test_a_reply_and_a_thread_say_themselves_what_they_go_on_with() -> None:
    earlier = said("mira: my tent leaks", "otto: a train?")

    assert list(find_conversation(message(3, "paul", "wax", reply_to="m1"), earlier)) == [1]
    assert list(find_conversation(message(3, "paul", "at six", thread="m2"), earlier)) == [2]


def test_what_is_said_to_nellie_speaks_of_people_and_not_to_them() -> None:
    earlier = said("mira: my tent leaks", "Nellie: mira: wax it", "otto: a train?")
    asked = message(4, "paul", "what did mira say?")

    assert list(find_conversation(asked, earlier)) == [1]
    addressed = Message(
        asked.channel, "q", asked.author, asked.text, NOON, addressed=True, seq=asked.seq
    )
    assert find_conversation(addressed, earlier) == {}
