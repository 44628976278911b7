"""Prompts tuned for a channel: applied all or none, and taken back exactly."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from doubles.sample_messages import ROOM

from bot.store.channels import Channels, ChannelState
from bot.store.database import Database
from bot.store.tuned_prompts import TunedPrompts, texts_of

ALL = {"persona": "You are Nell.", "rules": "Name who said it.", "summary": "only decisions."}


@pytest.fixture
def prompts(database: Database) -> TunedPrompts:
    return TunedPrompts(database)


async def state_of(database: Database) -> ChannelState:
    channels = Channels(database)
    return await channels.state(await channels.id(ROOM))


async def applied(prompts: TunedPrompts, database: Database, texts: dict[str, Any]) -> bool:
    state = await state_of(database)
    return await prompts.apply(state.id, texts, seen=texts_of(state))


async def test_what_is_applied_stands_in_the_channels_state_with_one_new_epoch(
    prompts: TunedPrompts, database: Database, room: int
) -> None:
    assert await applied(prompts, database, ALL)

    state = await state_of(database)
    assert texts_of(state) == ALL
    assert state.epoch == 1


async def test_taking_back_restores_each_part_to_the_byte(
    prompts: TunedPrompts, database: Database, room: int
) -> None:
    await Channels(database).set_persona(room, "You are a  pirate.\n")
    before = texts_of(await state_of(database))
    await applied(prompts, database, ALL)
    last = await prompts.newest(room)
    assert last is not None

    taken = await prompts.take_back(room, last.number)

    assert taken is not None
    assert (dict(taken.former), taken.kept) == (before, ())
    state = await state_of(database)
    assert texts_of(state) == before
    assert state.epoch == 3
    assert await prompts.newest(room) is None


async def test_what_was_applied_twice_is_taken_back_step_by_step(
    prompts: TunedPrompts, database: Database, room: int
) -> None:
    await applied(prompts, database, {"rules": "First."})
    await applied(prompts, database, {"rules": "Second.", "summary": "numbers."})

    seen = []
    while last := await prompts.newest(room):
        await prompts.take_back(room, last.number)
        seen.append(texts_of(await state_of(database)))

    nothing = {"persona": None, "rules": None, "summary": None}
    assert seen == [{**nothing, "rules": "First."}, nothing]


async def test_a_persona_that_was_set_since_stays(
    prompts: TunedPrompts, database: Database, room: int
) -> None:
    await applied(prompts, database, ALL)
    await Channels(database).set_persona(room, "You are a cook.")
    last = await prompts.newest(room)
    assert last is not None

    taken = await prompts.take_back(room, last.number)

    assert taken is not None
    assert taken.kept == ("persona",)
    assert texts_of(await state_of(database)) == {
        "persona": "You are a cook.",
        "rules": None,
        "summary": None,
    }


async def test_what_changed_since_it_was_shown_is_not_overwritten(
    prompts: TunedPrompts, database: Database, room: int
) -> None:
    shown = texts_of(await state_of(database))
    await Channels(database).set_persona(room, "You are a cook.")

    assert not await prompts.apply(room, ALL, seen=shown)

    state = await state_of(database)
    assert (state.persona, state.answer_style, state.epoch) == ("You are a cook.", "", 1)
    assert await prompts.newest(room) is None


async def test_of_two_at_once_only_one_is_applied(
    prompts: TunedPrompts, database: Database, room: int
) -> None:
    seen = texts_of(await state_of(database))
    done = await asyncio.gather(
        *(prompts.apply(room, {"rules": f"Style {one}."}, seen=seen) for one in range(6))
    )

    assert sum(done) == 1
    last = await prompts.newest(room)
    assert last is not None
    assert last.applied["rules"] == (await state_of(database)).answer_style


async def test_what_is_killed_in_the_middle_has_changed_nothing(
    prompts: TunedPrompts, database: Database, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = texts_of(await state_of(database))

    async def die(*given: object) -> AsyncIterator[None]:
        raise asyncio.CancelledError

    monkeypatch.setattr(prompts, "_set", die)
    with pytest.raises(asyncio.CancelledError):
        await prompts.apply(room, ALL, seen=seen)

    assert texts_of(await state_of(database)) == seen
    assert await prompts.newest(room) is None


async def test_what_was_taken_back_meanwhile_is_not_taken_back_twice(
    prompts: TunedPrompts, database: Database, room: int
) -> None:
    await applied(prompts, database, {"rules": "First."})
    await applied(prompts, database, {"rules": "Second."})
    last = await prompts.newest(room)
    assert last is not None

    done = await asyncio.gather(*(prompts.take_back(room, last.number) for _ in range(4)))

    assert len([one for one in done if one]) == 1
    assert (await state_of(database)).answer_style == "First."
