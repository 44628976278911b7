"""Telling people what rules found: each tell is owed as a turn, opened once by all replicas.

As a reminder is: its trigger is a message that nobody sees, whose id is the tell's. What it says is
read when it is posted, so that nothing is told of what was deleted meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from bot.core.acceptance import Acceptance
from bot.core.ruling.texts import tell_text
from bot.core.written import Written
from bot.domain.errors import DatabaseUnavailable
from bot.domain.model import NELLIE, Message
from bot.domain.rules import tell_id
from bot.store.rule_tells import DueTell, RuleTells
from bot.telemetry import metrics

AGAIN = 10  # minutes until one is tried again that could not be posted

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TellPost:
    """A tell whose turn has come (bot.core.owed_posts.OwedPost)."""

    tells: RuleTells
    channel_id: int
    number: int

    async def read(self) -> Written | None:
        """None where all of it was deleted, it was told, or nobody is to be told any more."""
        tell = await self.tells.find(self.channel_id, self.number)
        if tell is None:
            return None
        return Written(tell_text(tell, datetime.now(UTC)), (tell.ping,))

    async def end(self) -> None:
        """It is told."""
        await self.tells.end(self.channel_id, self.number)
        metrics.rule_tells.add("told")

    async def put_off(self) -> None:
        """It could not be posted: try again later, for a day."""
        if await self.tells.postpone(self.channel_id, self.number, AGAIN):
            metrics.rule_tells.add("put off")
            return
        metrics.rule_tells.add("dropped")
        log.warning("tell_dropped", channel=self.channel_id, tell=self.number)


@dataclass(frozen=True, slots=True)
class DueTells:
    """Opens the turns of tells that are due, on the platforms that this replica serves."""

    tells: RuleTells
    acceptance: Acceptance
    platforms: Sequence[str]

    async def open_due(self) -> None:
        """Open the turn of each; one that cannot be opened holds up no other."""
        for due in await self.tells.due(self.platforms):
            try:
                await self.acceptance.owe(due.channel_id, _build_trigger(due))
            except DatabaseUnavailable:
                raise
            except Exception as error:  # one tell's trouble is not every tell's
                metrics.job_failures.add("rules")
                log.error("tell_failed", channel=due.channel_id, exc_info=error)
                await TellPost(self.tells, due.channel_id, due.id).put_off()


def _build_trigger(due: DueTell) -> Message:
    """What a tell answers. Its author is Nellie, which no platform's message can be.

    A lane of its own: an outage does not wait behind a digest.
    """
    return Message(
        channel=due.channel,
        id=tell_id(due.id, due.attempt),
        author=NELLIE,
        text="tell",
        at=due.at,
        session=f"rule:{due.rule_id}",
    )
