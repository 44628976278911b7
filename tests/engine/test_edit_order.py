"""Edits that come late: the newest one counts, by the platform's own time, in every replica."""

from datetime import UTC, datetime, timedelta
from itertools import cycle

import pytest
from doubles.start_nellie import CANARY, Start

from bot.testing import BOB, GENERAL, FakePlatform, RunningNellie, new_message

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


@pytest.mark.parametrize("order", [[1, 2, 3], [3, 2, 1], [2, 3, 1], [3, 1, 2, 3], [1, 3, 2, 2]])
@pytest.mark.parametrize(
    "texts",
    [
        ["old", f"it is {CANARY}", f"no, {CANARY}!", "harmless"],
        ["harmless", f"it is {CANARY}", "hm", "harmless"],  # back to what was said at first
        [f"it is {CANARY}", "a", "b", "harmless"],
    ],
)
async def test_the_newest_edit_counts_whichever_replica_hears_it_when(
    start_nellie: Start, texts: list[str], order: list[int]
) -> None:
    replicas = [await start_nellie() for _ in range(2)]
    await replicas[0].say(BOB, texts[0], id="m1")

    for number, nellie in zip(order, cycle(replicas), strict=False):
        await nellie.parts.inbox.edited(GENERAL, "m1", texts[number], at(number))

    assert await replicas[0].texts() == ["harmless"]
    assert await replicas[0].find_traces(CANARY) == []


async def test_an_older_edit_that_left_nothing_deletes_nothing(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "hello", id="m1")
    await nellie.parts.inbox.edited(GENERAL, "m1", "hello again", at(2))

    await nellie.parts.inbox.edited(GENERAL, "m1", "", at(1))
    assert await nellie.texts() == ["hello again"]

    await nellie.parts.inbox.edited(GENERAL, "m1", "", at(3))
    assert await nellie.texts() == []


async def test_an_edit_within_the_same_second_or_without_a_time_counts(
    nellie: RunningNellie,
) -> None:
    await nellie.say(BOB, "one", id="m1")
    for text, time in [("two", at(1)), ("three", at(1)), ("four", None), ("five", at(1))]:
        await nellie.parts.inbox.edited(GENERAL, "m1", text, time)
        assert await nellie.texts() == [text]


async def test_what_was_read_as_edited_is_older_than_no_edit_before(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "as it stands now", id="m1", edited_at=at(5))

    await nellie.parts.inbox.edited(GENERAL, "m1", f"it is {CANARY}", at(4))

    assert await nellie.texts() == ["as it stands now"]


async def test_history_that_was_read_as_edited_is_older_than_no_edit_before(
    start_nellie: Start,
) -> None:
    platform = FakePlatform()
    nellie, other = await start_nellie(platform=platform), await start_nellie(platform=platform)
    said = datetime.now(UTC) - timedelta(days=1)
    platform.messages.append(new_message(BOB, "hello", id="h1", at=said))
    platform.edit("h1", "as it stands now")
    await nellie.parts.inbox.catch_up(GENERAL)

    await other.parts.inbox.edited(
        GENERAL, "h1", f"it is {CANARY}", platform.edited_at["h1"] - timedelta(seconds=1)
    )

    assert await nellie.texts() == ["as it stands now"]


@pytest.mark.parametrize("order", [[1, 2], [2, 1]])
async def test_of_edits_that_come_before_their_message_the_newest_counts(
    nellie: RunningNellie, order: list[int]
) -> None:
    texts = {1: f"it is {CANARY}", 2: "harmless"}
    for number in order:
        await nellie.parts.inbox.edited(GENERAL, "m1", texts[number], at(number))

    await nellie.say(BOB, f"hello {CANARY}", id="m1")
    await nellie.parts.inbox.edited(GENERAL, "m1", texts[1], at(1))

    assert await nellie.texts() == ["harmless"]


async def test_an_edit_that_is_newer_than_what_was_read_is_applied_to_it(
    nellie: RunningNellie,
) -> None:
    await nellie.parts.inbox.edited(GENERAL, "m1", "harmless", at(2))

    await nellie.say(BOB, f"it is {CANARY}", id="m1", edited_at=at(1))

    assert await nellie.texts() == ["harmless"]
