"""What a reminder says when it is posted, and that it is posted once."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bot.core.written import Written
from bot.store.reminders import Reminder, Reminders
from bot.text.names import plain_name
from bot.text.sanitize import clean, defuse
from bot.tools.zones import look_up_zone

LATE = timedelta(minutes=10)  # from which on a reminder says when it was to come
AGAIN = 10  # minutes until one is tried again that could not be posted

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ReminderPost:
    """A reminder whose turn has come (bot.core.owed_posts.OwedPost)."""

    reminders: Reminders
    channel_id: int
    number: int

    async def read(self) -> Written | None:
        """None where it was taken back, or is posted."""
        reminder = await self.reminders.find(self.channel_id, self.number)
        return None if reminder is None else Written(reminder_text(reminder, datetime.now(UTC)))

    async def end(self) -> None:
        """It is posted."""
        await self.reminders.drop(self.channel_id, self.number)

    async def put_off(self) -> None:
        """It could not be posted: try again later, for a day."""
        if not await self.reminders.postpone(self.channel_id, self.number, AGAIN):
            log.warning("reminder_dropped", channel=self.channel_id, reminder=self.number)


def reminder_text(reminder: Reminder, now: datetime) -> str:
    """As people read it. What a model wrote there pings nobody."""
    text = clean(reminder.text)
    late = ""
    if now - reminder.due_at > LATE:
        at = reminder.due_at.astimezone(look_up_zone(reminder.zone))
        late = f"\n(It was for {at:%Y-%m-%d %H:%M} {reminder.zone}; I could not post it then.)"
    if reminder.private:
        return defuse(f"You asked me to remind you: {text}{late}")
    return defuse(f"{plain_name(reminder.person_name)} asked me for this reminder: {text}{late}")
