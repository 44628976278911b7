"""Recall: which of the found messages are sent, and in which order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.message_row import MessageRow
from bot.domain.model import Author, Channel, Message
from bot.language.hit_scores import SearchHit
from bot.language.question import QUESTION_TERM_LIMIT
from bot.memory.choosing import LEAST_RECENT, RECENT, Room
from bot.memory.passage_recall import PassageRecall
from bot.memory.ranking import rank
from bot.memory.recall import Recall
from bot.memory.recollection import Recollecting
from bot.memory.semantic_index import SemanticIndex
from bot.store.messages import Messages
from bot.store.search import Search

CHANNEL = Channel("fake", "team", "C1", "general")
ANA, BOB, NELLIE = Author("U1", "ana"), Author("U2", "Bob Ross"), Author("n", "Nellie", nellie=True)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SPREAD = 1_000  # messages apart: too far to speak for each other


def message(seq: int, text: str = "", author: Author = ANA, *, addressed: bool = False) -> Message:
    return Message(
        CHANNEL, str(seq), author, text or f"number {seq}", NOON, addressed=addressed, seq=seq
    )


def to_row(message: Message) -> MessageRow:
    return MessageRow(*(getattr(message, name) for name in MessageRow._fields))


@dataclass
class Shelf:
    """A search and its messages: it finds what is on the shelf."""

    found: Sequence[tuple[float, Message]]
    rest: Sequence[Message] = ()
    asked: list[str] = field(default_factory=list)
    readings: list[Collection[int]] = field(default_factory=list)

    async def hits(
        self, channel_id: int, asked: Sequence[str], *, limit: int, without: int
    ) -> list[SearchHit]:
        self.asked = list(asked)
        return [
            SearchHit(one.seq, score, one.at.timestamp(), one.text)
            for score, one in self.found
            if one.seq != without
        ]

    async def said_between(
        self, channel_id: int, start: datetime, end: datetime, *, limit: int
    ) -> list[SearchHit]:
        in_range = [one for one in self.rest if start <= one.at < end]
        return [SearchHit(one.seq, 0.0, one.at.timestamp()) for one in in_range]

    async def rows(self, channel_id: int, seqs: Collection[int]) -> list[MessageRow]:
        self.readings.append(seqs)
        known = (*self.rest, *(one for _, one in self.found))
        return [to_row(one) for one in known if one.seq in seqs]

    async def authors(self, channel_id: int, *, limit: int) -> list[Author]:
        return [one.author for one in self.rest]


@dataclass
class Sense:
    """What is near in meaning, whatever is asked."""

    near: Sequence[SearchHit]
    is_available = True

    async def find_nearest(self, channel_id: int, text: str, *, limit: int) -> list[SearchHit]:
        return list(self.near)


async def recalled(question: Message, *found: tuple[float, Message]) -> list[int]:
    return await recalled_of(question, Shelf(found))


async def recalled_of(question: Message, shelf: Shelf) -> list[int]:
    recall = Recall(search=cast(Search, shelf), messages=cast(Messages, shelf))
    return [one.seq for one in await recall.find(1, question)]


@given(st.lists(st.floats(0.01, 100), max_size=30))
def test_what_scores_far_below_the_best_is_not_sent(scores: list[float]) -> None:
    found = rank(((score, to_row(message(seq))) for seq, score in enumerate(scores, 1)), 0.4)

    assert [scores[one.seq - 1] for one in found] == sorted(
        (score for score in scores if score >= 0.4 * max(scores)), reverse=True
    )


async def test_talk_about_a_thing_clusters() -> None:
    found = await recalled(
        message(99_999, "which disk"), (5.0, message(10)), (4.0, message(12)), (4.2, message(9_000))
    )

    assert found == [10, 12, 9_000]


async def test_what_was_said_at_another_time_does_not_speak_for_it() -> None:
    later = replace(message(12), at=NOON + timedelta(days=1))

    found = await recalled(
        message(99_999, "which disk"), (5.0, message(11)), (4.0, later), (4.0, message(10))
    )

    assert found == [11, 10, 12]


async def test_of_equals_the_newer_comes_first() -> None:
    found = await recalled(message(99_999, "which disk"), (5.0, message(10)), (5.0, message(9_000)))

    assert found == [9_000, 10]


async def test_nothing_found_is_nothing_sent() -> None:
    assert await recalled(message(99_999, "which disk")) == []


async def test_what_people_said_comes_before_nellie_s_answers_and_questions_to_nellie() -> None:
    found = await recalled(
        message(99 * SPREAD, "where is the backup disk"),
        (9.0, message(5 * SPREAD, "You asked where the disk is", NELLIE)),
        (8.0, message(20 * SPREAD, "nellie, which backup disk?", addressed=True)),
        (6.0, message(40 * SPREAD, "the backup disk is in the cupboard")),
    )

    assert found == [40 * SPREAD, 20 * SPREAD, 5 * SPREAD]


async def test_the_question_itself_and_its_repetitions_are_left_out() -> None:
    question = message(99 * SPREAD, "Where is the disk?")

    found = await recalled(
        question,
        (9.0, question),
        (9.0, message(50 * SPREAD, "where is  the disk")),
        (1.0, message(7 * SPREAD, "in the cupboard")),
    )

    assert found == [7 * SPREAD]


async def test_a_very_long_question_asks_for_a_bounded_number_of_terms() -> None:
    shelf = Shelf([])
    words = " ".join(f"word{number}" for number in range(5_000))

    await recalled_of(replace(message(1), text=words), shelf)

    assert len(shelf.asked) == QUESTION_TERM_LIMIT


async def test_what_a_named_person_said_comes_first_and_others_still_come() -> None:
    hits = ((5.0, message(10, author=ANA)), (4.5, message(5 * SPREAD, author=BOB)))

    for name in ("Bob", "bob ross"):
        assert (await recalled(message(99_999, f"did {name} find a disk?"), *hits))[0] == 5 * SPREAD
    assert len(await recalled(message(99_999, "did Bob find a disk?"), *hits)) == 2


async def test_what_the_asker_said_is_theirs() -> None:
    hits = ((5.0, message(10, author=BOB)), (4.5, message(5 * SPREAD, author=ANA)))

    assert (await recalled(message(99_999, "which disk did I buy?"), *hits))[0] == 5 * SPREAD


async def test_a_time_is_a_weight_and_finds_what_holds_none_of_the_words() -> None:
    eve = NOON - timedelta(days=1)
    answer = replace(message(4 * SPREAD, "we chose the blue one"), at=eve)
    shelf = Shelf([(5.0, message(10)), (4.0, replace(message(5 * SPREAD), at=eve))], [answer])

    found = await recalled_of(message(99_999, "which disk was it yesterday?"), shelf)

    assert found[0] == 5 * SPREAD
    assert set(found) == {10, 4 * SPREAD, 5 * SPREAD}


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("which disk was it on 12 November?", 10),
        ("which disk was it on 2026-10-03?", 50),
        ("which disk was it in May 2026?", 190),
    ],
)
async def test_of_the_time_that_a_question_names_all_is_weighed_however_much_matches_elsewhere(
    question: str, days: int
) -> None:
    answer = replace(message(2 * SPREAD, "the blue disk"), at=NOON - timedelta(days=days))
    others = [(5.0, message((10 + number) * SPREAD)) for number in range(300)]
    shelf = Shelf([*others, (4.0, answer)])

    found = await recalled_of(message(9_999_999, question), shelf)

    assert found[0] == answer.seq


async def test_the_asker_s_own_conversation_of_just_now_goes_on() -> None:
    near = [message(900 + n, f"said {n}", Author(f"U{n}", f"someone{n}")) for n in range(10, 55)]
    mine, to_me = message(955, "it does not boot"), message(956, "ana: which kernel?", BOB)
    old = message(999 - RECENT, "long ago")
    shelf = Shelf([], [*near, mine, to_me, old])

    found = await recalled_of(message(1_000, "bob: the newest"), shelf)

    assert set(found) == {955, 956}


async def test_what_does_not_fit_is_left_out() -> None:
    hits = [(5.0, message(n * SPREAD, "some words " * 40)) for n in range(1, 60)]
    recall = Recall(search=cast(Search, Shelf(hits)), messages=cast(Messages, Shelf(hits)))

    found = await recall.find(1, message(99_999, "which disk"), tokens=300)

    assert 0 < len(found) <= 300 // 80


async def test_what_is_said_over_and_over_is_sent_twice_as_said_last() -> None:
    flood = [(5.0, message(n * SPREAD, "the disk is cheap today")) for n in range(1, 90)]
    other = (4.0, message(95 * SPREAD, "the disk that you mean is blue"))

    assert await recalled(message(99 * SPREAD, "which disk"), *flood, other) == [
        89 * SPREAD,
        88 * SPREAD,
        95 * SPREAD,
    ]


async def test_short_words_are_no_repetition_of_each_other() -> None:
    found = await recalled(
        message(99_999, "which disk"),
        (5.0, message(10, "the disk")),
        (5.0, message(11, "the disk")),
    )

    assert found == [11, 10]


async def test_a_discussion_is_found_by_its_words_rather_than_by_single_near_messages() -> None:
    near, faint = message(50 * SPREAD, "it spins"), message(70 * SPREAD, "a disk")
    shelf = Shelf([(5.0, message(10)), (2.0, faint)], [near])
    sense = Sense([SearchHit(near.seq, 3.0, NOON.timestamp())])
    recall = Recall(
        search=cast(Search, shelf),
        messages=cast(Messages, shelf),
        semantic_index=cast(SemanticIndex, sense),
    )

    async def order(asked: str) -> list[int]:
        return [one.seq for one in await recall.find(1, message(99 * SPREAD, asked))]

    assert await order("which disk is it") == [10, near.seq, faint.seq]
    assert await order("what did we agree on about the disk") == [10, faint.seq, near.seq]


BESIDE = [message(seq, f"something else {seq}") for seq in range(99_990, 99_999)]
"""What was said just before the question: it stands beside the best match, if that counts."""


async def test_a_question_that_is_stored_does_not_crowd_out_its_answer() -> None:
    question = message(99_999, "which disk is for backups", BOB, addressed=True)
    shelf = Shelf([(12.0, question), (2.0, message(10, "the red one"))], BESIDE)

    assert await recalled_of(question, shelf) == [10]


async def test_the_same_question_asked_before_does_not_either() -> None:
    question = message(99_999, "Which disk is for backups?", BOB, addressed=True)
    before = message(50_000, "which disk is for backups", BOB, addressed=True)
    beside = [message(seq, f"something else {seq}") for seq in range(49_990, 50_000)]
    answer = message(10, "the red one")
    shelf = Shelf([(12.0, question), (11.0, before), (2.0, answer)], [*BESIDE, *beside])

    assert await recalled_of(question, shelf) == [10]


@pytest.mark.parametrize("earlier", ["Which disk is for backups?", "which disk  IS for backups"])
async def test_one_reading_is_enough_where_it_was_asked_before(earlier: str) -> None:
    question = message(99_999, "which disk is for backups", BOB, addressed=True)
    asked = [(11.0, message(n * SPREAD, earlier, BOB, addressed=True)) for n in range(20, 60)]
    shelf = Shelf([(12.0, question), *asked, (2.0, message(10, "the red one"))], BESIDE)

    assert await recalled_of(question, shelf) == [10]
    assert len(shelf.readings) == 1


PASSERS_BY = [message(900 + n, f"passing by {n}", Author(f"P{n}", f"passer{n}")) for n in range(70)]
TALK = {920: "my tent leaks", 930: "at every seam", 940: "mostly in the rain"}


async def filled(shown: int, tokens: int = 200, *, hits: int = 0) -> tuple[set[int], set[int]]:
    """What is found for somebody who goes on with their talk, and what fills the rest."""
    people = [one for one in PASSERS_BY if one.seq not in TALK]
    talk = [message(seq, text, BOB) for seq, text in TALK.items()]
    found = [(5.0, message(800 + n, f"a leak {n} " * 3)) for n in range(hits)]
    shelf = Shelf(found, [*people, *talk])
    asked = message(970, "which seam leaks?", BOB)
    room = Room(tokens=tokens, before=960, shown=shown)
    sent = await recollecting_from(shelf).read(1, asked, room, has_documents=False)
    return {one.seq for one in sent.messages}, {one.seq for one in sent.latest}


def recollecting_from(shelf: Shelf) -> Recollecting:
    recall = Recall(search=cast(Search, shelf), messages=cast(Messages, shelf))
    return Recollecting(recall=recall, passages=cast(PassageRecall, None))


async def test_what_is_left_beside_a_short_window_goes_to_what_was_said_last() -> None:
    found, rest = await filled(shown=100)

    assert found == set(TALK)
    newest = [seq for seq in range(959, 0, -1) if seq not in TALK]
    assert len(rest) > 5
    assert rest == set(newest[: len(rest)])


@pytest.mark.parametrize("text", ["hello", "good morning!", "thanks 👍"])
async def test_a_greeting_is_sent_nothing(text: str) -> None:
    shelf = Shelf([], PASSERS_BY)
    room = Room(tokens=200, before=960, shown=0)

    sent = await recollecting_from(shelf).read(1, message(970, text), room, has_documents=False)

    assert sent.latest == []


async def test_beside_a_long_window_only_what_matters_is_sent() -> None:
    assert await filled(shown=LEAST_RECENT) == (set(TALK), set())


async def test_other_matches_leave_room_for_what_was_said_last() -> None:
    found, rest = await filled(shown=100, hits=30)
    without_window, _ = await filled(shown=LEAST_RECENT, hits=30)

    assert set(TALK) < found
    assert len(found) < len(without_window)
    assert rest


async def test_nothing_is_sent_twice_nor_more_than_there_is_room_for() -> None:
    for tokens in (0, 20, 60, 150, 400):
        found, rest = await filled(shown=0, tokens=tokens, hits=5)

        assert not found & rest
        assert len(found | rest) <= tokens // 5


@pytest.mark.parametrize("text", ["thanks, it boots now", "ok the disk is blue", "disk works"])
async def test_what_asks_nothing_is_given_less(text: str) -> None:
    hits = [(5.0, message(n * SPREAD, f"the disk is good {n} " * 4)) for n in range(1, 60)]

    said = await recalled(message(99_999, text), *hits)
    asked = await recalled(message(99_999, f"{text}, which disk?"), *hits)

    assert 0 < len(said) < len(asked)
