"""What happens while a compaction is at work: others, edits, deletions, its own death."""

import asyncio
from dataclasses import replace

import pytest
from doubles.house import ANA, BOB, CARL, GENERAL, LINES, SMALL, House, Open
from doubles.model import Part, Script, says, stalls, summarizes

from bot.conversation import Prompt
from bot.schedule import tidy
from bot.store.channels import ChannelState
from bot.store.summaries import Compacted, Summaries


class Faulty(Summaries):
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
    full: House, after: bool
) -> None:
    whole = full.engine.compaction
    dying = replace(whole, summaries=Faulty(whole.summaries, after=after))

    with pytest.raises(asyncio.CancelledError):
        await dying.compact(await full.id())
    await full.covered()

    await full.compact()
    await full.covered()
    assert len(await full.rows("SELECT * FROM ledger")) == len(
        {first for (first,) in await full.rows("SELECT first_seq FROM ledger")}
    )


@pytest.mark.parametrize("calls", [1, 2])
async def test_dying_while_the_model_writes_loses_nothing(open_house: Open, calls: int) -> None:
    house = await open_house(**SMALL)
    await house.history(*(f"{line} " * 12 for line in LINES))
    parts = [summarizes] * (calls - 1) + [stalls("- ana: so far [1]"), summarizes]
    house.model.plays("compaction", *parts)

    task = asyncio.create_task(house.engine.compaction.compact(await house.id()))
    while len(house.model.prompts) < calls:
        await house.model.begun.wait()
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    await house.covered()
    await house.compact()
    await house.covered()
    assert (await house.state()).window_tokens < 400


def gated(gate: asyncio.Event) -> Part:
    def part(prompt: Prompt) -> Script:
        return gate, *summarizes(prompt)

    return part


async def begun(house: House, gate: asyncio.Event) -> "asyncio.Task[int]":
    """A compaction that waits in its first call of the model for the gate to open."""
    house.model.plays("compaction", gated(gate), summarizes)
    task = asyncio.create_task(house.engine.compaction.compact(await house.id()))
    await house.model.begun.wait()
    return task


async def test_only_one_of_many_compacts_at_a_time(open_house: Open) -> None:
    first, second = await open_house(**SMALL), await open_house(**SMALL)
    await first.history(*LINES)
    gate = asyncio.Event()
    task = await begun(first, gate)

    others = await asyncio.gather(*(house.compact() for house in (first, second) * 4))
    gate.set()
    made = await task

    assert others == [0] * 8
    assert second.model.prompts == []
    assert made >= 1
    await first.covered()


async def test_what_is_said_meanwhile_stays_in_the_window(full: House) -> None:
    gate = asyncio.Event()
    task = await begun(full, gate)

    await full.say(ANA, "said meanwhile")
    answer = await full.ask(CARL, "and asked meanwhile")
    gate.set()
    await task

    assert answer == "You said: and asked meanwhile"
    await full.covered()
    await full.ask(ANA, "hello")
    assert "said meanwhile" in full.model.prompts[-1].said[1].text


@pytest.mark.parametrize("what", ["edit", "delete"])
async def test_what_is_taken_back_meanwhile_is_in_no_summary(open_house: Open, what: str) -> None:
    house = await open_house(**SMALL)
    await house.say(BOB, "the code is canary7731", id="m1")
    await house.history(*LINES)
    gate = asyncio.Event()
    task = await begun(house, gate)

    if what == "edit":
        await house.engine.edited(GENERAL, "m1", "the code is secret")
    else:
        await house.engine.deleted(GENERAL, "m1")
    gate.set()
    await task

    assert await house.traces("canary7731") == []
    await house.covered()
    calls = len(house.model.asked("compaction"))
    assert await house.rows("SELECT count(*) FROM usage") == [(calls,)]


async def test_what_is_taken_back_during_a_repair_is_in_no_summary(open_house: Open) -> None:
    house = await open_house(**SMALL)
    await house.say(BOB, "the code is canary7731", id="m1")
    await house.say(BOB, "the disk is red", id="m2")
    await house.history(*LINES)
    await house.compact()
    await house.engine.edited(GENERAL, "m2", "the disk is blue")
    gate = asyncio.Event()
    house.model.begun.clear()
    house.model.plays("compaction", gated(gate), summarizes)
    task = asyncio.create_task(house.engine.compaction.repair(await house.id()))
    await house.model.begun.wait()

    await house.engine.deleted(GENERAL, "m1")
    gate.set()
    await task
    await tidy(house.engine.compaction)

    assert await house.traces("canary7731") == []
    assert "segment.statements" in await house.traces("the disk is blue")
    await house.covered()


async def test_a_repair_that_fails_keeps_the_summary_hidden(open_house: Open) -> None:
    house = await open_house(**SMALL)
    await house.say(BOB, "the code is canary7731", id="m1")
    await house.history(*LINES)
    await house.compact()
    await house.engine.deleted(GENERAL, "m1")
    house.model.plays("compaction", says(""))

    await tidy(house.engine.compaction)

    await house.ask(ANA, "hello")
    assert "canary7731" not in house.model.prompts[-1].said[0].text
    assert await house.engine.summaries.dirty() == []  # for a while
    usage = await house.rows("SELECT count(*) FROM usage")
    assert usage == [(len(house.model.prompts),)]
