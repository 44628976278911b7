"""Reviews: where to look again, and what is missing of what is remembered there."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from doubles.sample_messages import BOB, NELLIE, NOON, ROOM, sample_message
from store.one_channel import Store

from bot.domain.standing import Place, Standing
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.message_inserts import NewMessage
from bot.store.reviews import LEEWAY, Reviews

ADDRESS = "/room/"
HOUR = timedelta(hours=1)
EVER = Place("", NOON - HOUR, NOON + 1_000 * HOUR)


@pytest.fixture
async def store(database: Database) -> Store:
    return Store(database, await Channels(database).id(ROOM))


@pytest.fixture
def reviews(database: Database) -> Reviews:
    return Reviews(database)


def new(id: str, **more: Any) -> NewMessage:
    return NewMessage(sample_message(id, link=f"https://x{ADDRESS}{id}", **more))


async def missing(
    reviews: Reviews, store: Store, place: Place, *ids: str, newest: int = 10**9, **more: Any
) -> list[str]:
    standing = Standing(place, frozenset(ids), more.get("address", ADDRESS))
    return [one.id for one in await reviews.missing(store.id, standing, newest=newest)]


async def test_places_are_the_top_level_and_threads_with_replies_the_latest_first(
    store: Store, reviews: Reviews
) -> None:
    said = [
        new("m1"),
        new("m2", thread="m2"),  # a root without replies
        new("m3", thread="m3"),
        new("m4", thread="m3"),
        new("m5", thread="t1"),
        NewMessage(sample_message("m6", thread="t2")),  # without a link
        new("m7", author=NELLIE, thread="t3"),
    ]
    await store.messages.add(store.id, said)

    found = await reviews.places(store.id, since=NOON, newest=7, threads=10)

    def at(minute: int) -> Any:
        return NOON + timedelta(minutes=minute)

    def around(thread: str, first: int, last: int) -> Place:
        return Place(thread, at(first) - LEEWAY, at(last) + LEEWAY)

    assert found == [around("", 1, 3), around("t1", 5, 5), around("m3", 3, 4)]
    newer = await reviews.places(store.id, since=at(4), newest=7, threads=1)
    assert newer == [around("t1", 5, 5)]
    assert await reviews.places(store.id, since=at(4), newest=3, threads=9) == []


async def test_missing_is_what_does_not_stand_in_the_span_of_its_place(
    store: Store, reviews: Reviews
) -> None:
    said = [new("m1"), new("m2", thread="m2"), new("m3", thread="m2"), new("m4"), new("m5")]
    await store.messages.add(store.id, said)
    short = replace(EVER, first=NOON + timedelta(minutes=2), last=NOON + timedelta(minutes=4))

    assert await missing(reviews, store, EVER, "m1", "m4") == ["m2", "m5"]
    assert await missing(reviews, store, short) == ["m2", "m4"]
    assert await missing(reviews, store, EVER, newest=4) == ["m1", "m2", "m4"]
    thread = replace(EVER, thread="m2")
    assert await missing(reviews, store, thread, "m2") == ["m3"]
    assert await missing(reviews, store, thread, address="/hall/") == []


async def test_of_thousands_that_stand_only_what_is_missing_is_told(
    store: Store, reviews: Reviews
) -> None:
    said = [new(f"m{number}", author=BOB) for number in range(3_000)]
    await store.messages.add(store.id, said)
    standing = [one.message.id for one in said if one.message.id not in ("m7", "m2999")]

    assert await missing(reviews, store, EVER, *standing) == ["m7", "m2999"]


async def test_where_ids_tell_when_something_was_posted_they_are_believed(
    store: Store, reviews: Reviews
) -> None:
    await store.messages.add(store.id, [new("m1"), new("m2"), new("m3")])
    span = replace(EVER, first=NOON + timedelta(minutes=1), last=NOON + timedelta(minutes=2))
    posted = {"m1": NOON, "m3": NOON + timedelta(minutes=2)}  # and m2 is no id of the platform

    standing = Standing(span, frozenset(), ADDRESS, moment=posted.get)

    found = await reviews.missing(store.id, standing, newest=10**9)
    assert [one.id for one in found] == ["m3"]


async def test_the_cursor_moves_forward_only(store: Store, reviews: Reviews) -> None:
    assert await reviews.cursor(store.id) == (0, None)

    await reviews.set_reviewed_until(store.id, NOON)
    await reviews.set_reviewed_until(store.id, NOON - HOUR)

    assert await reviews.cursor(store.id) == (0, NOON)
