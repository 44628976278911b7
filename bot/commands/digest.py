"""/digest: the scheduled digest of a channel."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.commands.request import Request
from bot.domain.model import Reply
from bot.memory.recurrence import Recurrence
from bot.store.schedules import Schedules


@dataclass(frozen=True, slots=True)
class DigestCommand:
    """Shows, sets or removes when the digest is posted."""

    schedules: Schedules

    async def run(self, request: Request) -> Reply:
        """Show the schedule; with an argument, set or remove it."""
        asked = request.arguments.strip()
        if not asked:
            return Reply(await self._schedule(request.state.id))
        request.require_rights()
        if asked.lower() == "off":
            removed = await self.schedules.remove(request.state.id)
            text = "No more digests here." if removed else "There were none."
            return Reply(text, private=not removed)
        recurrence = Recurrence.parse(asked)
        next_at = recurrence.next_after(datetime.now(UTC))
        await self.schedules.set(request.state.id, str(recurrence), next_at)
        return Reply(await self._schedule(request.state.id), private=False)

    async def _schedule(self, channel_id: int) -> str:
        found = await self.schedules.get(channel_id)
        if found is None:
            return "No digest is posted here. For example: /digest daily 09:00 Europe/Berlin."
        recurrence, next_at = found
        return f"A digest is posted here {recurrence}, next at {next_at:%Y-%m-%d %H:%M} UTC."
