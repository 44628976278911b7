"""Answers are forgotten with what a summary told them, where they have it from nowhere else."""

from dataclasses import replace

import pytest
from doubles.sample_messages import ANA, BOB, NELLIE, NOON, ROOM, sample_message
from store.one_channel import Store

from bot.domain.model import Author, Segment, Statement
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.message_inserts import NewMessage
from bot.store.summaries import Compacted

OLD = [
    "we hand out the vault codes on mondays",
    "the vault opens with 4711",
    "the harbour pays for the crane",
    "tomorrow the inspector comes",
    "lunch is at noon",
]
TOLD = (
    Statement("vault codes are handed out on mondays", (1,)),
    Statement("the vault code is 4711, in a brass box", (2,)),
    Statement("the harbour pays for the crane", (3,)),
    Statement("the inspector comes on 2026-03-03", (4,)),
    Statement("lunch is at noon", (5,)),
)
"""What the summary of OLD says."""
LATER = ["somebody said 4711 is a perfume", "brass is yellow", "the box is full"]


@pytest.fixture
async def store(database: Database) -> Store:
    return Store(database, await Channels(database).id(ROOM))


def said(number: int, text: str, author: Author = BOB) -> NewMessage:
    message = replace(sample_message("", text, author), id=f"id {number}")
    return NewMessage(message)


async def tell(store: Store) -> None:
    """All of OLD is said, and summed up."""
    await store.messages.add(store.id, [said(n, text) for n, text in enumerate(OLD, 1)])
    segment = Segment(1, 5, TOLD, ("Ana",), NOON, NOON, 50, (1, 2, 3, 4, 5))
    state = await store.channels.state(store.id)
    done = Compacted(
        segments=(segment,), digest="so", messages=5, tokens_before=9, model="extractive"
    )
    assert await store.summaries.commit(state, done)


async def answer(store: Store, question: str, text: str, *, window: tuple[str, ...] = ()) -> int:
    """What Nellie answers with the digest before a window; returns its number."""
    first = (await store.channels.state(store.id)).seq + 1
    for text_ in window:
        await store.messages.add(store.id, [said((await seq(store)) + 1, text_)])
    asked = await seq(store) + 1
    answered = replace(sample_message("", text, NELLIE), id=f"id {asked + 1}")
    new = [said(asked, question, ANA), NewMessage(answered, (asked,), first)]
    await store.messages.add(store.id, new)
    return asked + 1


async def seq(store: Store) -> int:
    return (await store.channels.state(store.id)).seq


async def stands(store: Store, number: int) -> bool:
    return bool(await store.messages.get(ROOM, store.id, [number]))


@pytest.mark.parametrize(
    ("text", "forgotten"),
    [
        ("It is 4711.", 2),  # a number that others said later
        ("Look into the brass box.", 2),  # words of the summary alone
        ("On 2026-03-03.", 4),  # a date that nobody wrote so
        ("The harbour does, for the crane.", 3),
    ],
)
async def test_an_answer_goes_with_what_only_the_summary_told(
    store: Store, text: str, forgotten: int
) -> None:
    await tell(store)
    number = await answer(store, "well?", text)
    await store.messages.add(store.id, [said(20 + n, one) for n, one in enumerate(LATER)])
    await store.messages.add(
        store.id, [said(40, "the crane of the harbour"), said(41, "2026-03-03")]
    )

    await store.changes.forget(store.id, [forgotten])

    assert not await stands(store, number)


@pytest.mark.parametrize(
    ("text", "forgotten"),
    [
        ("It is 4711.", 3),
        ("On mondays.", 2),
        ("Vault codes are something else.", 2),
        ("At noon, or when the crane is free.", 3),  # one word may be chance
        ("The harbour?", 4),
    ],
)
async def test_it_stays_where_another_message_is_forgotten(
    store: Store, text: str, forgotten: int
) -> None:
    await tell(store)
    number = await answer(store, "well?", text)
    await store.messages.add(store.id, [said(20, "the crane of the harbour")])

    await store.changes.forget(store.id, [forgotten])

    assert await stands(store, number)


@pytest.mark.parametrize(
    ("question", "window"),
    [
        ("is 4711 the code?", ()),
        ("what is it?", ("it is 4711, I think",)),
        ("what is it?", ("let me see", "4711 it was", "thanks")),
    ],
)
async def test_it_stays_where_it_was_shown_the_same_in_other_words(
    store: Store, question: str, window: tuple[str, ...]
) -> None:
    await tell(store)
    number = await answer(store, question, "It is 4711.", window=window)

    await store.changes.forget(store.id, [2])

    assert await stands(store, number)


async def test_what_was_made_from_such_an_answer_goes_too(store: Store) -> None:
    await tell(store)
    first = await answer(store, "well?", "It is 4711.")
    asked = await seq(store) + 1
    again = replace(sample_message("", "As I said: 4711.", NELLIE), id=f"id {asked + 1}")
    new = [said(asked, "once more?", ANA), NewMessage(again, (asked, first), first)]
    await store.messages.add(store.id, new)

    await store.changes.forget(store.id, [2])

    assert not await stands(store, first)
    assert not await stands(store, asked + 1)


@pytest.mark.parametrize(
    ("text", "is_left"), [("the vault opens with 1234", False), ("its code is 4711 now", True)]
)
async def test_an_edit_takes_what_the_summary_told_of_it_unless_it_stays_true(
    store: Store, text: str, is_left: bool
) -> None:
    await tell(store)
    number = await answer(store, "well?", "It is 4711.")
    await store.messages.add(store.id, [said(20, LATER[0])])

    await store.changes.edit(store.id, "id 2", text, 5)

    assert await stands(store, number) is is_left


async def test_of_many_answers_one_deletion_takes_few(store: Store) -> None:
    await tell(store)
    numbers = [
        await answer(store, f"what about topic {n}?", f"Topic {n} is fine, on monday at noon.")
        for n in range(200)
    ]
    numbers.append(await answer(store, "well?", "It is 4711."))

    await store.changes.forget(store.id, [2])

    left = [number for number in numbers if await stands(store, number)]
    assert left == numbers[:-1]
