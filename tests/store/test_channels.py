"""Channels: one row each, what is set for them, and who is not remembered there."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from doubles.sample_messages import ANA, BOB, ROOM, rows, sample_new_message

from bot.domain.model import Channel
from bot.store import channels as module
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.messages import Messages


async def test_a_channel_has_one_row_however_many_replicas_see_it_first(
    database: Database,
) -> None:
    replicas = [Channels(database) for _ in range(12)]

    ids = await asyncio.gather(*(replica.id(ROOM) for replica in replicas))

    assert len(set(ids)) == 1
    assert await rows(database, "SELECT id FROM channel") == ids[:1]


@pytest.mark.parametrize("other", ["platform", "workspace", "id"])
async def test_another_place_is_another_channel(channels: Channels, other: str) -> None:
    different: dict[str, Any] = {other: "other"}
    elsewhere = replace(ROOM, **different)

    assert await channels.id(elsewhere) != await channels.id(ROOM)


async def test_looking_for_a_channel_does_not_make_it(channels: Channels) -> None:
    before = await channels.find(ROOM)
    made = await channels.id(ROOM)

    assert before is None
    assert await channels.find(ROOM) == made


async def test_a_channel_seen_without_its_name_keeps_it(database: Database) -> None:
    channel_id = await Channels(database).id(ROOM)

    await Channels(database).id(replace(ROOM, name=""))

    assert (await Channels(database).state(channel_id)).channel.name == "room"


async def test_a_channel_takes_its_new_name(channels: Channels) -> None:
    channel_id = await channels.id(ROOM)

    await channels.rename(replace(ROOM, name="hall"))

    assert (await channels.state(channel_id)).channel.name == "hall"


async def test_forgotten_ids_are_found_again(
    channels: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    places = [Channel("fake", "home", name) for name in "abc"]

    first = [await channels.id(place) for place in places]

    assert [await channels.id(place) for place in places] == first


async def test_a_persona_starts_a_new_prompt_and_a_model_does_not(channels: Channels) -> None:
    channel_id = await channels.id(ROOM)

    await channels.set_model(channel_id, "tgi")
    model = await channels.state(channel_id)
    await channels.set_persona(channel_id, "You are a pirate.")
    persona = await channels.state(channel_id)

    assert (model.model, model.epoch) == ("tgi", 0)
    assert (persona.persona, persona.epoch) == ("You are a pirate.", 1)


async def test_what_was_set_can_be_taken_back(channels: Channels) -> None:
    channel_id = await channels.id(ROOM)
    await channels.set_model(channel_id, "tgi")

    await channels.set_model(channel_id, None)

    assert (await channels.state(channel_id)).model is None


async def test_opting_out_counts_for_one_person_in_one_channel(channels: Channels) -> None:
    here, there = await channels.id(ROOM), await channels.id(replace(ROOM, id="C2"))

    await channels.set_opt_out(here, ANA.id, out=True)
    await channels.set_opt_out(here, ANA.id, out=True)

    assert await channels.opted_out(here, ANA.id)
    assert not await channels.opted_out(here, BOB.id)
    assert not await channels.opted_out(there, ANA.id)


async def test_opting_in_again(channels: Channels) -> None:
    channel_id = await channels.id(ROOM)
    await channels.set_opt_out(channel_id, ANA.id, out=True)

    await channels.set_opt_out(channel_id, ANA.id, out=False)

    assert not await channels.opted_out(channel_id, ANA.id)


async def test_lists_the_busiest_channel_first(channels: Channels, database: Database) -> None:
    quiet, busy = ROOM, replace(ROOM, id="C2")
    await channels.id(quiet)
    await Messages(database).add(await channels.id(busy), [sample_new_message("m1", room=busy)])

    assert [state.channel for state in await channels.all()] == [busy, quiet]
