"""What Nellie was removed from: kept by default, or forgotten once that is so many days ago."""

import asyncio

import pytest
from doubles.start_nellie import CANARY, SMALL_WINDOW, TALK, Start, check_memory

from bot.domain.model import Channel
from bot.testing import (
    ANA,
    BOB,
    GENERAL,
    FakePlatform,
    RunningNellie,
    ScriptedModel,
    new_message,
    stalls,
)

DAYS = {"forget_removed_days": 30}
OTHER = Channel("fake", "team", "C2", "other")


async def pass_days(nellie: RunningNellie, days: int) -> None:
    """As if every removal had been noted so much earlier."""
    await nellie.rows("UPDATE removal SET at = at - make_interval(days => :days)", days=days)


async def test_by_default_a_removed_channel_is_kept(nellie: RunningNellie) -> None:
    await nellie.say(ANA, "kept")
    await nellie.parts.inbox.removed(GENERAL)
    await pass_days(nellie, 30_000)

    await nellie.parts.jobs.expire()

    assert await nellie.texts() == ["kept"]


@pytest.mark.parametrize("channel", [GENERAL, Channel("fake", "team", "D1", "ana", direct=True)])
async def test_it_is_forgotten_with_all_that_rests_on_it_and_nobody_is_named(
    start_nellie: Start, channel: Channel
) -> None:
    nellie = await start_nellie(**SMALL_WINDOW, **DAYS)
    await nellie.add_history(f"the code is {CANARY}", *TALK, channel=channel)
    await nellie.compact(channel)
    await nellie.ask(ANA, f"what is {CANARY}?", channel=channel, mentions=("U2",))
    await nellie.say(ANA, "elsewhere", channel=OTHER)
    await nellie.parts.inbox.removed(channel)

    await pass_days(nellie, 29)
    await nellie.parts.jobs.expire()
    assert await nellie.find_traces(CANARY) != []
    await pass_days(nellie, 2)
    await nellie.parts.jobs.expire()
    await nellie.parts.jobs.compact_due()

    assert await nellie.find_traces(CANARY) == []
    assert await nellie.texts(channel) == []
    assert await nellie.texts(OTHER) == ["elsewhere"]
    room = await nellie.channel_id(channel)
    for query in (
        "SELECT author_id FROM message WHERE channel_id = :room AND author_id <> ''",
        "SELECT asker_id FROM turn WHERE channel_id = :room AND asker_id || lane LIKE '%U1%'",
        "SELECT 1 FROM turn WHERE channel_id = :room AND mentions <> '{}'",
        "SELECT 1 FROM lane WHERE channel_id = :room AND lane LIKE '%U1%'",
        "SELECT 1 FROM usage WHERE channel_id = :room AND author_id IS NOT NULL",
    ):
        assert await nellie.rows(query, room=room) == []
    await check_memory(nellie)


@pytest.mark.parametrize("way", ["joined", "catch_up"])
async def test_whoever_invites_her_again_in_time_keeps_everything(
    start_nellie: Start, way: str
) -> None:
    nellie = await start_nellie(**DAYS)
    await nellie.parts.inbox.joined(GENERAL)
    await nellie.say(ANA, "kept")
    await nellie.parts.inbox.removed(GENERAL)
    await pass_days(nellie, 29)

    await getattr(nellie.parts.inbox, way)(GENERAL)
    await pass_days(nellie, 30)
    await nellie.parts.jobs.expire()

    assert await nellie.texts() == ["kept"]
    assert len(nellie.platform.shown) == 1


async def test_a_later_return_is_like_coming_for_the_first_time(start_nellie: Start) -> None:
    said = [new_message(ANA, "said before"), new_message(BOB, "taken back")]
    nellie = await start_nellie(platform=FakePlatform(messages=said), **DAYS)
    await nellie.parts.inbox.joined(GENERAL)
    await nellie.parts.inbox.deleted(GENERAL, said[1].id)
    await nellie.parts.inbox.removed(GENERAL)
    await pass_days(nellie, 31)
    await nellie.parts.jobs.expire()
    assert await nellie.texts() == []

    await nellie.parts.inbox.joined(GENERAL)

    introductions = list(nellie.platform.shown.values())
    assert [text.startswith("Hi, I am Nellie.") for text in introductions] == [True, True]
    assert await nellie.texts() == ["said before"]
    await nellie.parts.inbox.removed(GENERAL)
    await pass_days(nellie, 31)
    await nellie.parts.jobs.expire()
    assert await nellie.texts() == []
    await check_memory(nellie)


async def test_of_a_deleted_thread_the_thread_alone_is_forgotten(start_nellie: Start) -> None:
    nellie = await start_nellie(**DAYS)
    await nellie.parts.inbox.joined(GENERAL)
    await nellie.say(ANA, "in the channel")
    await nellie.say(ANA, "in the thread", thread="t1")
    await nellie.ask(BOB, "a question?", thread="t1")
    await nellie.say(ANA, "in another", thread="t2")
    await nellie.parts.inbox.removed(GENERAL, "t1")
    await nellie.parts.inbox.joined(GENERAL)
    await pass_days(nellie, 31)

    await nellie.parts.jobs.expire()

    assert await nellie.texts() == ["in the channel", "in another"]
    assert len(nellie.platform.shown) == 2


async def test_a_private_question_that_still_waits_goes_too(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls("Well")), **DAYS)
    await nellie.open_turn(ANA, f"is it {CANARY}?", private=True)
    await nellie.platform.something_shown.wait()
    await nellie.open_turn(ANA, f"or not {CANARY}?", private=True)
    await nellie.parts.inbox.removed(GENERAL)
    await pass_days(nellie, 31)

    await nellie.parts.jobs.expire()

    assert await nellie.find_traces(CANARY) == []
    await nellie.crash()  # the model would say nothing more


async def test_of_two_replicas_one_forgets_it_and_a_restart_between_changes_nothing(
    start_nellie: Start,
) -> None:
    first = await start_nellie(**DAYS)
    await first.say(ANA, "gone")
    for _ in range(3):  # however often it is told
        await first.parts.inbox.removed(GENERAL)
    await pass_days(first, 31)
    await first.parts.inbox.removed(GENERAL)
    await first.close()
    replicas = [await start_nellie(**DAYS) for _ in range(2)]

    await asyncio.gather(*(one.parts.jobs.expire() for one in replicas for _ in range(2)))

    assert await replicas[0].texts() == []
    state = await replicas[0].channel_state()
    assert state.forgotten == 1
    await replicas[0].parts.inbox.removed(GENERAL)
    await pass_days(replicas[0], 31)
    await replicas[0].parts.jobs.expire()
    assert (await replicas[0].channel_state()).epoch == state.epoch


async def test_a_return_while_it_is_being_forgotten_is_either_before_or_after(
    start_nellie: Start,
) -> None:
    said = [new_message(ANA, "said before")]
    nellie = await start_nellie(platform=FakePlatform(messages=said), **DAYS)
    for _ in range(5):
        await nellie.parts.inbox.joined(GENERAL)
        await nellie.parts.inbox.removed(GENERAL)
        await pass_days(nellie, 31)

        await asyncio.gather(nellie.parts.jobs.expire(), nellie.parts.inbox.joined(GENERAL))

        assert await nellie.texts() == ["said before"]
        assert await nellie.rows("SELECT introduced FROM channel") == [(True,)]


async def test_what_is_removed_is_not_among_the_known_channels(nellie: RunningNellie) -> None:
    await nellie.say(ANA, "here")
    await nellie.say(ANA, "there", channel=OTHER)
    await nellie.parts.inbox.removed(OTHER)
    await nellie.parts.inbox.removed(GENERAL, "t1")
    await nellie.parts.inbox.removed(Channel("fake", "team", "C9"))  # never seen

    for workspace in ("team", ""):
        assert await nellie.parts.inbox.known_channels("fake", workspace) == [GENERAL]
    assert await nellie.rows("SELECT count(*) FROM channel") == [(2,)]
