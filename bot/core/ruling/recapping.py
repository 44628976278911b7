"""Recaps of rules by the clock: how often each label was given, with a few examples.

Each is owed as a turn to a message that nobody sees, whose id is the rule's with the time: however
many replicas look, it is opened once, and a crash neither loses nor doubles it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from bot.core.acceptance import Acceptance
from bot.core.ruling.texts import recap_text
from bot.core.written import Written
from bot.domain.errors import CommandError, DatabaseUnavailable
from bot.domain.model import NELLIE, Message
from bot.domain.rules import recap_id
from bot.memory.recurrence import Recurrence
from bot.store.rule_recaps import DueRecap, RuleRecaps
from bot.store.rules import Rules
from bot.telemetry import metrics

EXAMPLES = 3  # links of each label

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RecapPost:
    """A recap whose turn has come (bot.core.owed_posts.OwedPost)."""

    rules: Rules
    recaps: RuleRecaps
    channel_id: int
    rule_id: int
    period: str
    """From when to when, as the trigger says it."""

    async def read(self) -> Written | None:
        """None where nothing was labelled, or the rule is gone."""
        rule = await self.rules.get(self.channel_id, self.rule_id)
        if rule is None:
            return None
        since, until = map(datetime.fromisoformat, self.period.split())
        counts = await self.recaps.counts(rule, since, until)
        text = recap_text(
            rule.name,
            rule.labels,
            counts,
            await self.recaps.examples(rule, since, until, most=EXAMPLES),
            since,
            compared=rule.since <= since - (until - since),
            waiting=await self.rules.waiting(rule),
        )
        return Written(text) if text else None

    async def end(self) -> None:
        """It is posted; the next one begins where it ends."""
        metrics.rule_tells.add("recap")

    async def put_off(self) -> None:
        """It could not be posted: as with a digest, the next one comes in its time."""
        metrics.rule_tells.add("dropped")
        log.warning("recap_dropped", channel=self.channel_id, rule=self.rule_id)


@dataclass(frozen=True, slots=True)
class DueRecaps:
    """Opens the turns of recaps that are due, on the platforms that this replica serves."""

    recaps: RuleRecaps
    acceptance: Acceptance
    platforms: Sequence[str]

    async def open_due(self) -> None:
        """Open the turn of each; one that cannot be opened is put off, and holds up no other."""
        for due in await self.recaps.due(self.platforms):
            try:
                next_at = Recurrence.parse(due.rhythm).next_after(max(datetime.now(UTC), due.until))
                await self.acceptance.owe(due.rule.channel_id, _build_trigger(due))
            except DatabaseUnavailable:
                raise
            except Exception as error:  # one recap's trouble is not every recap's
                _report(due, error)
                await self.recaps.postpone(due)
            else:
                await self.recaps.advance(due, next_at)


def _build_trigger(due: DueRecap) -> Message:
    """What a recap answers. Its author is Nellie, which no platform's message can be.

    What was missed while nobody was there is one recap of two periods, not many.
    """
    first = max(due.since, due.until - 2 * Recurrence.parse(due.rhythm).period)
    return Message(
        channel=due.channel,
        id=recap_id(due.rule.id, due.until),
        author=NELLIE,
        text=f"{first.astimezone(UTC).isoformat()} {due.until.astimezone(UTC).isoformat()}",
        at=due.until,
        session=f"rule:{due.rule.id}",
    )


def _report(due: DueRecap, error: Exception) -> None:
    metrics.job_failures.add("rules")
    if isinstance(error, CommandError):  # a time zone that has been renamed, say
        fix = f"say /rules recap {due.rule.name} there with a time zone that is known, or off"
        log.warning("recap_not_understood", channel=due.rule.channel_id, fix=fix)
    else:
        log.error("recap_failed", channel=due.rule.channel_id, exc_info=error)
