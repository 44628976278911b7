"""What a person missed: the channel since they last spoke, told in a few lines, with links."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.conversation import Message
from bot.errors import CommandError, LimitReached, ModelError
from bot.memory.telling import Telling
from bot.store.channels import ChannelState
from bot.store.messages import Messages

READ = 1_000  # messages looked at, the newest

_AGO = re.compile(r"(?P<number>\d{1,4})\s*(?P<unit>m(?!o)|h|d|w)[a-z]*")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Catchup:
    """The /catchup command."""

    messages: Messages
    telling: Telling

    async def since(self, state: ChannelState, person: str, when: str) -> str:
        """What was said since then, or since the person last spoke. Raises CommandError."""
        missed = await self._missed(state, person, when.strip().lower())
        if not missed:
            return "You missed nothing: nobody said anything since."
        shown = self.telling.fitting(missed)
        head = f"{len(missed):,} messages since {missed[0].at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        if len(shown) < len(missed):
            head += f" (I read the newest {len(shown):,})"
        try:
            return f"{head}:\n{await self.telling.told(state, shown, 'catchup', person)}"
        except (LimitReached, ModelError) as error:
            raise CommandError(reason=f"I could not sum it up. {error}") from error

    async def _missed(self, state: ChannelState, person: str, when: str) -> list[Message]:
        after = 0
        if not when:
            after = await self.messages.last_of(state.id, person, before=state.seq + 1)
        found = await self.messages.newest(state.channel, state.id, after=after, limit=READ)
        start = _start(when, datetime.now(UTC)) if when else datetime.min.replace(tzinfo=UTC)
        return [said for said in found if said.at >= start and not said.author.nellie]


def _start(when: str, now: datetime) -> datetime:
    """The moment that "2h", "3 days", "today", "yesterday" or "2026-11-20" mean, in UTC."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    when = when.removeprefix("since ").strip()
    if when in {"today", "yesterday"}:
        return midnight - timedelta(days=when == "yesterday")
    if ago := _AGO.fullmatch(when):
        return now - timedelta(**{_UNITS[ago["unit"]]: int(ago["number"])})
    try:
        moment = datetime.fromisoformat(when)
    except ValueError:
        raise CommandError(
            reason="Since when? For example /catchup 2h, 3d, today, yesterday or 2026-11-20."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
