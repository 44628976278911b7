"""Conversations of programs with Nellie: remembered where that is wanted, and nowhere else."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from doubles.teammate import Teammate, caller_of

from bot.domain.model import Author, Channel
from bot.gateway.teammate.conversations import to_channel
from bot.testing import ANA, BOB, ScriptedModel, repeats_prompt, says

DEV = Channel("fake", "team", "C7", "dev")
KEYS = "the spare keys are in room 4.12"

Opening = Callable[..., Teammate]


def named(name: str) -> dict[str, Any]:
    return {"metadata": {"conversation": name}}


async def conversations(nellie: Teammate) -> list[Channel]:
    states = await nellie.nellie.parts.stores.channels.all()
    return [one.channel for one in states if one.channel.platform == "api"]


async def last_texts(nellie: Teammate) -> str:
    return "\n".join(one.text for one in nellie.nellie.model.prompts[-1].messages)


@pytest.mark.parametrize("stream", [False, True])
async def test_what_was_said_under_a_name_is_known_under_it_alone(
    opening: Opening, stream: bool
) -> None:
    async with opening() as nellie:
        await nellie.ask(ANA, "my boat is called Ada", stream=stream, **named("trip"))

        await nellie.ask(ANA, "what is my boat called?", **named("trip"))
        here = await last_texts(nellie)
        await nellie.ask(ANA, "what is my boat called?", **named("work"))
        elsewhere = await last_texts(nellie)
        await nellie.ask(ANA, "what is my boat called?")
        nowhere = await last_texts(nellie)
        await nellie.ask(BOB, "what is my boat called?", **named("trip"))
        of_bob = await last_texts(nellie)

        assert "my boat is called Ada" in here
        assert "You said: my boat is called Ada" in here
        assert not any("Ada" in one for one in (elsewhere, nowhere, of_bob))


async def test_store_without_a_name_is_a_conversation_too_and_its_lack_is_none(
    opening: Opening,
) -> None:
    async with opening() as nellie:
        await nellie.ask(ANA, "hello", store=False)
        assert await conversations(nellie) == []

        await nellie.ask(ANA, "hello", store=True)
        [channel] = await conversations(nellie)
        assert await nellie.nellie.texts(channel) == ["hello", "You said: hello"]


async def test_it_is_remembered_as_what_that_person_said_and_forgotten_with_them(
    opening: Opening,
) -> None:
    async with opening() as nellie:
        person = Author("U0TESTER42", "tess")
        await nellie.ask(person, "my boat is called Zora", **named("trip"))
        [channel] = await conversations(nellie)
        assert channel.direct
        assert person.id not in channel.id + channel.workspace

        channel_id = await nellie.nellie.channel_id(channel)
        await nellie.nellie.parts.stores.person_traces.forget(channel_id, person.id)

        assert await nellie.nellie.texts(channel) == []
        assert await nellie.nellie.find_traces(person.id) == []
        assert await nellie.nellie.find_traces("Zora") == []


async def test_what_a_program_repeats_of_it_is_not_shown_twice(opening: Opening) -> None:
    async with opening() as nellie:
        await nellie.ask(ANA, "my boat is called Ada", **named("trip"))
        messages = [
            {"role": "user", "content": "my boat is called Ada"},
            {"role": "assistant", "content": "You said: my boat is called Ada"},
            {"role": "user", "content": "and now?"},
        ]

        await nellie.ask(ANA, "", messages=messages, **named("trip"))

        said = nellie.nellie.model.prompts[-1].messages
        assert sum(one.role == "assistant" for one in said) <= 1


async def test_what_a_new_one_brings_from_elsewhere_is_heard(opening: Opening) -> None:
    async with opening() as nellie:
        messages = [
            {"role": "user", "content": "my boat is called Ada"},
            {"role": "assistant", "content": "Nice."},
            {"role": "user", "content": "and now?"},
        ]

        await nellie.ask(ANA, "", messages=messages, **named("trip"))

        assert "my boat is called Ada" in await last_texts(nellie)
        [channel] = await conversations(nellie)
        assert (await nellie.nellie.texts(channel))[0] == "and now?"


async def test_one_from_a_channels_memory_goes_on_only_there_and_writes_nothing_into_it(
    opening: Opening,
) -> None:
    async with opening() as nellie:
        nellie.let_in(DEV, ANA)
        await nellie.nellie.add_history(KEYS, channel=DEV)
        await nellie.ask(ANA, "my boat is Ada", model="nellie/fake/dev", **named("trip"))

        await nellie.ask(ANA, "and?", model="nellie/fake/dev", **named("trip"))
        there = await last_texts(nellie)
        await nellie.ask(ANA, "and?", **named("trip"))
        alone = await last_texts(nellie)

        assert KEYS in there
        assert "my boat is Ada" in there
        assert "Ada" not in alone
        assert KEYS not in alone
        assert await nellie.nellie.texts(DEV) == [KEYS]
        assert len(await conversations(nellie)) == 2


async def test_who_has_left_the_channel_cannot_go_on_with_what_was_said_from_it(
    opening: Opening,
) -> None:
    async with opening(model=ScriptedModel(repeats_prompt)) as nellie:
        nellie.let_in(DEV, ANA)
        await nellie.nellie.add_history(KEYS, channel=DEV)
        await nellie.ask(ANA, "keys?", model="nellie/fake/dev", **named("trip"))

        nellie.let_in(DEV)
        nellie.now += 300
        with pytest.raises(LookupError):
            await nellie.ask(ANA, "keys?", model="nellie/fake/dev", **named("trip"))

        assert "4.12" not in await nellie.ask(ANA, "keys?", **named("trip"))
        assert "4.12" not in await nellie.ask(ANA, "keys?")


@pytest.mark.parametrize("ways_back", [1, 2, 3])
@pytest.mark.parametrize(
    "channel",
    [DEV, Channel("fake", "team", "C7/x", "ops"), Channel("fake", "a/b", "C8", "far")],
)
async def test_no_name_stands_for_what_was_said_from_a_channel(
    opening: Opening, channel: Channel, ways_back: int
) -> None:
    async with opening(model=ScriptedModel(repeats_prompt)) as nellie:
        nellie.let_in(channel, ANA)
        await nellie.nellie.add_history(KEYS, channel=channel)
        model = f"nellie/fake/{channel.name}"
        assert "4.12" in await nellie.ask(ANA, "keys?", model=model, **named("trip"))

        nellie.let_in(channel)
        nellie.now += 300
        parts = (channel.platform, channel.workspace, channel.id)[-ways_back:]
        for between in ("/", ":", '", "', "\\/", "\t"):
            path = between.join((*parts, "trip"))
            for name in (path, f"/{path}", f"{path}/", f"nellie/{path}", f'["{path}"]'):
                assert "4.12" not in await nellie.ask(ANA, "keys?", **named(name))


def test_one_source_is_never_taken_for_another_with_a_longer_name() -> None:
    sources = [
        None,
        Channel("fake", "team", "C7"),
        Channel("fake", "team/C7", "C7"),
        Channel("fake/team", "C7", "C7"),
        Channel("fake", "team", "C7/C7"),
        Channel("fake", "", "team/C7"),
    ]
    names = ["C7", "C7/C7", "team/C7", "fake/team/C7", "fake/team/C7/C7", "C7/fake"]

    found = {to_channel(caller_of(ANA), name, source) for source in sources for name in names}

    assert len(found) == len(sources) * len(names)


def test_nobody_is_taken_for_another_whose_id_is_longer() -> None:
    callers = [
        replace(caller_of(ANA), platform=platform, workspace=workspace, person_id=person, key_id=7)
        for platform, workspace, person in (
            ("", "", "op/ana"),
            ("", "op", "ana"),
            ("", "/op", "ana"),
            ("a", "b c", "d"),
            ("a", "b", "c d"),
            ("a/b", "", "c d"),
            ("", "", ""),
            ("", "", "7"),
            ("", "", "key 7"),
        )
    ]

    assert len({to_channel(one, "trip", None) for one in callers}) == len(callers)


async def test_what_was_taken_back_in_the_channel_is_gone_on_with_no_more(
    opening: Opening,
) -> None:
    async with opening(model=ScriptedModel(says("They are in 4.12."))) as nellie:
        nellie.let_in(DEV, ANA)
        await nellie.nellie.add_history(KEYS, channel=DEV)
        await nellie.ask(ANA, "keys?", model="nellie/fake/dev", **named("trip"))
        [message] = await nellie.nellie.messages(DEV)

        await nellie.nellie.parts.inbox.deleted(DEV, message.id)
        await nellie.ask(ANA, "and now?", model="nellie/fake/dev", **named("trip"))

        shown = await last_texts(nellie)
        assert "4.12" not in shown
        assert "keys?" in shown
