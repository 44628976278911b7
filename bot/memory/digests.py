"""Digests that are posted by the clock: what was said since the last one, with links.

One is owed as a turn of the channel, to a message that nobody sees, whose id is its time: however
many replicas look, it is opened once, and a crash neither loses nor doubles it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.conversation import NELLIE, Message, Turn
from bot.errors import LimitReached, ModelError
from bot.memory.rhythm import Rhythm
from bot.memory.telling import Telling
from bot.store.channels import ChannelState
from bot.store.messages import Messages
from bot.store.schedules import Due, Schedules
from bot.text import clean, defuse

READ = 2_000  # messages looked at, the newest


@dataclass(frozen=True, slots=True)
class Digests:
    """What is due, and what it says."""

    schedules: Schedules
    messages: Messages
    telling: Telling

    async def due(self, platforms: list[str]) -> list[tuple[Due, Message]]:
        """What is due, each with the message that it is owed to."""
        return [(due, _owed(due)) for due in await self.schedules.due(platforms)]

    async def advance(self, due: Due) -> None:
        """It is owed; what was missed while nobody was there is one digest, not many."""
        now = datetime.now(UTC)
        await self.schedules.advance(due, Rhythm.parse(due.rhythm).after(max(now, due.next_at)))

    async def told(self, state: ChannelState, turn: Turn) -> str:
        """What was said in its time; nothing where nobody said anything."""
        since, until = map(datetime.fromisoformat, turn.trigger.text.split())
        found = await self.messages.newest(state.channel, state.id, after=0, limit=READ)
        said = [one for one in found if since < one.at <= until and not one.author.nellie]
        if not said:
            return ""
        head = f"What was said here since {since:%Y-%m-%d %H:%M} UTC ({len(said):,} messages):"
        try:
            lines = await self.telling.told(state, self.telling.fitting(said), "digest")
        except (LimitReached, ModelError) as error:
            lines = f"I could not sum it up. {clean(str(error))}"
        return defuse(f"{head}\n{lines}")


def _owed(due: Due) -> Message:
    """What a digest answers. Its author is Nellie, which no platform's message can be."""
    first = max(due.since, due.next_at - 2 * Rhythm.parse(due.rhythm).period)
    text = f"{first.astimezone(UTC).isoformat()} {due.next_at.astimezone(UTC).isoformat()}"
    return Message(due.channel, f"digest:{due.next_at.isoformat()}", NELLIE, text, due.next_at)
