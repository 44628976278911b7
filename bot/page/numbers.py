"""Numbers by day, model, channel and person: counted by the store, with what the tokens cost."""

import hashlib
import time
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.domain.bounded_cache import BoundedCache
from bot.domain.page import (
    PERIODS,
    ChannelShare,
    Day,
    Now,
    Numbers,
    PersonShare,
    ReadableChannel,
    Scope,
    Used,
    Visitor,
)
from bot.page.reading import Reading
from bot.page.signing import require_admin
from bot.page.sums import Costs, add_up, dearest, to_spread
from bot.store.page_numbers import Counted, PageNumbers

FRESH = 60.0  # seconds that the numbers of days count: who looks again costs no more
NOW = 5.0  # seconds that those do that move
KEPT = 200  # counts that are remembered at a time
LISTED = 10  # channels, and people; all others are one line
CHOICES = 50  # channels that are offered, the busiest first

Chosen = frozenset[int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Whose numbers, for whom."""

    visitor: Visitor
    scope: Scope
    readable: Sequence[ReadableChannel]
    chosen: Chosen

    @property
    def key(self) -> tuple[object, ...]:
        """What is equal where the same numbers are shown."""
        visitor, scope = self.visitor, self.scope
        named = _fingerprint(one.id for one in self.readable)
        return visitor.platform, visitor.person_id, visitor.admin, scope, named


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """Counts, and remembers for seconds what it has counted."""

    reading: Reading
    store: PageNumbers
    costs: Costs
    window_high: int
    """Tokens of a window over which it is due to be summarized."""
    clock: Callable[[], float] = time.monotonic
    _kept: BoundedCache[object, tuple[float, Numbers]] = field(
        default_factory=lambda: BoundedCache(KEPT)
    )
    _now: BoundedCache[object, tuple[float, Now]] = field(
        default_factory=lambda: BoundedCache(KEPT)
    )

    async def numbers(self, visitor: Visitor, scope: Scope) -> Numbers:
        """Of the channels that they read; or of all, of which those may be named."""
        asked = await self._understand(visitor, scope)
        until, numbers = self._kept.get(asked.key, (0.0, None))
        if numbers is None or until <= self.clock():
            began, numbers = self.clock(), await self._count(asked)
            self._kept[asked.key] = began + FRESH, numbers
        return numbers

    async def now(self, visitor: Visitor, scope: Scope) -> Now:
        """What waits and runs, and today so far."""
        chosen = (await self._understand(visitor, scope)).chosen
        key = None if chosen is None else _fingerprint(chosen)
        until, now = self._now.get(key, (0.0, None))
        if now is None or until <= self.clock():
            began, now = self.clock(), await self._look(chosen)
            self._now[key] = began + NOW, now
        return now

    async def _look(self, chosen: Chosen) -> Now:
        start, at = _midnight(1), datetime.now(UTC)
        counted, waits = await self.store.count(chosen, start), await self.store.open(chosen)
        return Now(
            at=at,
            waiting=waits.waiting,
            running=waits.running,
            files=waits.files,
            today=self._days(counted, [start.date()])[0],
            unsummarized=await self.store.unsummarized(chosen, high=self.window_high),
        )

    async def _understand(self, visitor: Visitor, scope: Scope) -> _Asked:
        """Raises NotThere."""
        if scope.days not in PERIODS:
            raise ValueError(f"numbers of {scope.days} days are not counted")
        if scope.everything:
            require_admin(visitor)
        readable = (await self.reading.channels(visitor)).channels
        chosen = None if scope.everything else frozenset(one.id for one in readable)
        if scope.channel_id is not None:
            state, _ = await self.reading.require(visitor, scope.channel_id)
            readable = [*readable, ReadableChannel(scope.channel_id, state.channel)]
            chosen = frozenset([scope.channel_id])
        return _Asked(visitor=visitor, scope=scope, readable=readable, chosen=chosen)

    async def _count(self, asked: _Asked) -> Numbers:
        at, start = datetime.now(UTC), _midnight(asked.scope.days)
        counted = await self.store.count(asked.chosen, start)
        channels, heard = await self.store.sizes(asked.chosen)
        days = [start.date() + timedelta(days=number) for number in range(asked.scope.days)]
        by_model = self.costs.by("model", _of("day", counted))
        return Numbers(
            at=at,
            days=self._days(counted, days),
            by_model={str(model): by_model[model] for model in dearest(by_model)},
            by_channel=self._by_channel(asked, counted),
            by_person=await self._by_person(asked, counted),
            channels=channels,
            heard=heard,
            first_text=to_spread(_by_day(counted.first_texts).get(None)),
            whole_seconds=counted.whole,
            choices=_choices(asked),
        )

    def _days(self, counted: Counted, days: Sequence[date]) -> Sequence[Day]:
        turns, ratings = _by_day(counted.turns), _by_day(counted.ratings)
        first_texts = _by_day(counted.first_texts)
        used = self.costs.by("day", _of("day", counted))
        return [
            Day(
                day=day,
                used=used.get(day, Used()),
                first_text=to_spread(first_texts.get(day)),
                **_fields(turns.get(day), "questions", "answers", "failures"),
                **_fields(ratings.get(day), "good", "bad"),
            )
            for day in days
        ]

    def _by_channel(self, asked: _Asked, counted: Counted) -> Sequence[ChannelShare]:
        """The busiest that they read by name, and what is left as a sum."""
        by_id = {one.id: one for one in asked.readable}
        questions = {row.channel_id: row.questions for row in counted.turns if row.day is None}
        used = self.costs.by("channel_id", _of("channel", counted))
        busiest = sorted({*questions, *used}, key=lambda one: (-questions.get(one, 0), one))
        named = [one for one in busiest if one in by_id][:LISTED]
        others = [one for one in busiest if one not in named]
        shares = [
            ChannelShare(
                readable=by_id[one],
                questions=questions.get(one, 0),
                used=used.get(one, Used()),
            )
            for one in named
        ]
        if others:
            rest = add_up(used[one] for one in others if one in used)
            asked_there = sum(questions.get(one, 0) for one in others)
            shares.append(
                ChannelShare(readable=None, channels=len(others), questions=asked_there, used=rest)
            )
        return shares

    async def _by_person(self, asked: _Asked, counted: Counted) -> Sequence[PersonShare]:
        """Of others, admins alone are told; and of nobody more than what they are called."""
        rows = _of("person", counted)
        used, me = self.costs.by("author_id", rows), asked.visitor.person_id
        if not asked.visitor.admin:
            mine = used.get(me)
            return [PersonShare(name=asked.visitor.name, mine=True, used=mine)] if mine else []
        people = [one for one in dearest(used) if one is not None]
        listed, others = people[:LISTED], people[LISTED:]
        seen_in = {row.author_id: row.seen_in for row in rows if row.author_id in {*listed}}
        names = await self.store.names(seen_in)
        shares = [
            PersonShare(name=names.get(str(one), ""), mine=one == me, used=used[one])
            for one in listed
        ]
        if others:
            rest = add_up(used[one] for one in others)
            shares.append(PersonShare(name="", people=len(others), used=rest))
        if None in used:
            shares.append(PersonShare(name="", people=0, used=used[None]))
        return shares


def _of(kind: str, counted: Counted) -> Sequence[Any]:
    return [row for row in counted.usage if row.kind == kind]


def _by_day(rows: Sequence[Any]) -> Mapping[date | None, Any]:
    return {row.day: row for row in rows}


def _choices(asked: _Asked) -> Sequence[ReadableChannel]:
    chosen = [one for one in asked.readable if one.id == asked.scope.channel_id]
    offered = {one.id: one for one in (*asked.readable[:CHOICES], *chosen)}
    return [*offered.values()]


def _fingerprint(ids: Iterable[int]) -> bytes:
    """Of many channels, as short as of few."""
    return hashlib.sha256(array("q", sorted(ids)).tobytes()).digest()


def _fields(row: object, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names} if row else {}


def _midnight(days: int) -> datetime:
    """At which the first of so many days began, today included."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days - 1)
