"""The thirteen rules of compaction, each as a check of a running Nellie."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from doubles.bad_summarizers import BAD, echoes, lies, misquotes, repeats_itself, runs_on
from doubles.start_nellie import TALK, check_memory

from bot.domain.model import Channel, Prompt, Segment
from bot.memory.summary_parsing import STATEMENT_LIMIT
from bot.prompting.fixed_text import TRANSCRIPT_HEADING
from bot.prompting.summary_prompt import SUMMARY_LIMIT
from bot.store.summaries import Summaries
from bot.testing import ANA, BOB, RunningNellie, Script, Steps
from bot.text.tokens import estimate

Check = Callable[[RunningNellie], Awaitable[None]]
CANARY = "canary7731"
LONG_AGO = datetime.now(UTC) - timedelta(days=3)
"""Before all else: the beginning of a window."""


async def read_segments(nellie: RunningNellie) -> list[Segment]:
    return [
        one for one, _ in await nellie.parts.stores.summaries.segments(await nellie.channel_id())
    ]


async def coverage(nellie: RunningNellie) -> None:
    before = 0
    for _ in range(3):
        await nellie.add_history(*TALK[:40])
        await nellie.compact()
        await check_memory(nellie)
        summarized = sum(len(one.numbers) for one in await read_segments(nellie))
        assert summarized > before
        before = summarized


async def atomicity(nellie: RunningNellie) -> None:
    """Killed while the model writes, and between any two statements of the commit."""
    nellie.model.follow("compaction", waits_for_ever)
    nellie.model.called.clear()
    task = asyncio.create_task(nellie.compact())
    await nellie.model.called.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await check_memory(nellie)

    nellie.model.follow("compaction", echoes)
    store = Summaries._store

    async def dies(*given: Any, **more: Any) -> None:
        raise RuntimeError("killed")

    Summaries._store = dies  # type: ignore[method-assign]  # a kill between two statements
    with suppress(RuntimeError):
        await nellie.compact()
    Summaries._store = store  # type: ignore[method-assign]  # as it was
    await check_memory(nellie)
    await nellie.compact()
    await check_memory(nellie)


async def overtaken(nellie: RunningNellie) -> None:
    """What is edited while the model writes is not in the summary as it was."""
    await nellie.say(BOB, f"the code is {CANARY}", id="code", at=LONG_AGO)
    await nellie.add_history(*TALK)
    gate = asyncio.Event()
    nellie.model.follow("compaction", gated(gate, says_last), says_last)
    nellie.model.called.clear()
    task = asyncio.create_task(nellie.compact())
    await nellie.model.called.wait()
    await nellie.parts.inbox.edited(LOBBY, "code", "the code is secret")
    gate.set()
    await task
    assert await nellie.find_traces(CANARY) == []
    await check_memory(nellie)


async def single_flight(nellie: RunningNellie) -> None:
    gate = asyncio.Event()
    nellie.model.follow("compaction", gated(gate), echoes)
    nellie.model.called.clear()
    tasks = [asyncio.create_task(nellie.compact()) for _ in range(4)]
    await nellie.model.called.wait()
    await asyncio.sleep(0.2)  # the others have had their chance to ask as well
    gate.set()
    made = await asyncio.gather(*tasks)
    assert (
        sum(made) == len(nellie.model.prompts_for("compaction")) == len(await read_segments(nellie))
    )
    await check_memory(nellie)


async def failures(nellie: RunningNellie) -> None:
    for part in BAD.values():
        nellie.model.follow("compaction", part)
        asked = len(nellie.model.prompts)
        await nellie.parts.jobs.compact_due()
        await nellie.parts.jobs.compact_due()
        assert len(nellie.model.prompts) == asked + 1
        assert (await nellie.channel_state()).watermark == 0
        assert await read_segments(nellie) == []
        await nellie.rows("UPDATE channel SET compact_after = NULL RETURNING id")
    await nellie.ask(ANA, "talk number 3 about the harbour")
    prompt = nellie.model.prompts_for("answer")[-1]
    assert prompt.tokens <= nellie.parts.budget.total
    assert TALK[3] in prompt.messages[-1].text


async def sizes(nellie: RunningNellie) -> None:
    for part in (runs_on, echoes, repeats_itself):
        nellie.model.follow("compaction", part)
        await nellie.add_history(*(f"{line} " * 3 for line in TALK[:40]))
        await nellie.compact()
    made = await read_segments(nellie)
    assert len(made) >= 3
    for one in made:
        assert sum(estimate(said.text) for said in one.statements) <= 2 * SUMMARY_LIMIT
        assert all(estimate(said.text) <= STATEMENT_LIMIT for said in one.statements)
        assert len({said.text for said in one.statements}) == len(one.statements)
    await nellie.ask(ANA, "word " * 5_000)
    assert nellie.model.prompts[-1].tokens <= nellie.parts.budget.total


async def provenance(nellie: RunningNellie) -> None:
    nellie.model.follow("compaction", misquotes)
    await nellie.compact()
    made = await read_segments(nellie)
    assert any(said.sources for one in made for said in one.statements)
    for one in made:
        for said in one.statements:
            assert all(one.first <= seq <= one.last for seq in said.sources)


async def guards(nellie: RunningNellie) -> None:
    nellie.model.follow("compaction", lies)
    await nellie.compact()
    told = " ".join(said.text for one in await read_segments(nellie) for said in one.statements)
    [line, *_] = await nellie.parts.stores.summaries.ledger(await nellie.channel_id(), limit=9)
    assert "talk number" in told
    assert not any(lie in told for lie in ("90210", "evil", "mallory", "rm -rf", "1999"))
    assert line.flagged >= 5


async def tombstones(nellie: RunningNellie) -> None:
    await nellie.say(BOB, f"the code is {CANARY}", id="code", at=LONG_AGO)
    nellie.model.follow("compaction", says_last)
    await nellie.add_history(*TALK * 3)
    await nellie.compact()
    assert "segment.statements" in await nellie.find_traces(CANARY)

    await nellie.parts.inbox.deleted(LOBBY, "code")

    found = await nellie.parts.stores.summaries.segments(await nellie.channel_id())
    touched = [one for one, dirty in found if dirty]
    assert [81 in one.numbers for one in touched] == [True]
    assert await nellie.parts.stores.summaries.digest(await nellie.channel_id()) == ""
    await nellie.parts.jobs.compact_due()
    assert await nellie.find_traces(CANARY) == []
    assert await nellie.parts.stores.summaries.dirty_channels() == []
    await check_memory(nellie)


async def isolation(nellie: RunningNellie) -> None:
    rooms = [Channel("fake", "team", f"C-{name}") for name in ("red", "blue")]
    for room in rooms:
        await nellie.add_history(*(f"{line} {room.id}" for line in TALK), channel=room)
        await nellie.compact(room)
    for room, other in (rooms, rooms[::-1]):
        await nellie.ask(ANA, "what became of it?", channel=room)
        shown = "".join(one.text for one in nellie.model.prompts[-1].messages)
        assert room.id in shown
        assert other.id not in shown


async def prefix(nellie: RunningNellie) -> None:
    await nellie.compact()
    shown: list[str] = []
    for number in range(4):
        await nellie.say(BOB, f"by the way {number}")
        await nellie.ask(ANA, f"and then {number}")
        head, body = (one.text for one in nellie.model.prompts_for("answer")[-1].messages[:2])
        digest, heading, window = body.partition(TRANSCRIPT_HEADING)
        shown.append(f"{head}\n{digest}{heading}{window.partition(chr(10) * 2)[0]}")
    for former, later in pairwise(shown):
        assert later.startswith(former)
        assert len(later) > len(former)


async def idempotence(nellie: RunningNellie) -> None:
    await nellie.add_history(*TALK * 2)
    await nellie.compact()
    before, channel_id = await read_segments(nellie), await nellie.channel_id()
    digest = await nellie.parts.stores.summaries.digest(channel_id)
    for _ in range(2):
        await nellie.parts.compaction.rebuild(channel_id)
        assert await read_segments(nellie) == before
        assert await nellie.parts.stores.summaries.digest(channel_id) == digest


async def recall_afterwards(nellie: RunningNellie) -> None:
    before = await found(nellie, "number 3 harbour")
    await nellie.compact()
    assert (await nellie.channel_state()).watermark > 40
    assert before
    assert await found(nellie, "number 3 harbour") == before


async def drift(nellie: RunningNellie) -> None:
    """However often it is compacted, the digest says what segments say, and they what was said."""
    for _ in range(5):
        await nellie.compact()
        await nellie.add_history(*TALK)
    said = set(await nellie.texts())
    kept = {one.text for made in await read_segments(nellie) for one in made.statements}
    digest = (await nellie.parts.stores.summaries.digest(await nellie.channel_id())).splitlines()
    assert {text.removeprefix("bob: ") for text in kept} <= said
    assert {line[2:] for line in digest if line.startswith("- ")} <= kept
    assert any(line.startswith("- ") for line in digest)


RULES: dict[str, Check] = {
    "1 coverage": coverage,
    "2 atomicity": atomicity,
    "2 overtaken": overtaken,
    "3 single flight": single_flight,
    "4 failures": failures,
    "5 sizes": sizes,
    "6 provenance": provenance,
    "7 guards": guards,
    "8 tombstones": tombstones,
    "9 isolation": isolation,
    "10 prefix": prefix,
    "11 idempotence": idempotence,
    "12 recall afterwards": recall_afterwards,
    "13 drift": drift,
}
LOBBY = Channel("fake", "team", "C1", "general")


def waits_for_ever(prompt: Prompt) -> Steps:
    return (asyncio.Event(),)


def gated(gate: asyncio.Event, part: Script = echoes) -> Script:
    return lambda prompt: (gate, *part(prompt))


def says_last(prompt: Prompt) -> Steps:
    """Tells of the message with the canary, where it is in the block."""
    telling = [one for one in prompt.source if CANARY in one.text] or prompt.source[:1]
    return echoes(replace(prompt, source=tuple(telling)))


async def found(nellie: RunningNellie, words: str) -> list[str]:
    channel_id = await nellie.channel_id()
    search = nellie.parts.recall.search
    return [one.text for one in await search.find(LOBBY, channel_id, words, limit=5)]
