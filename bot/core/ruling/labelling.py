"""Labels for what arrives: off the path that accepts it, in order, each message once by a rule.

Each replica looks, and one at a time works on a rule. What a model has sorted in one call is kept
in one transaction with the rule's cursor: cut off before it, the same is read again; after it,
never. What fails behind it takes nothing of it back.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

import structlog

from bot.core.ruling.trouble import Trouble, trouble_of
from bot.domain.errors import DatabaseUnavailable
from bot.store.channels import ChannelState
from bot.store.label_sets import LabelSets
from bot.store.locks import LockKind, Locks
from bot.store.rule_work import Arrived, GivenLabel, RuleWork
from bot.store.rules import Rule, Rules
from bot.tasks.classification import Classification, Labelled
from bot.tasks.label_answers import UNREADABLE
from bot.tasks.labels import LabelExample, LabelSet
from bot.telemetry import metrics

LOOK = 50  # messages of a rule that one look labels, at most
SCANNED = 1_000  # messages that it passes, hers and empty ones included
AT_ONCE = 4  # rules of a replica that wait for a model at the same time
TOO_LATE = timedelta(days=2)  # from when on what waits is passed unlabelled
CAREFUL = 2  # failures after which messages go to the model one by one: it may be one of them
REACHED = "Its limit of {most:,} messages a day is reached. It goes on tomorrow (UTC)."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one look does."""

    meant: Sequence[Arrived]
    """What is labelled."""
    late: Sequence[int]
    """What waited for too long, and is passed."""
    to: int
    """The message up to which it comes."""

    def split(self, count: int) -> tuple["Batch", "Batch"]:
        """What is behind it once so many are labelled, and what is left."""
        done, left = self.meant[:count], self.meant[count:]
        to = done[-1].seq if left else self.to
        early = [seq for seq in self.late if seq <= to]
        return Batch(done, early, to), Batch(left, self.late[len(early) :], self.to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelling:
    """Works on the rules of the platforms that this replica serves."""

    rules: Rules
    work: RuleWork
    locks: Locks
    label_sets: LabelSets
    classification: Classification
    platforms: Sequence[str]

    async def label_due(self) -> None:
        """One look at each rule that has something to look at."""
        room = asyncio.Semaphore(AT_ONCE)

        async def look(state: ChannelState, rule: Rule) -> None:
            async with room:
                await self._guarded(state, rule)

        due = await self.work.due(self.platforms)
        await asyncio.gather(*(look(state, rule) for state, rule in due))

    async def _guarded(self, state: ChannelState, rule: Rule) -> None:
        """One rule's trouble is not every rule's."""
        try:
            async with self.locks.holding(LockKind.RULE, rule.id) as held:
                current = await self.rules.get(rule.channel_id, rule.id) if held else None
                if current and current.enabled and current.due_at <= datetime.now(UTC):
                    await self._look(state, current)
        except DatabaseUnavailable as error:
            log.warning("rule_waits", rule=rule.id, reason=str(error))

    async def _look(self, state: ChannelState, rule: Rule) -> None:
        now = datetime.now(UTC)
        if not rule.left_today:
            tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
            await self.work.wait(rule, tomorrow, REACHED.format(most=rule.most))
            return
        arrived = await self.work.read(rule, limit=SCANNED)
        most = 1 if rule.failures >= CAREFUL else min(LOOK, rule.left_today)
        batch = choose(arrived, now, most=most)
        if batch.meant:
            await self._label(state, rule, batch, alone=most == 1)
        elif arrived:
            await self._keep(rule, batch, ())

    async def _label(self, state: ChannelState, rule: Rule, left: Batch, *, alone: bool) -> None:
        """Keep what is sorted as it comes: it is paid for."""
        try:
            labels = await self._labels(rule)
            async with aclosing(self._sort(state, labels, left.meant)) as parts:
                async for found in parts:
                    done, left = left.split(len(found))
                    if not await self._keep(rule, done, found):
                        return
                    rule = replace(rule, cursor=done.to, failures=0)
        except DatabaseUnavailable:
            raise
        except Exception as error:  # also a fault of ours: it is tried again, and later each time
            await self._bear(rule, left, trouble_of(error, rule.failures, alone=alone))

    async def _labels(self, rule: Rule) -> LabelSet:
        """With the examples of the kept set that it takes them from, as they are now."""
        name = rule.label_set
        kept = await self.label_sets.find(rule.channel_id, name) if name else None
        if kept is None:
            return LabelSet(rule.labels)
        examples = tuple(LabelExample(one.label, one.text) for one in kept.examples)
        return LabelSet(kept.labels, examples, kept.name)

    async def _sort(
        self, state: ChannelState, labels: LabelSet, meant: Sequence[Arrived]
    ) -> AsyncGenerator[list[Labelled]]:
        """In order. What one message has spoiled for those beside it is asked again, each alone."""
        texts, begin, room = [one.text for one in meant], 0, self.classification.at_once
        batches = self.classification.in_batches(state, labels, texts, purpose="rule")
        async with aclosing(batches):
            async for found in batches:
                spoiled = [place for place, one in enumerate(found) if one.unreadable]
                again = spoiled if 1 < len(spoiled) <= room else []
                room -= len(again)
                kept = 0
                for place in again:
                    if found[kept:place]:
                        yield found[kept:place]
                    kept = place
                    text = texts[begin + place]
                    [found[place]] = await self.classification.classify(
                        state, labels, [text], purpose="rule"
                    )
                yield found[kept:]
                begin += len(found)

    async def _bear(self, rule: Rule, batch: Batch, trouble: Trouble) -> None:
        """Try again later; or go on without the one message that no model takes."""
        metrics.rule_failures.add(trouble.kind)
        log.warning("rule_waits", rule=rule.id, channel=rule.channel_id, reason=trouble.kind)
        if trouble.hopeless:
            await self._keep(rule, batch, [UNREADABLE] * len(batch.meant))
            return
        until = datetime.now(UTC) + trouble.pause
        await self.work.wait(rule, until, trouble.reason, failures=rule.failures + 1)

    async def _keep(self, rule: Rule, batch: Batch, found: Sequence[Labelled]) -> bool:
        """False where the rule was changed meanwhile: nothing of it is kept."""
        labels = [
            GivenLabel(read, given.label, given.confidence)
            for read, given in zip(batch.meant, found, strict=True)
        ]
        passed = len(batch.late)
        if not await self.work.keep(rule, labels, to=batch.to, passed=passed):
            return False
        now = datetime.now(UTC)
        for one in labels:
            metrics.rule_messages.add("abstained" if one.label is None else "labelled")
            seconds = (now - one.read.said_at).total_seconds()
            metrics.rule_seconds.observe("label", max(seconds, 0))
        if passed:
            metrics.rule_messages.add("passed", by=passed)
        return True


def choose(arrived: Sequence[Arrived], now: datetime, *, most: int) -> Batch:
    """Of what is behind a cursor, in order: what is labelled now, and how far that comes."""
    meant, passed, to = list[Arrived](), list[int](), 0
    for one in arrived:
        late = one.meant and one.said_at < now - TOO_LATE
        if one.meant and not late:
            if len(meant) == most:
                break
            meant.append(one)
        if late:
            passed.append(one.seq)
        to = one.seq
    return Batch(meant, passed, to)
