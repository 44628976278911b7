"""Turns and lanes: opened with the message, fenced by the lease, closed with the answer."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

import sqlalchemy as sa

from bot.conversation import NELLIE, Channel, Message, Turn, Usage
from bot.errors import Fenced
from bot.store.adding import (
    ADD,
    ADDED,
    ALL_SAID,
    CAME,
    INCOMING,
    LOCK,
    Clash,
    Stored,
    clashes,
    rows,
)
from bot.store.channels import STATE, state
from bot.store.database import Database
from bot.store.messages import SAID, message
from bot.store.presence import PRESENCE

State = Literal["done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a lane: void as soon as another replica has raised the epoch."""

    channel_id: int
    lane: str
    owner: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the accepting transaction did."""

    seq: int = 0
    turn: int | None = None
    lease: Lease | None = None
    """Set when the lane was idle: its turn is this replica's to run, now."""
    private: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What of the window an answer was made from: has somebody taken some of it back meanwhile?"""

    epoch: int
    """The channel's, when it was read: as long as it is the same, nobody has."""
    forgotten: int
    """How often something had been taken back in the channel before."""
    first: int
    last: int
    messages: int
    digest: bool
    """Whether there was a digest too."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a turn ended."""

    state: State
    answer: Stored | None = None
    error: str = ""
    usage: tuple[Usage, ...] = ()
    seen: Seen | None = None


class Turns:
    """The turns table and the lanes table, seen from one replica."""

    def __init__(self, database: Database, *, lease: float) -> None:
        self._database = database
        self._lease = lease

    async def accept(self, channel_id: int, said: Stored, *, owner: int, owed: bool) -> Accepted:
        """Store a message and owe its answer, in one transaction; a duplicate changes nothing."""
        lane = said.message.lane
        key = {"channel": channel_id, "rows": rows([said])}
        if owed:
            asked = {"lane": lane, "owner": owner, "lease": self._lease}
            key |= {**asked, "question": said.message.text}
        try:
            async with self._database.single() as connection:
                with clashes():
                    row = (await connection.execute(_OWE if owed else ADD, key)).one()
        except Clash:
            return Accepted()
        if row.seq is None:
            return Accepted()
        if not owed:
            return Accepted(row.seq)
        lease = Lease(channel_id, lane, owner, row.epoch) if row.epoch is not None else None
        return Accepted(row.seq, row.id, lease, row.private)

    async def answered_before(self, channel_id: int, lane: str, author_id: str) -> bool:
        """Whether Nellie has answered this person in this thread's lane before."""
        async with self._database.single() as connection:
            thread = lane.removeprefix("thread:")
            key = {"channel": channel_id, "lane": lane, "thread": thread, "author": author_id}
            return bool(await connection.scalar(_ANSWERED, key))

    async def post(self, lease: Lease, turn: Turn, posted: Sequence[str]) -> None:
        """Keep what stands on the platform. Raises Fenced when the lane is not ours any more."""
        await self._note(_POSTED, lease, turn, posted=list(posted))

    async def finish_text(
        self, lease: Lease, turn: Turn, text: str, seen: Seen | None = None
    ) -> None:
        """Keep the whole answer, so that recovery only delivers. Raises Fenced.

        Nothing is kept when something was taken back since the answer's material was read.
        """
        await self._note(_TEXT, lease, turn, text=text, forgotten=seen.forgotten if seen else None)

    async def finished_text(self, turn: Turn) -> str | None:
        """The whole answer, unless something was taken back since: then it is made again."""
        async with self._database.single() as connection:
            text: str | None = await connection.scalar(_FINISHED, {"turn": turn.id})
            return text

    async def _note(
        self, statement: sa.TextClause, lease: Lease, turn: Turn, **value: object
    ) -> None:
        async with self._database.single() as connection:
            key = {**_key(lease), "turn": turn.id}
            if (await connection.execute(statement, {**key, **value})).one_or_none() is None:
                raise Fenced(lane=lease.lane)

    async def close(self, lease: Lease, turn: Turn, outcome: Outcome) -> Turn | None:
        """End a turn with its answer and usage, and take the lane's next; None frees the lane.

        Raises Fenced, having changed nothing, when the lane is another replica's.
        """
        async with self._database.begin() as connection:
            # First the lock: what was accepted before it was granted must be seen by the rest.
            await connection.execute(LOCK, {"channel": lease.channel_id})
            row = (await connection.execute(_CLOSE, _ending(lease, turn, outcome))).one()
            if not row.held:
                raise Fenced(lane=lease.lane)
        return None if row.turn_id is None else turn_of(row, turn.channel)

    async def resume(self, lease: Lease) -> Turn | None:
        """The turn that was left running in a lane, else the next one; None frees the lane.

        Raises Fenced, having changed nothing, when the lane is another replica's.
        """
        async with self._database.begin() as connection:
            row = (await connection.execute(_CHANNEL, {"channel": lease.channel_id})).one()
            if (await connection.execute(_HOLD, _key(lease))).one_or_none() is None:
                raise Fenced(lane=lease.lane)
            next = (await connection.execute(_NEXT, {**_key(lease), "turn": 0})).one()
            return None if next.turn_id is None else turn_of(next, state(row).channel)

    async def take_over(self, owner: int, platforms: Sequence[str], *, limit: int) -> list[Lease]:
        """Lanes of these platforms whose replica is gone or silent, now this replica's."""
        async with self._database.begin() as connection:
            key = {"owner": owner, "kind": PRESENCE, "platforms": list(platforms)}
            rows = await connection.execute(
                _TAKE_OVER, {**key, "lease": self._lease, "limit": limit}
            )
            return [Lease(row.channel_id, row.lane, owner, row.epoch) for row in rows]

    async def over(self, turn_id: int) -> bool:
        """Whether a turn has ended, however it did."""
        async with self._database.single() as connection:
            return not await connection.scalar(_OPEN, {"turn": turn_id})


def _ending(lease: Lease, turn: Turn, outcome: Outcome) -> dict[str, object]:
    """What _CLOSE takes."""
    answer = outcome.answer
    calls = [asdict(one) for one in outcome.usage]
    return {
        **_key(lease),
        "turn": turn.id,
        "author": None if turn.private else turn.trigger.author.id,
        "attempt": turn.attempts,
        "state": outcome.state,
        "error": outcome.error or None,
        "rows": rows([*([answer] if answer else []), *_shadows(turn, answer)]),
        "rests_on": list(answer.rests_on) if answer else [],
        "usage": json.dumps(calls),
        **_seen(outcome.seen),
    }


def _shadows(turn: Turn, answer: Stored | None) -> list[Stored]:
    """Empty places for her posts that are not remembered: history must not bring them back."""
    return [
        Stored(Message(turn.channel, post, NELLIE, "", turn.trigger.at), hidden=True)
        for post in turn.posted
        if not answer or post != answer.message.id
    ]


def _seen(seen: Seen | None) -> dict[str, object]:
    given = seen or Seen(0, 0, 1, 0, 0, digest=False)
    return {f"seen_{name}": value for name, value in asdict(given).items()}


def _key(lease: Lease) -> dict[str, object]:
    return {
        "channel": lease.channel_id,
        "lane": lease.lane,
        "owner": lease.owner,
        "epoch": lease.epoch,
    }


def turn_of(row: sa.Row[tuple[object, ...]], channel: Channel) -> Turn:
    trigger = message(row, channel)
    if row.question is not None:
        trigger = replace(trigger, text=row.question)
    return Turn(
        row.turn_id, channel, row.lane, trigger, row.attempts, tuple(row.posted), row.turn_text,
        row.question is not None, row.waited or 0.0,
    )  # fmt: skip


# A lane is claimed where it is idle. Its row stays locked until the commit, also where it is
# another replica's: its owner reads the waiting turns again, under the same locks, before it lets
# the lane go.
CLAIMED = """
    INSERT INTO lane (channel_id, lane, owner, epoch, until)
    SELECT :channel, :lane, :owner, 1, clock_timestamp() + make_interval(secs => :lease)
"""
IF_IDLE = """
    ON CONFLICT (channel_id, lane) DO UPDATE
    SET owner = excluded.owner, epoch = lane.epoch + 1, until = excluded.until
    WHERE lane.owner IS NULL
    RETURNING epoch
"""

_OWE = sa.text(f"""
    WITH incoming AS ({INCOMING}), {ADDED}, mine AS (
        {CLAIMED} FROM said {IF_IDLE}
    ), owed AS (
        INSERT INTO turn (channel_id, lane, trigger_seq, state, attempts, question)
        SELECT :channel, :lane, said.seq, CASE WHEN epoch IS NULL THEN 'waiting' ELSE 'running' END,
               CASE WHEN epoch IS NULL THEN 0 ELSE 1 END,
               CASE WHEN said.deleted THEN CAST(:question AS text) END
        FROM said LEFT JOIN mine ON true
        RETURNING id, trigger_seq AS seq, question IS NOT NULL AS private
    )
    SELECT {ALL_SAID}, owed.seq, owed.id, owed.private, mine.epoch
    FROM (SELECT 1) AS always LEFT JOIN owed ON true LEFT JOIN mine ON true
""")  # noqa: S608  # only our own constants are put in

_ANSWERED = sa.text("""
    SELECT EXISTS (
        SELECT FROM message m JOIN turn t ON t.channel_id = m.channel_id AND t.trigger_seq = m.seq
        WHERE m.channel_id = :channel AND m.thread = :thread AND m.thread <> ''
        AND m.author_id = :author AND t.lane = :lane AND t.state IN ('done', 'failed'))
""")

_HELD = """
    SELECT 1 FROM lane
    WHERE channel_id = :channel AND lane = :lane AND owner = :owner AND epoch = :epoch
"""

# Losing these two in a crash costs only a look on the platform or another call of the model, so
# they do not wait for the disk.
_FAST = "fast AS (SELECT set_config('synchronous_commit', 'off', true))"

_POSTED = sa.text(f"""
    WITH {_FAST}, held AS ({_HELD}), noted AS (
        UPDATE turn SET posted = CAST(:posted AS text[]) FROM fast
        WHERE id = :turn AND EXISTS (SELECT FROM held)
    ) SELECT 1 FROM held
""")  # noqa: S608  # only our own constants are put in

_TEXT = sa.text(f"""
    WITH {_FAST}, held AS ({_HELD}), noted AS (
        UPDATE turn SET text = :text FROM fast
        WHERE id = :turn AND state = 'running' AND EXISTS (SELECT FROM held)
        AND (SELECT forgotten FROM channel WHERE id = :channel)
            = coalesce(CAST(:forgotten AS bigint), 0)
    ) SELECT 1 FROM held
""")  # noqa: S608  # only our own constants are put in

_FINISHED = sa.text("SELECT text FROM turn WHERE id = :turn AND state = 'running'")

TURN = f"""
    {SAID}, t.id AS turn_id, t.lane, t.attempts, t.posted, t.question, t.text AS turn_text,
    CAST(extract(epoch FROM clock_timestamp() - t.created_at) AS float8) AS waited
"""

_CHANNEL = sa.text(f"SELECT {STATE} FROM channel c WHERE id = :channel FOR UPDATE")  # noqa: S608  # our own

_HOLD = sa.text(f"{_HELD} FOR UPDATE")

# One that is running, with none at work on it, was left by a crash or by a commit whose answer
# was lost.
_TAKEN = """
    next AS (
        SELECT id FROM turn
        WHERE channel_id = :channel AND lane = :lane AND state IN ('waiting', 'running')
        AND id <> :turn
        ORDER BY trigger_seq LIMIT 1
    ), taken AS (
        UPDATE turn SET state = 'running', attempts = attempts + 1
        FROM next WHERE turn.id = next.id RETURNING turn.*
    ), freed AS (
        UPDATE lane SET owner = NULL, until = clock_timestamp()
        WHERE channel_id = :channel AND lane = :lane AND owner = :owner AND epoch = :epoch
        AND NOT EXISTS (SELECT FROM next)
    )
"""
_NEXT_TURN = """
    (SELECT 1) AS always LEFT JOIN (
        taken t JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
    ) ON true
"""

_NEXT = sa.text(f"WITH {_TAKEN} SELECT {TURN} FROM {_NEXT_TURN}")  # noqa: S608  # our own

# A turn that was cancelled while it ran leaves no answer behind, nor does one whose answer was made
# from what somebody took back meanwhile: then the answer only takes its place.
_CLOSE = sa.text(f"""
    WITH held AS ({_HELD} FOR UPDATE), ended AS (
        UPDATE turn SET state = :state, error = CAST(:error AS text), text = NULL,
                        question = NULL, finished_at = clock_timestamp()
        WHERE id = :turn AND state = 'running' AND EXISTS (SELECT FROM held) RETURNING id
    ), taken_back AS (
        SELECT NOT EXISTS (SELECT FROM ended)
           OR EXISTS (SELECT FROM message WHERE channel_id = :channel AND deleted
                      AND seq = ANY(CAST(:rests_on AS bigint[])))
           OR CASE WHEN epoch = :seen_epoch THEN false
              ELSE (SELECT count(*) FROM message WHERE channel_id = :channel AND NOT deleted
                    AND seq BETWEEN :seen_first AND :seen_last) < :seen_messages
                OR :seen_digest AND forgotten <> :seen_forgotten
              END AS it
        FROM channel WHERE id = :channel
    ), billed AS (
        INSERT INTO usage (channel_id, purpose, turn_id, author_id, attempt, model, input, cached,
                           output, estimated)
        SELECT :channel, 'answer', :turn, CAST(:author AS text), :attempt, model, input, cached,
               output, estimated
        FROM json_to_recordset(CAST(:usage AS json))
             AS call(model text, input int, cached int, output int, estimated boolean)
        -- Not when it is closed again, because the answer to a commit was lost.
        WHERE (SELECT state = 'running' OR state = 'cancelled' AND NOT EXISTS (
                   SELECT FROM usage u WHERE u.channel_id = :channel AND u.turn_id = turn.id)
               FROM turn WHERE id = :turn)
    ), incoming AS (
        SELECT *, kept_out OR (SELECT it FROM taken_back) AS hidden, row_number() OVER () AS place
        FROM {CAME}
    ), {ADDED}, {_TAKEN}
    SELECT {TURN}, EXISTS (SELECT FROM held) AS held FROM {_NEXT_TURN}
""")  # noqa: S608  # only our own constants are put in

_TAKE_OVER = sa.text("""
    WITH live AS (
        SELECT CAST(objid AS bigint) AS owner FROM pg_locks
        WHERE locktype = 'advisory' AND CAST(classid AS bigint) = :kind AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    ), orphan AS (
        SELECT channel_id, lane FROM lane JOIN channel ON channel.id = channel_id
        WHERE owner IS NOT NULL AND platform = ANY(:platforms)
        AND (until < clock_timestamp() OR owner NOT IN (SELECT owner FROM live))
        ORDER BY until LIMIT :limit FOR UPDATE OF lane SKIP LOCKED
    ), taken AS (
        UPDATE lane SET owner = :owner, epoch = epoch + 1,
                        until = clock_timestamp() + make_interval(secs => :lease)
        FROM orphan WHERE lane.channel_id = orphan.channel_id AND lane.lane = orphan.lane
        RETURNING lane.channel_id, lane.lane, lane.epoch
    )
    SELECT * FROM taken
""")

_OPEN = sa.text("""
    SELECT EXISTS (SELECT FROM turn WHERE id = :turn AND state IN ('waiting', 'running'))
""")
