"""Turns and lanes: opened with the message, fenced by the lease, closed with the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import asyncpg
import sqlalchemy as sa

from bot.domain.errors import Fenced
from bot.domain.model import Message, Turn
from bot.store.channels import to_state
from bot.store.database import Database
from bot.store.hits_ahead import HitsAhead, SearchPace
from bot.store.hot_connections import Fetch, Row
from bot.store.locked_statements import LockedStatement
from bot.store.locks import LockKind
from bot.store.message_inserts import LOCK_CHANNEL, NewMessage, is_stored_meanwhile, to_rows
from bot.store.search import HIT_LIMIT, to_hits
from bot.store.search import to_values as to_search_values
from bot.store.sql_files import load
from bot.store.turn_outcome import Outcome, ShownWindow, is_plain, to_values
from bot.store.turn_rows import question_values, to_turn

_SQL = load("turns")

# A search may take a while: what is stored after it looks anew at what was edited or forgotten.
_SEARCH_AND_OPEN = LockedStatement("open_turn", (), _SQL.open_turn, first=_SQL.search_ahead)
# What was accepted before the locks were granted must be seen by the rest.
_CLOSE = LockedStatement("close_turn", (LOCK_CHANNEL, _SQL.lock_lane), _SQL.close)
_CLOSE_UNDISTURBED = LockedStatement(
    "close_undisturbed", (_SQL.lock_undisturbed, _SQL.lock_lane), _SQL.close_undisturbed
)


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
    remembered: bool = True
    message: Message | None = None
    """What was stored, where an edit had come before it."""
    hits: HitsAhead | None = None
    """What holds its terms, where that was looked for."""


class Turns:
    """The turns table and the lanes table, seen from one replica."""

    def __init__(self, database: Database, *, lease: float) -> None:
        self._database = database
        self._lease = lease
        self._pace = SearchPace()

    async def accept(
        self,
        channel_id: int,
        new: NewMessage,
        *,
        owner: int,
        opens_turn: bool,
        terms: tuple[str, ...] = (),
    ) -> Accepted:
        """Store a message and open its turn, in one transaction; a duplicate changes nothing.

        Where its lane is idle, what holds these terms is searched for before, in the same trip.
        """
        fetch = self._database.fetch
        try:
            if terms and opens_turn and self._pace.is_quick(channel_id):
                return await self._accept_and_search(channel_id, new, owner, terms)
            return await self._accept(fetch, channel_id, new, owner, opens_turn)
        except asyncpg.UniqueViolationError as error:
            if not is_stored_meanwhile(error):
                raise
            return Accepted()

    async def _accept_and_search(
        self, channel_id: int, new: NewMessage, owner: int, terms: tuple[str, ...]
    ) -> Accepted:
        """What is found comes first, before anything is locked; accepting does not rest on it."""
        found: HitsAhead | None = None

        async def fetch(_: sa.TextClause, values: Mapping[str, object]) -> list[Row]:
            nonlocal found
            wanted = to_search_values(channel_id, terms, HIT_LIMIT, without=0)
            values = {**values, **wanted, "id": new.message.id}
            rows = await self._database.fetch_locked(_SEARCH_AND_OPEN, values)
            searched = [row for row in rows if row.was_searched is not None]
            if not searched:  # it failed
                self._pace.note(channel_id, None)
            for row in searched:
                self._pace.note(channel_id, row.took)
                found = HitsAhead(terms, to_hits(row)) if row.was_searched else None
            return [row for row in rows if row.was_searched is None]

        accepted = await self._accept(fetch, channel_id, new, owner, opens_turn=True)
        return replace(accepted, hits=found)

    async def accept_of_bot(
        self, channel_id: int, new: NewMessage, *, owner: int, most: int
    ) -> Accepted:
        """The same of a bot, whose turn is opened after fewer answers to bots in a row."""
        message = new.message
        thread = "" if message.thread == message.id else message.thread  # it starts one: top level
        values = {"channel": channel_id, "thread": thread}
        # Behind the lock: bots may ask at the same time.
        async with self._database.locked(LOCK_CHANNEL, channel=channel_id) as fetch:
            [(answers,)] = await fetch(_SQL.count_answers_to_bots, values)
            return await self._accept(fetch, channel_id, new, owner, answers < most)

    async def _accept(
        self,
        fetch: Fetch,
        channel_id: int,
        new: NewMessage,
        owner: int,
        opens_turn: bool,
    ) -> Accepted:
        values = {"channel": channel_id, "rows": to_rows([new])}
        if opens_turn:
            values |= {"owner": owner, "lease": self._lease, **question_values(new.message)}
        sql = _SQL.open_turn if opens_turn else _SQL.store
        for row in await fetch(sql, values):  # one at most
            if row.early is not None:
                new = new.edited_early(row)
                accepted = await self._accept(fetch, channel_id, new, owner, opens_turn)
                return replace(accepted, message=new.message)
            if not opens_turn:
                return Accepted(row.seq)
            return _accepted(row, channel_id, new.message.lane, owner)
        return Accepted()

    async def accept_known(self, channel_id: int, message: Message, *, owner: int) -> Accepted:
        """Open the turn of a message that asked nothing until it was edited, once."""
        values = {"channel": channel_id, "id": message.id, "thread": message.thread}
        values |= {"owner": owner, "lease": self._lease, **question_values(message)}
        async with self._database.locked(LOCK_CHANNEL, channel=channel_id) as fetch:
            rows = await fetch(_SQL.open_turn_of_known, values)
        return _accepted(rows[0], channel_id, message.lane, owner) if rows else Accepted()

    async def answered_before(self, channel_id: int, lane: str, author_id: str) -> bool:
        """Whether Nellie has answered this person in this thread's lane before."""
        thread = lane.removeprefix("thread:")
        values = {"channel": channel_id, "lane": lane, "thread": thread, "author": author_id}
        async with self._database.autocommit() as connection:
            return bool(await connection.scalar(_SQL.is_answered, values))

    async def keep_posted(self, lease: Lease, turn: Turn) -> None:
        """Keep what is posted on the platform. Raises Fenced when the lane is another's."""
        await self._keep(_SQL.keep_posted, lease, turn)

    async def keep_text(
        self, lease: Lease, turn: Turn, text: str, shown: ShownWindow | None = None
    ) -> None:
        """Keep the whole answer, so that recovery only delivers, and what is posted. Raises Fenced.

        No answer is kept when something was taken back since the answer's material was read.
        """
        forgotten, read_at = (shown.forgotten, shown.epoch) if shown else (None, None)
        await self._keep(
            _SQL.keep_text, lease, turn, text=text, forgotten=forgotten, read_at=read_at
        )

    async def kept_text(self, turn: Turn) -> str | None:
        """The whole answer, unless something was taken back since: then it is made again."""
        async with self._database.autocommit() as connection:
            text: str | None = await connection.scalar(_SQL.get_kept_text, {"turn": turn.id})
            return text

    async def _keep(self, sql: sa.TextClause, lease: Lease, turn: Turn, **kept: object) -> None:
        values = {**_key(lease), "turn": turn.id, "posted": turn.posted, **kept}
        if not await self._database.fetch(sql, values):
            raise Fenced(lane=lease.lane)

    async def close(self, lease: Lease, turn: Turn, outcome: Outcome) -> Turn | None:
        """End a turn with its answer and usage, and take the lane's next; None frees the lane.

        Raises Fenced, having changed nothing, when the lane is another replica's.
        """
        values = _key(lease) | to_values(turn, outcome)
        rows: list[Row] = []
        if is_plain(turn, outcome):  # most are, and nobody has taken anything back
            rows = await self._database.fetch_locked(_CLOSE_UNDISTURBED, values)
        if not (rows := rows or await self._database.fetch_locked(_CLOSE, values)):
            raise Fenced(lane=lease.lane)
        row = rows[0]
        return None if row.turn_id is None else to_turn(row, turn.channel)

    async def resume(self, lease: Lease) -> Turn | None:
        """The turn that was left running in a lane, else the next one; None frees the lane.

        Raises Fenced, having changed nothing, when the lane is another replica's.
        """
        async with self._database.begin() as connection:
            values = {"channel": lease.channel_id}
            channel = to_state((await connection.execute(_SQL.lock_channel, values)).one()).channel
            if (await connection.execute(_SQL.lock_lane, _key(lease))).one_or_none() is None:
                raise Fenced(lane=lease.lane)
            row = (await connection.execute(_SQL.take_next, {**_key(lease), "turn": 0})).one()
        return None if row.turn_id is None else to_turn(row, channel)

    async def take_over(self, owner: int, platforms: Sequence[str], *, limit: int) -> list[Lease]:
        """Lanes of these platforms whose replica is gone or silent, now this replica's."""
        values = {
            "owner": owner,
            "kind": int(LockKind.HEARTBEAT),
            "platforms": list(platforms),
            "lease": self._lease,
            "limit": limit,
        }
        async with self._database.begin() as connection:
            rows = await connection.execute(_SQL.take_over, values)
            return [Lease(row.channel_id, row.lane, owner, row.epoch) for row in rows]

    async def has_ended(self, turn_id: int) -> bool:
        """Whether a turn has ended, however it did."""
        async with self._database.autocommit() as connection:
            return not await connection.scalar(_SQL.is_open, {"turn": turn_id})


def _accepted(row: Row, channel_id: int, lane: str, owner: int) -> Accepted:
    lease = None if row.epoch is None else Lease(channel_id, lane, owner, row.epoch)
    return Accepted(row.seq, row.id, lease, row.remembered)


def _key(lease: Lease) -> dict[str, object]:
    return {
        "channel": lease.channel_id,
        "lane": lease.lane,
        "owner": lease.owner,
        "epoch": lease.epoch,
    }
