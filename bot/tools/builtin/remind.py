"""remind: a message at a time, here, in the channel, or to the asker alone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.errors import LimitReached
from bot.domain.tool_errors import ToolFailed
from bot.domain.toolbox import ToolContext
from bot.domain.tools import Tool
from bot.memory.local_times import LocalTimes
from bot.store.reminders import NewReminder, Reminder, Reminders
from bot.tools.arguments import Arguments
from bot.tools.builtin.tool import Told, schema, text_of
from bot.tools.outside import has_read_outside
from bot.tools.zones import LONGEST as LONGEST_ZONE
from bot.tools.zones import find_zone, name_zone

LONGEST_TEXT = 500  # characters
NOT_FOR_ALL = (
    "After something from outside was read, a reminder is set in this conversation or privately."
    " The asker may ask for one in the channel in a message of its own."
)
PLACES = ("here", "channel", "privately")

TOOL = Tool(
    name="remind",
    description="Sets a reminder that the asker wants: a message is posted at that time, once. Tell"
    " the asker the time that the result says. They see theirs with /remind list and take one back"
    " with /remind cancel NUMBER.",
    schema=schema(
        ("text", "when"),
        text=text_of("What to remind of, as the asker would read it then."),
        when=text_of(
            "2026-12-24 18:00, in 20 minutes, tomorrow at 9:00, Friday 17:00; by the asker's clock"
            " unless a time zone stands behind it."
        ),
        zone=text_of("The time zone of “when”, such as Europe/Berlin, if it is not the asker's."),
        where={
            "type": "string",
            "enum": list(PLACES),
            "description": "here: in this conversation; channel: for everybody, at its top level;"
            " privately: for the asker alone.",
        },
    ),
    status="setting a reminder",
)


@dataclass(frozen=True, slots=True)
class Remind:
    """Sets reminders. A call that is made again after a crash sets no second one."""

    reminders: Reminders
    local_times: LocalTimes
    tool = TOOL
    missing = ""

    async def run(self, arguments: Arguments, context: ToolContext) -> Told:
        """Which reminder was set, for when. Raises ToolFailed."""
        from bot.tools.moments import LONGEST, read_moment  # only here: few channels set any

        turn, asker = context.turn, context.turn.asker
        if asker.bot or asker.nellie or not asker.id:
            raise ToolFailed(reason="Reminders are for people.")
        text = arguments.required("text", LONGEST_TEXT)
        where = arguments.text("where", 20).lower() or "here"
        if where not in PLACES:
            raise ToolFailed(reason=f"“where” is one of {', '.join(PLACES)}.")
        if where == "channel" and has_read_outside(context):
            raise ToolFailed(reason=NOT_FOR_ALL)
        zone_name = arguments.text("zone", LONGEST_ZONE)
        zone = find_zone(zone_name) if zone_name else await self.local_times.zone_of(turn)
        now = datetime.now(UTC)
        at = read_moment(arguments.required("when", LONGEST), now, zone)
        private = (where == "privately" or turn.private) and not turn.channel.direct
        new = NewReminder(
            channel_id=context.channel_id,
            channel=turn.channel,
            person=asker,
            text=text,
            at=at,
            zone=name_zone(at.tzinfo or UTC),
            thread=turn.trigger.thread if where == "here" and not private else "",
            private=private,
            key=context.key,
        )
        try:
            reminder = await self.reminders.add(new)
        except LimitReached as error:
            raise ToolFailed(reason=str(error)) from None
        return Told(_confirm(reminder, at, now, in_direct=turn.channel.direct))


def _confirm(reminder: Reminder, at: datetime, now: datetime, *, in_direct: bool) -> str:
    where = "privately" if reminder.private else "here" if in_direct else "in this channel"
    if reminder.thread:
        where = "in this conversation"
    return (
        f"Reminder {reminder.id} is set for {at:%A %Y-%m-%d %H:%M} {reminder.zone} (in"
        f" {_amount(at - now)}), {where}. /remind cancel {reminder.id} takes it back."
    )


def _amount(time: timedelta) -> str:
    minutes = max(1, round(time.total_seconds() / 60))
    days, rest = divmod(minutes, 1_440)
    hours, minutes = divmod(rest, 60)
    parts = ((days, "d"), (hours, "h"), (minutes if not days else 0, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "1 min"
