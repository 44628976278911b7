"""Answers are forgotten with what they were made from, whether it was found or stood beside."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from doubles.sample_messages import ANA, BOB, NELLIE, ROOM, sample_message
from store.one_channel import Store

from bot.domain.model import Author
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.message_inserts import NewMessage
from bot.store.resting_answers import TOGETHER

ASKED = "where do I look?"
FACT = "the key hangs behind the 12 pallets"


@pytest.fixture
async def store(database: Database) -> Store:
    return Store(database, await Channels(database).id(ROOM))


def said(text: str, author: Author = BOB, *, addressed: bool = False) -> NewMessage:
    return NewMessage(sample_message("", text, author, addressed=addressed))


def answer(
    text: str, *, shown_from: int | None = None, to: int, found: Sequence[int] = ()
) -> NewMessage:
    """What Nellie said to a question, of which these were found and the window began there."""
    return NewMessage(sample_message("", text, NELLIE), (to, *found), shown_from)


async def left(store: Store, *history: NewMessage, forget: Sequence[int]) -> list[int]:
    """The numbers of Nellie's answers that are left of a history, once this is forgotten."""
    await tell(store, *history)
    await store.changes.forget(store.id, forget)
    return await answers(store)


async def tell(store: Store, *history: NewMessage) -> None:
    numbered = [
        replace(new, message=replace(new.message, id=f"id {number}"))
        for number, new in enumerate(history, 1)
    ]
    await store.messages.add(store.id, numbered)


async def answers(store: Store) -> list[int]:
    messages = await store.messages.get(ROOM, store.id, await store.messages.all_seqs(store.id))
    return [message.seq for message in messages if message.author.nellie]


@pytest.mark.parametrize(
    "text",
    [
        "Behind the pallets.",
        "The key? It hangs there.",
        "Hinter zwölf Paletten.",
        "パレットの後ろです。",
        "Yes.",
    ],
)
async def test_it_goes_with_what_its_window_showed(store: Store, text: str) -> None:
    history = said(FACT), said(ASKED, ANA, addressed=True), answer(text, shown_from=1, to=2)

    assert await left(store, *history, forget=[1]) == []


@pytest.mark.parametrize(
    "text", ["Lunch is at noon.", "The soup, at noon.", "You said: where do I look?"]
)
async def test_it_stays_where_its_words_are_those_of_others(store: Store, text: str) -> None:
    lunch = said("lunch at noon, the soup is green", ANA)
    history = said(FACT), lunch, said(ASKED, addressed=True), answer(text, shown_from=1, to=3)

    assert await left(store, *history, forget=[1]) == [4]


async def test_it_stays_when_what_it_was_never_shown_goes(store: Store) -> None:
    history = said(FACT), said(FACT, ANA), said(ASKED), answer(FACT, shown_from=2, to=3)

    assert await left(store, *history, forget=[1]) == [4]


async def test_what_was_found_for_it_takes_it_along_whatever_its_words(store: Store) -> None:
    green = answer("Lunch is green.", shown_from=2, to=3, found=[1])
    history = said(FACT), said("lunch is green", ANA), said(ASKED), green

    assert await left(store, *history, forget=[1]) == []


async def test_an_older_nellies_answer_rests_on_what_she_noted(store: Store) -> None:
    noted, other = answer("12 pallets", to=2, found=[1]), answer("12 pallets", to=2)
    history = said(FACT), said(ASKED), noted, other, said("12 pallets came", ANA)

    assert await left(store, *history, forget=[1]) == [4]


@pytest.mark.parametrize("length", [1, 3, 9])
async def test_what_it_repeats_of_former_answers_goes_with_what_those_were_made_from(
    store: Store, length: int
) -> None:
    history = [said(FACT), said(ASKED, ANA), answer("Behind 12 pallets.", shown_from=1, to=2)]
    for _ in range(length):  # each is shown the one before and no more
        question = len(history) + 1
        history += [
            said("again, please", ANA, addressed=True),
            answer("As said: behind 12 pallets.", shown_from=question - 1, to=question),
        ]

    assert await left(store, *history, forget=[1]) == []


async def test_what_a_person_said_as_well_is_not_from_a_former_answer(store: Store) -> None:
    history = (
        said(FACT),
        said(ASKED, addressed=True),
        answer("Behind 12 pallets.", shown_from=1, to=2),
        said("the 12 pallets are sold, what stood behind is in the hall", ANA),
        said("which ones?", addressed=True),
        answer("The 12 pallets that stood behind.", shown_from=3, to=5),
    )

    assert await left(store, *history, forget=[1]) == [6]


async def test_answers_that_share_the_words_of_every_answer_stay(store: Store) -> None:
    history = [said("what is new?", addressed=True), answer("In short, overall: rain.", to=1)]
    history += [said(FACT), said(ASKED, addressed=True)]
    history += [answer("In short, overall: behind 12 pallets.", shown_from=3, to=4)]
    for number in range(20):
        question = len(history) + 1
        history += [
            said(f"and what of shelf {number}?", ANA, addressed=True),
            answer(f"In short, overall: shelf {number}.", shown_from=4, to=question),
        ]

    kept = await left(store, *history, forget=[3])

    assert kept == [2, *range(7, len(history) + 1, 2)]


async def test_many_answers_go_with_many_messages(store: Store) -> None:
    facts = [said(f"the key number {number} is red") for number in range(50)]
    question = said(ASKED, ANA, addressed=True)
    number = TOGETHER + 10
    made = [answer(f"number {one % 50} is red", shown_from=1, to=51) for one in range(number)]
    ladder, kept = said("a ladder leans there"), answer("The ladder leans.", shown_from=51, to=51)

    history = *facts, question, *made, ladder, kept
    assert await left(store, *history, forget=range(1, 51)) == [len(history)]


async def test_what_an_edit_takes_away_takes_the_answers_that_say_it(store: Store) -> None:
    await tell(
        store,
        said(FACT),
        said("it is 40 steps to the wall", ANA),
        said(ASKED, addressed=True),
        answer("Behind the 12 pallets.", shown_from=1, to=3),
        answer("The key hangs there.", shown_from=1, to=3),
        answer("It is 40 steps.", shown_from=1, to=3),
        answer("12, I think.", shown_from=2, to=3),
    )
    new = sample_message("id 1", "the key hangs behind the 14 pallets")

    await store.changes.edit(store.id, "id 1", new.text, new.tokens)

    assert await answers(store) == [5, 6]


async def test_nothing_is_taken_from_another_channel(store: Store, database: Database) -> None:
    hall = replace(ROOM, id="C2")
    other = Store(database, await Channels(database).id(hall))
    history = said(FACT), said(ASKED), answer("Behind 12 pallets.", shown_from=1, to=2)
    await tell(other, *history)

    assert await left(store, *history, forget=[1]) == []
    assert len(await other.messages.all_seqs(other.id)) == 3
