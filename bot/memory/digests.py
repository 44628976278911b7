"""Scheduled digests: what was said since the last one, with links.

One is owed as a turn of the channel, to a message that nobody sees, whose id is its time: however
many replicas look, it is opened once, and a crash neither loses nor doubles it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.errors import LimitReached, ModelError
from bot.domain.model import NELLIE, Message, Turn
from bot.memory.recurrence import Recurrence
from bot.memory.summarizer import Summarizer
from bot.store.channels import ChannelState
from bot.store.messages import Messages
from bot.store.schedules import Due, Schedules
from bot.text.plurals import counted
from bot.text.sanitize import clean, defuse

READ_LIMIT = 2_000  # messages looked at, the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """Which scheduled digests are due, and what they say."""

    schedules: Schedules
    messages: Messages
    summarizer: Summarizer

    async def find_due(self, platforms: list[str]) -> list[Due]:
        """What is due."""
        return await self.schedules.due(platforms)

    async def postpone(self, due: Due) -> None:
        """Look at one that cannot be opened again in an hour: the others come first."""
        await self.schedules.postpone(due)

    async def advance(self, due: Due) -> None:
        """A turn for it is open; what was missed while nobody was there is one digest, not many."""
        after = max(datetime.now(UTC), due.next_at)
        await self.schedules.advance(due, Recurrence.parse(due.rhythm).next_after(after))

    async def write(self, state: ChannelState, turn: Turn) -> str:
        """What was said in the digest's time; nothing where nobody said anything."""
        since, until = map(datetime.fromisoformat, turn.trigger.text.split())
        after = (since, state.seq)  # what was said at that very moment was told the last time
        messages = await self.messages.newest(
            state.channel, state.id, after=after, until=until, limit=READ_LIMIT
        )
        if not messages:
            return ""
        count = counted(len(messages), "message")
        head = f"What was said here since {since:%Y-%m-%d %H:%M} UTC ({count}):"
        selected = self.summarizer.select_newest(messages)
        try:
            lines = await self.summarizer.summarize(state, selected, "digest")
        except (LimitReached, ModelError) as error:
            lines = f"I could not sum it up. {clean(str(error))}"
        return defuse(f"{head}\n{lines}")


def build_trigger(due: Due) -> Message:
    """What a digest answers. Its author is Nellie, which no platform's message can be.

    Raises CommandError where the recurrence is not understood (any more).
    """
    first = max(due.since, due.next_at - 2 * Recurrence.parse(due.rhythm).period)
    return Message(
        channel=due.channel,
        id=f"digest:{due.next_at.isoformat()}",
        author=NELLIE,
        text=f"{first.astimezone(UTC).isoformat()} {due.next_at.astimezone(UTC).isoformat()}",
        at=due.next_at,
    )
