"""Deliveries of one message at the same moment: one is stored, and the others change nothing."""

import asyncio

import pytest
from doubles.replica import Replica
from doubles.sample_messages import (
    find_contradictions,
    rows,
    sample_new_message,
    wait_until_blocked,
)

from bot.store.message_inserts import add, lock_channel
from bot.store.turns import Accepted


@pytest.mark.parametrize("opens_turn", [True, False])
async def test_of_two_deliveries_at_the_same_moment_one_is_stored(
    one: Replica, two: Replica, opens_turn: bool
) -> None:
    async with one.database.begin() as connection:  # both look before either can write
        await lock_channel(connection, one.channel_id)
        deliveries = [
            asyncio.create_task(replica.accept("m1", opens_turn=opens_turn))
            for replica in (one, two)
        ]
        await wait_until_blocked(one.database, 2)

    accepted = await asyncio.gather(*deliveries)

    assert sorted(delivery.seq for delivery in accepted) == [0, 1]
    assert Accepted() in accepted
    assert await rows(one.database, "SELECT count(*) FROM turn") == [opens_turn]
    assert await rows(one.database, "SELECT seq FROM channel") == [1]
    assert await find_contradictions(one.database) == []


async def test_a_delivery_during_a_reading_of_history_changes_nothing(one: Replica) -> None:
    async with one.database.begin() as connection:
        await lock_channel(connection, one.channel_id)
        delivering = asyncio.create_task(one.accept("m2"))
        await wait_until_blocked(one.database)
        seqs = await add(
            connection, one.channel_id, [sample_new_message("m1"), sample_new_message("m2")]
        )

    assert await delivering == Accepted()
    assert seqs == {"m1": 1, "m2": 2}
    assert await rows(one.database, "SELECT count(*) FROM turn") == [0]
    assert await rows(one.database, "SELECT seq FROM channel") == [2]
    assert await find_contradictions(one.database) == []
