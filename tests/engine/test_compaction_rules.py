"""The thirteen rules of compaction, and that each check notices when its rule is broken."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from doubles.house import ANA, BOB, LINES, SMALL, House, Open
from doubles.model import Part, Script
from doubles.summarizer import BAD, echoes, lies, misquotes, repeats_itself, runs_on

from bot import answering
from bot.context import system
from bot.conversation import Channel, Message, Prompt, Segment
from bot.errors import ModelError
from bot.memory import segments
from bot.memory.evidence import Evidence
from bot.memory.segments import STATEMENT, SUMMARY
from bot.schedule import tidy
from bot.store import changes, summaries
from bot.store.channels import ChannelState
from bot.store.database import Database
from bot.store.messages import Messages
from bot.store.summaries import Compacted, Summaries
from bot.tokens import estimate

Check = Callable[[House], Awaitable[None]]
CANARY = "canary7731"


async def every(house: House) -> list[Segment]:
    return [one for one, _ in await house.engine.summaries.segments(await house.id())]


async def coverage(house: House) -> None:
    before = 0
    for _ in range(3):
        await house.history(*LINES[:40])
        await house.compact()
        await house.covered()
        state = await house.state()
        assert state.watermark > before
        before = state.watermark


async def atomicity(house: House) -> None:
    """Killed while the model writes, and between any two statements of the commit."""
    house.model.plays("compaction", waits_for_ever)
    house.model.begun.clear()
    task = asyncio.create_task(house.compact())
    await house.model.begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await house.covered()

    house.model.plays("compaction", echoes)
    store = Summaries._store

    async def dies(*given: Any, **more: Any) -> None:
        raise RuntimeError("killed")

    Summaries._store = dies  # type: ignore[method-assign]  # a kill between two statements
    with suppress(RuntimeError):
        await house.compact()
    Summaries._store = store  # type: ignore[method-assign]  # as it was
    await house.covered()
    await house.compact()
    await house.covered()


async def overtaken(house: House) -> None:
    """What is edited while the model writes is not in the summary as it was."""
    await house.say(BOB, f"the code is {CANARY}", id="code")
    await house.history(*LINES)
    gate = asyncio.Event()
    house.model.plays("compaction", gated(gate, says_last), says_last)
    house.model.begun.clear()
    task = asyncio.create_task(house.compact())
    await house.model.begun.wait()
    await house.engine.edited(LOBBY, "code", "the code is secret")
    gate.set()
    await task
    assert await house.traces(CANARY) == []
    await house.covered()


async def single_flight(house: House) -> None:
    gate = asyncio.Event()
    house.model.plays("compaction", gated(gate), echoes)
    house.model.begun.clear()
    tasks = [asyncio.create_task(house.compact()) for _ in range(4)]
    await house.model.begun.wait()
    await asyncio.sleep(0.2)  # the others have had their chance to ask as well
    gate.set()
    made = await asyncio.gather(*tasks)
    assert sum(made) == len(house.model.asked("compaction")) == len(await every(house))
    await house.covered()


async def failures(house: House) -> None:
    for part in BAD.values():
        house.model.plays("compaction", part)
        asked = len(house.model.prompts)
        await tidy(house.engine.compaction)
        await tidy(house.engine.compaction)
        assert len(house.model.prompts) == asked + 1
        assert (await house.state()).watermark == 0
        assert await every(house) == []
        await house.rows("UPDATE channel SET compact_after = NULL RETURNING id")
    await house.ask(ANA, "talk number 3 about the harbour")
    prompt = house.model.asked("answer")[-1]
    assert prompt.tokens <= house.engine.budget.total
    assert LINES[3] in prompt.said[-1].text


async def sizes(house: House) -> None:
    for part in (runs_on, echoes, repeats_itself):
        house.model.plays("compaction", part)
        await house.history(*(f"{line} " * 3 for line in LINES[:40]))
        await house.compact()
    made = await every(house)
    assert len(made) >= 3
    for one in made:
        assert sum(estimate(said.text) for said in one.statements) <= 2 * SUMMARY
        assert all(estimate(said.text) <= STATEMENT for said in one.statements)
        assert len({said.text for said in one.statements}) == len(one.statements)
    await house.ask(ANA, "word " * 5_000)
    assert house.model.prompts[-1].tokens <= house.engine.budget.total


async def provenance(house: House) -> None:
    house.model.plays("compaction", misquotes)
    await house.compact()
    made = await every(house)
    assert any(said.sources for one in made for said in one.statements)
    for one in made:
        for said in one.statements:
            assert all(one.first <= seq <= one.last for seq in said.sources)


async def guards(house: House) -> None:
    house.model.plays("compaction", lies)
    await house.compact()
    told = " ".join(said.text for one in await every(house) for said in one.statements)
    [line, *_] = await house.engine.summaries.ledger(await house.id(), limit=9)
    assert "talk number" in told
    assert not any(lie in told for lie in ("90210", "evil", "mallory", "rm -rf", "1999"))
    assert line.flagged >= 5


async def tombstones(house: House) -> None:
    await house.say(BOB, f"the code is {CANARY}", id="code")
    house.model.plays("compaction", says_last)
    await house.history(*LINES * 3)
    await house.compact()
    assert "segment.statements" in await house.traces(CANARY)

    await house.engine.deleted(LOBBY, "code")

    found = await house.engine.summaries.segments(await house.id())
    touched = [one for one, dirty in found if dirty]
    assert [one.first <= 81 <= one.last for one in touched] == [True]
    assert await house.engine.summaries.digest(await house.id()) == ""
    await tidy(house.engine.compaction)
    assert await house.traces(CANARY) == []
    assert await house.engine.summaries.dirty() == []
    await house.covered()


async def isolation(house: House) -> None:
    rooms = [Channel("stage", "team", f"C-{name}") for name in ("red", "blue")]
    for room in rooms:
        await house.history(*(f"{line} {room.id}" for line in LINES), channel=room)
        await house.compact(room)
    for room, other in (rooms, rooms[::-1]):
        await house.ask(ANA, "what happened?", channel=room)
        shown = "".join(one.text for one in house.model.prompts[-1].said)
        assert room.id in shown
        assert other.id not in shown


async def prefix(house: House) -> None:
    await house.compact()
    shown: list[str] = []
    for number in range(4):
        await house.say(BOB, f"by the way {number}")
        await house.ask(ANA, f"and then {number}")
        head, body = (one.text for one in house.model.asked("answer")[-1].said[:2])
        shown.append(f"{head}\n{body.partition(chr(10) * 2)[0]}")
    for former, later in pairwise(shown):
        assert later.startswith(former)
        assert len(later) > len(former)


async def idempotence(house: House) -> None:
    await house.history(*LINES * 2)
    await house.compact()
    before, channel_id = await every(house), await house.id()
    digest = await house.engine.summaries.digest(channel_id)
    for _ in range(2):
        await house.engine.compaction.rebuild(channel_id)
        assert await every(house) == before
        assert await house.engine.summaries.digest(channel_id) == digest


async def recall_afterwards(house: House) -> None:
    before = await found(house, "number 3 harbour")
    await house.compact()
    assert (await house.state()).watermark > 40
    assert before
    assert await found(house, "number 3 harbour") == before


async def drift(house: House) -> None:
    """However often it is compacted, the digest says what segments say, and they what was said."""
    for _ in range(5):
        await house.compact()
        await house.history(*LINES)
    said = set(await house.texts())
    kept = {one.text for made in await every(house) for one in made.statements}
    digest = (await house.engine.summaries.digest(await house.id())).splitlines()
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
LOBBY = Channel("stage", "team", "C1", "general")


@pytest.fixture
async def filled(open_house: Open) -> House:
    """A window far too long, a summarizer that echoes, and a model's short patience."""
    house = await open_house(**SMALL, read_timeout=2)
    house.model.plays("compaction", echoes)
    await house.history(*LINES)
    return house


@pytest.mark.parametrize("rule", RULES)
async def test_compaction_keeps_its_rule(filled: House, rule: str) -> None:
    await RULES[rule](filled)


def waits_for_ever(prompt: Prompt) -> Script:
    return (asyncio.Event(),)


def gated(gate: asyncio.Event, part: Part = echoes) -> Part:
    return lambda prompt: (gate, *part(prompt))


def says_last(prompt: Prompt) -> Script:
    """Tells of the message with the canary, where it is in the block."""
    telling = [one for one in prompt.source if CANARY in one.text] or prompt.source[:1]
    return echoes(replace(prompt, source=tuple(telling)))


async def found(house: House, words: str) -> list[str]:
    channel_id = await house.id()
    search = house.engine.commands.recall.search
    return [one.text for one in await search.words(LOBBY, channel_id, words, limit=5)]


# Each rule broken at the one place that keeps it.

SEGMENT, CUT, DIGEST_OF = segments.segment, segments.cut, segments.digest_of
COMMIT, WALK = Summaries.commit, Messages.walk


def gap(block: Sequence[Message], statements: Any, first: int) -> Segment:
    return SEGMENT(block, statements, first + 1)


async def torn(self: Summaries, state: ChannelState, done: Compacted) -> bool:
    """The watermark is committed before the segments are."""
    key = {"watermark": state.watermark, "epoch": state.epoch, "last": done.segments[-1].last}
    async with self._database.begin() as connection:
        await connection.execute(summaries._MOVE, {"channel": state.id, **key})
    async with self._database.begin() as connection:
        await self._store(connection, state, done, rebuilt=False)
    return True


async def forgetful(self: Summaries, state: ChannelState, done: Compacted) -> bool:
    """What was summarized leaves the index."""
    async with self._database.begin() as connection:
        await connection.execute(
            sa.text("DELETE FROM posting WHERE channel_id = :id AND seq <= :last"),
            {"id": state.id, "last": done.segments[-1].last},
        )
    return await COMMIT(self, state, done)


@asynccontextmanager
async def everybody(self: Database, kind: int, key: int) -> AsyncIterator[bool]:
    yield True


async def at_once(self: Summaries, channel_id: int, seconds: float, most: float) -> None:
    """Nothing is postponed."""


def gossip(
    self: Messages, channel: Channel, channel_id: int, **more: Any
) -> AsyncIterator[Message]:
    """Whatever channel is asked for, the other one is read."""
    return WALK(self, channel, channel_id - 1 or 1, **more)


def clockwork() -> Callable[..., str]:
    ticks = iter(range(1_000))
    return lambda *given: f"{next(ticks)} {system(*given)}"


def restless() -> Callable[..., list[list[Message]]]:
    sizes = iter(range(300, 100, -13))
    return lambda messages, size: CUT(messages, next(sizes))


def retold(made: Sequence[Segment], size: int) -> str:
    return DIGEST_OF(made, size).replace("ships", "boats")


def parroting(text: str, block: Sequence[Message]) -> set[int]:
    return {int(one) for one in text.split(",")}


UNCHECKED = sa.text(
    str(summaries._MOVE).replace("AND watermark = :watermark AND epoch = :epoch", "")
)
NOTHING = sa.text("SELECT CAST(:channel AS bigint), CAST(:seqs AS bigint[])")
BROKEN: dict[str, tuple[object, str, object]] = {
    "1 coverage": (segments, "segment", gap),
    "2 atomicity": (Summaries, "commit", torn),
    "2 overtaken": (summaries, "_MOVE", UNCHECKED),
    "3 single flight": (Database, "holding", everybody),
    "4 failures": (Summaries, "postpone", at_once),
    "5 sizes": (segments, "clip", lambda text, tokens: text),
    "6 provenance": (segments, "_cited", parroting),
    "7 guards": (Evidence, "against", lambda self, text, cited: None),
    "8 tombstones": (changes, "_DIRTY", NOTHING),
    "9 isolation": (Messages, "walk", gossip),
    "10 prefix": (answering, "system", clockwork()),
    "11 idempotence": (segments, "cut", restless()),
    "12 recall afterwards": (Summaries, "commit", forgetful),
    "13 drift": (segments, "digest_of", retold),
}


@pytest.mark.parametrize("rule", RULES)
async def test_the_check_notices_when_its_rule_is_broken(
    filled: House, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    where, name, otherwise = BROKEN[rule]
    monkeypatch.setattr(where, name, otherwise)

    with pytest.raises((AssertionError, ModelError)):
        await RULES[rule](filled)
