"""Recall: which of the found messages are sent, and in which order."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import Author, Channel, Message
from bot.recall import FLOOR, Recall, ranked
from bot.store.search import TERMS, Search

CHANNEL = Channel("stage", "team", "C1", "general")
ANA, NELLIE = Author("U1", "ana"), Author("nellie", "Nellie", nellie=True)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def message(seq: int, text: str = "", author: Author = ANA, *, addressed: bool = False) -> Message:
    return Message(
        CHANNEL, str(seq), author, text or f"number {seq}", NOON, addressed=addressed, seq=seq
    )


@dataclass
class Shelf:
    """A search that finds what is on it."""

    found: list[tuple[float, Message]]
    asked: list[str] = field(default_factory=list)

    async def best(
        self, channel: Channel, channel_id: int, asked: list[str], *, limit: int
    ) -> list[tuple[float, Message]]:
        self.asked = list(asked)
        return self.found[:limit]


async def recalled(question: Message, *found: tuple[float, Message]) -> list[int]:
    recall = Recall(cast(Search, Shelf(list(found))))
    return [one.seq for one in await recall.matching(1, question)]


scores = st.dictionaries(st.integers(1, 60), st.floats(0.01, 100), max_size=30)


@given(scores)
def test_what_scores_far_below_the_best_is_not_sent(scored: dict[int, float]) -> None:
    found = ranked({seq: (score, message(seq)) for seq, score in scored.items()})

    assert len({one.seq for one in found}) == len(found)
    assert {one.seq for one in found} <= scored.keys()
    if scored:
        best = max(scored.values())
        assert scored[found[0].seq] >= best * 0.8 - 1e-9
        assert all(scored[one.seq] + 0.25 * best >= FLOOR * best - 1e-9 for one in found)


def test_talk_about_a_thing_clusters() -> None:
    scored = {10: (5.0, message(10)), 12: (4.0, message(12)), 90: (4.2, message(90))}

    assert [one.seq for one in ranked(scored)] == [10, 12, 90]


def test_of_equals_the_newer_comes_first() -> None:
    scored = {10: (5.0, message(10)), 90: (5.0, message(90))}

    assert [one.seq for one in ranked(scored)] == [90, 10]


def test_nothing_found_is_nothing_sent() -> None:
    assert ranked({}) == []


async def test_what_people_said_comes_before_her_answers_and_questions_to_her() -> None:
    question = message(99, "where is the backup disk")

    found = await recalled(
        question,
        (9.0, message(5, "You asked where the disk is", NELLIE)),
        (8.0, message(20, "nellie, which backup disk?", addressed=True)),
        (6.0, message(40, "the backup disk is in the cupboard")),
    )

    assert found == [40, 20, 5]


async def test_the_question_itself_and_its_repetitions_are_left_out() -> None:
    question = message(99, "Where is the disk?")

    found = await recalled(
        question,
        (9.0, question),
        (9.0, message(50, "where is  the disk")),
        (1.0, message(7, "in the cupboard")),
    )

    assert found == [7]


async def test_a_very_long_question_asks_for_a_bounded_number_of_terms() -> None:
    shelf = Shelf([])
    words = " ".join(f"word{number}" for number in range(5_000))

    await Recall(cast(Search, shelf)).matching(1, replace(message(1), text=words))

    assert len(shelf.asked) == TERMS
