"""now: the date and the time, wherever people live."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from bot.domain.toolbox import ToolContext
from bot.domain.tools import Tool
from bot.memory.local_times import LocalTimes
from bot.tools.arguments import Arguments
from bot.tools.builtin.tool import Told, schema
from bot.tools.zones import LONGEST, find_zone, name_zone

TOOL = Tool(
    name="now",
    description="Tells today's date, weekday and time, in the asker's time zone or in others.",
    schema=schema(
        zones={
            "type": "array",
            "items": {"type": "string"},
            "description": "Time zones or cities, such as Europe/Berlin or Tokyo."
            " Leave out for the asker's own.",
        }
    ),
    status="looking at the clock",
)


def read_clock() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Now:
    """Tells the time."""

    local_times: LocalTimes
    clock: Callable[[], datetime] = read_clock
    tool = TOOL
    missing = ""

    async def run(self, arguments: Arguments, context: ToolContext) -> Told:
        """A line for each zone. Raises ToolFailed."""
        named = [find_zone(name) for name in arguments.texts("zones", LONGEST)]
        zones = named or [await self.local_times.zone_of(context.turn)]
        moment = self.clock()
        return Told("\n".join(format_moment(moment, zone) for zone in zones))


def format_moment(moment: datetime, zone: tzinfo) -> str:
    """As in "Monday 2026-11-30 14:05 in Europe/Berlin (UTC+01:00), week 49"."""
    at = moment.astimezone(zone)
    offset = f"{at:%z}"
    ahead = f"UTC{offset[:3]}:{offset[3:5]}" if at.utcoffset() else "UTC"
    name = name_zone(zone)
    where = f"in {name} ({ahead})" if name != ahead else name
    return f"{at:%A %Y-%m-%d %H:%M} {where}, week {at.isocalendar().week}"
