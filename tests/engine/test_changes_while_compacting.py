"""What happens while a channel is being compacted: other replicas, edits, deletions, a crash."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from doubles.start_nellie import SMALL_WINDOW, TALK, Start, check_memory

from bot.domain.model import Channel
from bot.store.channels import ChannelState
from bot.store.database import Database
from bot.store.summaries import Compacted, Summaries
from bot.testing import (
    ANA,
    BOB,
    CARL,
    GENERAL,
    RunningNellie,
    new_message,
    running_nellie,
    says,
    stalls,
    summarizes,
    waits,
)

LONG_AGO = datetime.now(UTC) - timedelta(days=3)


class DyingSummaries(Summaries):
    """Dies before or after its commit, as a process may."""

    def __init__(self, whole: Summaries, *, after: bool) -> None:
        super().__init__(whole._database)
        self.after = after

    async def commit(self, state: ChannelState, done: Compacted) -> bool:
        if self.after:
            await super().commit(state, done)
        raise asyncio.CancelledError


@pytest.mark.parametrize("after", [False, True])
async def test_dying_around_the_commit_loses_nothing_and_repeats_nothing(
    full: RunningNellie, after: bool
) -> None:
    whole = full.parts.compaction
    dying = replace(whole, summaries=DyingSummaries(whole.summaries, after=after))

    with pytest.raises(asyncio.CancelledError):
        await dying.compact(await full.channel_id())
    await check_memory(full)

    await full.compact()
    await check_memory(full)
    assert len(await full.rows("SELECT * FROM ledger")) == len(
        {first for (first,) in await full.rows("SELECT first_seq FROM ledger")}
    )


@pytest.mark.parametrize("calls", [1, 2])
async def test_dying_while_the_model_writes_loses_nothing(start_nellie: Start, calls: int) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    await nellie.add_history(*(f"{line} " * 12 for line in TALK))
    parts = [summarizes] * (calls - 1) + [stalls("- ana: so far [1]"), summarizes]
    nellie.model.follow("compaction", *parts)

    task = asyncio.create_task(nellie.parts.compaction.compact(await nellie.channel_id()))
    while len(nellie.model.prompts) < calls:
        await nellie.model.called.wait()
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    await check_memory(nellie)
    await nellie.compact()
    await check_memory(nellie)
    assert (await nellie.channel_state()).window_tokens < 400


async def begin_compaction(nellie: RunningNellie, gate: asyncio.Event) -> "asyncio.Task[int]":
    """A compaction that waits in its first call of the model for the gate to open."""
    nellie.model.follow("compaction", waits(gate, summarizes), summarizes)
    task = asyncio.create_task(nellie.parts.compaction.compact(await nellie.channel_id()))
    await nellie.model.called.wait()
    return task


async def test_only_one_of_many_compacts_at_a_time(start_nellie: Start) -> None:
    first, second = await start_nellie(**SMALL_WINDOW), await start_nellie(**SMALL_WINDOW)
    await first.add_history(*TALK)
    gate = asyncio.Event()
    task = await begin_compaction(first, gate)

    others = await asyncio.gather(*(nellie.compact() for nellie in (first, second) * 4))
    gate.set()
    made = await task

    assert others == [0] * 8
    assert second.model.prompts == []
    assert made >= 1
    await check_memory(first)


async def test_what_is_said_meanwhile_stays_in_the_window(full: RunningNellie) -> None:
    gate = asyncio.Event()
    task = await begin_compaction(full, gate)

    await full.say(ANA, "said meanwhile")
    answer = await full.ask(CARL, "and asked meanwhile")
    gate.set()
    await task

    assert answer == "You said: and asked meanwhile"
    await check_memory(full)
    await full.ask(ANA, "hello")
    assert "said meanwhile" in full.model.prompts[-1].messages[1].text


@pytest.mark.parametrize("what", ["edit", "delete"])
async def test_what_is_edited_or_deleted_meanwhile_is_in_no_summary(
    start_nellie: Start, what: str
) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    await nellie.say(BOB, "the code is canary7731", id="m1", at=LONG_AGO)
    await nellie.add_history(*TALK)
    gate = asyncio.Event()
    task = await begin_compaction(nellie, gate)

    if what == "edit":
        await nellie.parts.inbox.edited(GENERAL, "m1", "the code is secret")
    else:
        await nellie.parts.inbox.deleted(GENERAL, "m1")
    gate.set()
    await task

    assert await nellie.find_traces("canary7731") == []
    await check_memory(nellie)
    calls = len(nellie.model.prompts_for("compaction"))
    assert await nellie.rows("SELECT count(*) FROM usage") == [(calls,)]


async def test_what_is_deleted_during_a_repair_is_in_no_summary(start_nellie: Start) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    await nellie.say(BOB, "the code is canary7731", id="m1", at=LONG_AGO)
    await nellie.say(BOB, "the disk is red", id="m2", at=LONG_AGO)
    await nellie.add_history(*TALK)
    await nellie.compact()
    await nellie.parts.inbox.edited(GENERAL, "m2", "the disk is blue")
    gate = asyncio.Event()
    nellie.model.called.clear()
    nellie.model.follow("compaction", waits(gate, summarizes), summarizes)
    task = asyncio.create_task(nellie.parts.compaction.repair(await nellie.channel_id()))
    await nellie.model.called.wait()

    await nellie.parts.inbox.deleted(GENERAL, "m1")
    gate.set()
    await task
    await nellie.parts.jobs.compact_due()

    assert await nellie.find_traces("canary7731") == []
    assert "segment.statements" in await nellie.find_traces("the disk is blue")
    await check_memory(nellie)


async def test_a_repair_that_fails_keeps_the_summary_hidden(start_nellie: Start) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    await nellie.say(BOB, "the code is canary7731", id="m1", at=LONG_AGO)
    await nellie.add_history(*TALK)
    await nellie.compact()
    await nellie.parts.inbox.deleted(GENERAL, "m1")
    nellie.model.follow("compaction", says(""))

    await nellie.parts.jobs.compact_due()

    await nellie.ask(ANA, "hello")
    assert all("canary7731" not in one.text for one in nellie.model.prompts[-1].messages)
    assert await nellie.parts.stores.summaries.dirty_channels() == []  # for a while
    usage = await nellie.rows("SELECT count(*) FROM usage")
    assert usage == [(len(nellie.model.prompts),)]


async def test_a_question_missed_meanwhile_is_read_in_and_answered(full: RunningNellie) -> None:
    now = datetime.now(UTC)
    await full.parts.stores.channels.set_read_until(
        await full.channel_id(), now - timedelta(hours=2)
    )
    asked = now - timedelta(minutes=5)
    full.platform.messages = [new_message(ANA, "are you there?", at=asked, addressed=True)]
    gate = asyncio.Event()
    task = await begin_compaction(full, gate)

    new = await full.parts.inbox.catch_up(GENERAL)
    await full.parts.lanes.idle()
    compacting = not task.done()
    gate.set()
    await task

    assert new == 1
    assert compacting
    assert list(full.platform.shown.values()) == ["You said: are you there?"]
    await check_memory(full)


async def test_compactions_that_wait_for_a_silent_model_hinder_no_question(
    address: str,
) -> None:
    channels = [Channel("fake", "team", f"C{number}") for number in range(2)]
    two_connections = Database(address, pool=2)
    async with running_nellie(two_connections, **SMALL_WINDOW) as nellie:
        nellie.model.follow("compaction", stalls())
        for channel in channels:
            await nellie.add_history(*TALK, channel=channel)
        tasks = [asyncio.create_task(nellie.compact(channel)) for channel in channels]
        async with asyncio.timeout(30):
            while len(nellie.model.prompts) < len(channels):  # until both wait for the model
                nellie.model.called.clear()
                await nellie.model.called.wait()

            answers = [await nellie.ask(ANA, "hello", channel=channel) for channel in channels]

        assert answers == ["You said: hello"] * 2
        assert not any(task.done() for task in tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await two_connections.close()
