"""Reminders whose time has come: each is owed as a turn, opened once by all replicas together.

As a scheduled digest is: its trigger is a message that nobody sees, whose id is the reminder's. It
cannot be stored twice, so a crash neither loses nor doubles it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from bot.core.acceptance import Acceptance
from bot.core.reminding import AGAIN, reminder_text
from bot.domain.errors import DatabaseUnavailable
from bot.domain.model import NELLIE, Author, Channel, Message
from bot.domain.reminders import trigger_id
from bot.store.reminders import Reminder, Reminders
from bot.telemetry import metrics

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DueReminders:
    """Opens the turns of reminders that are due, on the platforms that this replica serves."""

    reminders: Reminders
    acceptance: Acceptance
    platforms: tuple[str, ...]

    async def open_due(self) -> None:
        """Open the turn of each; one that cannot be opened holds up no other."""
        for channel, reminder in await self.reminders.due(list(self.platforms)):
            try:
                trigger = build_trigger(channel, reminder)
                await self.acceptance.owe(reminder.channel_id, trigger)
            except DatabaseUnavailable:
                raise
            except Exception as error:  # one reminder's trouble is not every reminder's
                metrics.job_failures.add("reminders")
                log.error("reminder_failed", channel=reminder.channel_id, exc_info=error)
                await self.reminders.postpone(reminder.channel_id, reminder.id, AGAIN)


def build_trigger(channel: Channel, reminder: Reminder) -> Message:
    """What a reminder answers. Of one that is for all its author is Nellie, as with digests.

    A replica of the former version posts `reply`; this one reads the reminder once more, which
    may have been taken back.
    """
    person = Author(reminder.person_id, reminder.person_name)
    return Message(
        channel=channel,
        id=trigger_id(reminder.id),
        author=person if reminder.private else NELLIE,
        text="reminder",
        at=reminder.due_at,
        thread=reminder.thread,
        private=reminder.private,
        reply=reminder_text(reminder, datetime.now(UTC)),
    )
