"""Edits that are heard before their message is remembered, by this replica or another."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from doubles.start_nellie import CANARY, Start

from bot.domain.model import Channel, Message
from bot.prompting.message_line import count_line_tokens
from bot.store import early_edits
from bot.testing import ANA, BOB, GENERAL, FakePlatform, RunningNellie, new_message

NOW = datetime.now(UTC)


@pytest.fixture(params=["the same replica", "another replica"])
async def hears(request: pytest.FixtureRequest, start_nellie: Start) -> RunningNellie:
    """Who hears of edits."""
    return await start_nellie()


@pytest.fixture
async def nellie(
    request: pytest.FixtureRequest, hears: RunningNellie, start_nellie: Start
) -> RunningNellie:
    """Who hears of messages."""
    alone = request.node.callspec.params.get("hears") == "the same replica"
    return hears if alone else await start_nellie()


@pytest.mark.parametrize("edits", [["fine"], [f"no, {CANARY}", "fine"], ["a", "b", "c", "fine"]])
async def test_a_message_that_comes_after_its_edits_says_what_the_last_one_does(
    hears: RunningNellie, nellie: RunningNellie, edits: list[str]
) -> None:
    for text in edits:
        await hears.parts.inbox.edited(GENERAL, "m1", text)

    await nellie.say(BOB, f"the code is {CANARY}", id="m1")

    assert await nellie.texts() == ["fine"]
    assert await nellie.find_traces(CANARY) == []
    assert await nellie.rows("SELECT * FROM early_edit") == []


async def test_a_question_is_answered_as_the_edit_before_it_left_it(
    hears: RunningNellie, nellie: RunningNellie
) -> None:
    await hears.parts.inbox.edited(GENERAL, "q1", "where is the new rope?")

    answer = await nellie.ask(ANA, f"where is the rope of {CANARY}?", id="q1")

    assert answer == "You said: where is the new rope?"
    assert await nellie.find_traces(CANARY) == []
    [message] = [one for one in await nellie.messages() if not one.author.nellie]
    assert message.tokens == count_line_tokens(new_message(ANA, "where is the new rope?"))


async def test_of_several_early_edits_the_newest_counts(
    hears: RunningNellie, nellie: RunningNellie
) -> None:
    await hears.parts.inbox.edited(GENERAL, "m1", "the second", NOW)
    await nellie.parts.inbox.edited(GENERAL, "m1", "the first", NOW - timedelta(seconds=5))
    await nellie.parts.inbox.edited(GENERAL, "m1", "", NOW - timedelta(seconds=9))

    await nellie.say(BOB, "the original", id="m1")

    assert await nellie.texts() == ["the second"]


async def test_what_was_read_after_an_edit_stays_as_it_was_read(
    hears: RunningNellie, nellie: RunningNellie
) -> None:
    await hears.parts.inbox.edited(GENERAL, "m1", "an older edit")

    await nellie.say(BOB, "the newest edit", id="m1", edited_at=NOW)

    assert await nellie.texts() == ["the newest edit"]


async def test_a_deletion_that_comes_first_keeps_message_and_early_edit_out(
    hears: RunningNellie, nellie: RunningNellie
) -> None:
    await hears.parts.inbox.edited(GENERAL, "m1", f"it is {CANARY}")
    await hears.parts.inbox.deleted(GENERAL, "m1")

    await nellie.say(BOB, f"the code is {CANARY}", id="m1")

    assert await nellie.texts() == []
    assert await nellie.find_traces(CANARY) == []
    assert await nellie.rows("SELECT * FROM early_edit") == []


async def test_an_early_edit_of_who_opted_out_is_answered_and_leaves_nothing(
    hears: RunningNellie, nellie: RunningNellie
) -> None:
    await nellie.run_command("memory optout", BOB)
    await hears.parts.inbox.edited(GENERAL, "m1", f"it is {CANARY}")

    await nellie.say(BOB, "hello", id="m1")
    await hears.parts.inbox.edited(GENERAL, "m1", f"no, {CANARY}2")

    assert await nellie.find_traces(CANARY) == []
    assert await nellie.rows("SELECT * FROM early_edit") == []


async def test_forgetting_a_person_takes_early_edits_too(
    hears: RunningNellie, nellie: RunningNellie
) -> None:
    await nellie.say(BOB, "hello", id="m0")
    await hears.parts.inbox.edited(GENERAL, "m1", f"it is {CANARY}")

    state = await nellie.channel_state()
    await nellie.parts.stores.person_traces.forget(state.id, BOB.id)

    assert await nellie.rows("SELECT * FROM early_edit") == []


async def test_an_edit_is_no_other_channels(hears: RunningNellie, nellie: RunningNellie) -> None:
    await hears.parts.inbox.edited(replace(GENERAL, id="C9"), "m1", "fine")

    await nellie.say(BOB, "hello", id="m1")

    assert await nellie.texts() == ["hello"]


async def test_few_edits_are_kept_and_not_for_long(
    hears: RunningNellie, nellie: RunningNellie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early_edits, "KEPT", 2)
    for number in range(3):
        await hears.parts.inbox.edited(GENERAL, f"m{number}", "new")
    for number in range(3):
        await nellie.say(BOB, "old", id=f"m{number}")
    assert await nellie.texts() == ["old", "new", "new"]

    monkeypatch.setattr(early_edits, "SECONDS", -1.0)
    await hears.parts.inbox.edited(GENERAL, "m9", "new")
    await nellie.say(BOB, "older", id="m9")
    assert (await nellie.texts())[-1] == "older"

    await nellie.parts.jobs.expire()
    assert await nellie.rows("SELECT * FROM early_edit") == []


class EditedWhileRead(FakePlatform):
    """Its members rewrite what Nellie has just read."""

    editor: RunningNellie

    async def history(self, channel: Channel, after: datetime) -> AsyncGenerator[Message]:
        async for message in super().history(channel, after):
            yield message
            await self.editor.parts.inbox.edited(channel, message.id, f"{message.id} is fine")


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_what_is_edited_while_history_is_read_is_remembered_as_edited(
    start_nellie: Start, elsewhere: bool
) -> None:
    platform = EditedWhileRead()
    reads = await start_nellie(platform=platform)
    platform.editor = await start_nellie() if elsewhere else reads
    ago = datetime.now(UTC) - timedelta(days=2)
    platform.messages += [
        new_message(BOB, f"the code is {CANARY}", id=f"h{number}", at=ago) for number in range(3)
    ]

    await reads.parts.inbox.catch_up(GENERAL)

    assert await reads.texts() == ["h0 is fine", "h1 is fine", "h2 is fine"]
    assert await reads.find_traces(CANARY) == []
