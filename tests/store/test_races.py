"""Replicas at the same lanes at the same time: nothing is lost, doubled, stuck or out of order."""

import asyncio
import random
from dataclasses import dataclass, field, replace

import pytest
from doubles.sample_messages import (
    ANA,
    BOB,
    NELLIE,
    ROOM,
    find_contradictions,
    rows,
    sample_answer,
    sample_message,
    sample_new_message,
    wait_until_blocked,
)

from bot.domain.errors import Fenced
from bot.domain.model import Segment, Statement, Turn
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.heartbeat import Heartbeat
from bot.store.message_edits import MessageEdits
from bot.store.message_inserts import lock_channel
from bot.store.messages import Messages
from bot.store.summaries import Compacted, Summaries
from bot.store.turn_outcome import Outcome
from bot.store.turns import Lease, Turns

STEPS = 60
OUT_OF_ORDER = """
    SELECT lane, seq FROM (
        SELECT t.lane, m.seq, lag(m.seq) OVER (PARTITION BY t.lane ORDER BY t.trigger_seq) AS before
        FROM turn t JOIN message m
        ON m.channel_id = t.channel_id AND m.external_id = 'answer-' || t.id) found
    WHERE seq < before
"""
UNANSWERED = """
    SELECT t.id, t.state FROM turn t LEFT JOIN message m
    ON m.channel_id = t.channel_id AND m.external_id = 'answer-' || t.id
    WHERE t.state <> 'cancelled' AND (t.state <> 'done' OR m.seq IS NULL)
"""


@dataclass
class Replica:
    """A replica that does things by the roll of dice, and dies now and then."""

    database: Database
    room: int
    dice: random.Random
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.turns = Turns(self.database, lease=15)
        self.messages = Messages(self.database)
        self.changes = MessageEdits(self.database)
        self.summaries = Summaries(self.database)
        self.channels = Channels(self.database)
        self.heartbeat = Heartbeat(self.database, lease=15)

    async def live(self) -> None:
        await self.heartbeat.register()
        chances = {
            self.accept: 12,
            self.add: 2,
            self.edit: 2,
            self.forget: 2,
            self.compact: 2,
            self.beat: 3,
            self.take_over: 3,
            self.die: 1,
        }
        for _ in range(STEPS):
            await self.dice.choices(list(chances), list(chances.values()))[0]()
        await self.leave()

    async def leave(self) -> None:
        if self.tasks:
            await asyncio.wait(self.tasks)
        await self.heartbeat.leave()

    async def accept(self) -> None:
        """Somebody says something, or an event is delivered again."""
        thread, author = self.dice.choice(["", "t1", "t2"]), self.dice.choice([ANA, BOB])
        message = sample_message(f"m{self.dice.randrange(400)}", "", author, thread=thread)
        done = await self.turns.accept(
            self.room,
            sample_new_message(message.id, "", author, thread=thread),
            owner=self.heartbeat.owner,
            opens_turn=self.dice.random() < 0.7,
        )
        if done.lease and done.turn:
            trigger = replace(message, seq=done.seq)
            self.begin(done.lease, Turn(done.turn, ROOM, done.lease.lane, trigger))

    async def add(self) -> None:
        batch = [sample_new_message(f"b{self.dice.randrange(400)}") for _ in range(5)]
        await self.messages.add(self.room, batch)

    async def edit(self) -> None:
        await self.changes.edit(self.room, f"m{self.dice.randrange(400)}", "a new text", 5)

    async def forget(self) -> None:
        if self.dice.random() < 0.5:
            unseen = sample_new_message(
                f"m{self.dice.randrange(400)}", "?", replace(NELLIE, id="", name="")
            )
            await self.changes.forget_id(self.room, unseen)
        elif seqs := await self.messages.all_seqs(self.room):
            await self.changes.forget(self.room, self.dice.choices(seqs, k=3))

    async def compact(self) -> None:
        state = await self.channels.state(self.room)
        if state.seq > state.watermark + 10:
            last, now = state.seq - 10, sample_message("m1").at
            rest = (Statement("so they said", ()),)
            made = Segment(state.watermark + 1, last, rest, (), now, now, 3)
            compacted = Compacted(
                segments=(made,), digest=None, messages=1, tokens_before=1, model="m"
            )
            await self.summaries.commit(state, compacted)

    async def beat(self) -> None:
        await self.heartbeat.beat()

    async def take_over(self) -> None:
        for lease in await self.turns.take_over(self.heartbeat.owner, ["fake"], limit=5):
            self.begin(lease)

    async def die(self) -> None:
        """What it works on goes on for a while, as in a replica that does not know it yet."""
        await self.heartbeat.register()

    def begin(self, lease: Lease, turn: Turn | None = None) -> None:
        task = asyncio.create_task(self.work(lease, turn))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def work(self, lease: Lease, turn: Turn | None) -> None:
        try:
            turn = turn or await self.turns.resume(lease)
            while turn and self.dice.random() > 0.05:  # else it dies in the midst of it
                turn = replace(turn, posted=(f"p{turn.id}",))
                await self.turns.keep_posted(lease, turn)
                await self.turns.keep_text(lease, turn, "the answer")
                turn = await self.turns.close(lease, turn, Outcome("done", sample_answer(turn)))
        except Fenced:
            return


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_is_lost_doubled_stuck_or_out_of_order(database: Database, seed: int) -> None:
    room = await Channels(database).id(ROOM)
    replicas = [Replica(database, room, random.Random(f"{seed}-{n}")) for n in range(4)]
    found: list[object] = []

    async def look() -> None:
        while True:
            found.extend(await find_contradictions(database))

    looking = asyncio.create_task(look())
    try:
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for replica in replicas:
                group.create_task(replica.live())
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    await drained(Replica(database, room, random.Random(seed)))

    assert found == []
    assert await find_contradictions(database) == []
    assert await rows(database, UNANSWERED) == []
    assert await rows(database, OUT_OF_ORDER) == []
    assert await rows(database, "SELECT lane FROM lane WHERE owner IS NOT NULL") == []


async def drained(last: Replica) -> None:
    """One replica answers what is left."""
    await last.heartbeat.register()
    while await rows(last.database, "SELECT 1 FROM lane WHERE owner IS NOT NULL LIMIT 1"):
        await last.take_over()
        await last.leave()
        await last.heartbeat.register()
    await last.heartbeat.leave()


async def test_two_replicas_never_take_over_the_same_lane(database: Database) -> None:
    room = await Channels(database).id(ROOM)
    replicas = [Replica(database, room, random.Random(n)) for n in range(5)]
    for replica in replicas:
        await replica.heartbeat.register()
    for n in range(40):
        question = sample_new_message(f"m{n}", thread=f"t{n}")
        await replicas[0].turns.accept(
            room, question, owner=replicas[0].heartbeat.owner, opens_turn=True
        )
    await replicas.pop(0).heartbeat.leave()

    taken = await asyncio.gather(
        *(
            replica.turns.take_over(replica.heartbeat.owner, ["fake"], limit=limit)
            for limit in (3, 20, 40)
            for replica in replicas
        )
    )

    leases = [lease for some in taken for lease in some]
    assert len({lease.lane for lease in leases}) == len(leases)
    owners = dict(await rows(database, "SELECT lane, owner FROM lane"))
    assert all(owners[lease.lane] == lease.owner for lease in leases)
    for replica in replicas:
        await replica.heartbeat.leave()


async def test_a_question_taken_back_during_a_takeover_is_not_answered(
    database: Database,
) -> None:
    replica = Replica(database, await Channels(database).id(ROOM), random.Random(0))
    await replica.heartbeat.register()
    for name in ("m1", "m2"):
        question = sample_new_message(name)
        await replica.turns.accept(replica.room, question, owner=1, opens_turn=True)
    await replica.changes.forget(replica.room, [1])
    [lease] = await replica.turns.take_over(replica.heartbeat.owner, ["fake"], limit=1)

    async with database.begin() as connection:
        await lock_channel(connection, replica.room)
        forgetting = asyncio.create_task(replica.changes.forget(replica.room, [2]))
        await wait_until_blocked(database)
        resuming = asyncio.create_task(replica.turns.resume(lease))
        await wait_until_blocked(database, 2)

    await forgetting
    assert await resuming is None
    assert await rows(database, "SELECT state FROM turn") == ["cancelled", "cancelled"]
    assert await find_contradictions(database) == []
    await replica.heartbeat.leave()
