"""/digest: the scheduled digest of a channel."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.commands.request import Request
from bot.domain.errors import CommandError
from bot.domain.model import Reply
from bot.memory.recurrence import Recurrence, describe_next
from bot.store.channels import Channels
from bot.store.schedules import Schedules


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestCommand:
    """Shows, sets or removes when the digest is posted."""

    channels: Channels
    schedules: Schedules

    async def run(self, request: Request) -> Reply:
        """Show the schedule; with an argument, set or remove it."""
        asked = request.arguments.strip()
        if not asked:
            return Reply(await self._schedule(request.state.id))
        request.require_rights()
        if asked.lower() == "off":
            former = await self.schedules.get(request.state.id)
            removed = await self.schedules.remove(request.state.id)
            set_again = f" It was: /digest {former[0]}" if former else ""
            text = f"No more digests here.{set_again}" if removed else "There were none."
            return Reply(text, private=not removed, noted="off" if removed else "nothing")
        recurrence = Recurrence.parse(asked)
        next_at = recurrence.next_after(datetime.now(UTC))
        channel_id = await self.channels.id(request.state.channel)
        await self.schedules.set(channel_id, str(recurrence), next_at)
        return Reply(await self._schedule(channel_id), private=False, noted=str(recurrence))

    async def _schedule(self, channel_id: int) -> str:
        found = await self.schedules.get(channel_id)
        if found is None:
            return "No digest is posted here. For example: /digest daily 09:00 Europe/Berlin."
        rhythm, next_at = found
        try:
            Recurrence.parse(rhythm)
        except CommandError:  # a time zone that has been renamed, say
            return (
                f"A digest is set here ({rhythm}), but I do not understand that any more, and post"
                " none. Set it anew, for example /digest daily 09:00 UTC, or say /digest off."
            )
        return f"A digest is posted here {describe_next(rhythm, next_at)}."
