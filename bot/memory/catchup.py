"""What a person missed: the channel since they last spoke, in a few lines, with links."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.errors import CommandError, LimitReached, ModelError
from bot.domain.model import Message
from bot.memory.summarizer import Summarizer
from bot.store.channels import ChannelState
from bot.store.messages import Messages
from bot.text.plurals import counted

TRIES = 3  # to sum up what changes meanwhile
READ_LIMIT = 1_000  # messages looked at, the newest

_AGO = re.compile(r"(?P<number>\d{1,4})\s*(?P<unit>m(?!o)|h|d|w)[a-z]*")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Catchup:
    """The /catchup command."""

    messages: Messages
    summarizer: Summarizer

    async def summarize_since(self, state: ChannelState, person: str, when: str) -> str:
        """What was said since then, or since the person last spoke. Raises CommandError.

        It is made again where something of it was deleted or edited meanwhile.
        """
        for _ in range(TRIES):
            missed = await self._read_missed(state, person, when.strip().lower())
            if not missed:
                return "You missed nothing: nobody said anything since."
            text = await self._sum_up(state, person, missed)
            if await self._stands(state, missed):
                return text
        raise CommandError(reason="What was said has changed while I summed it up. Ask me again.")

    async def _stands(self, state: ChannelState, messages: Sequence[Message]) -> bool:
        """Whether they are remembered as they were read."""
        found = await self.messages.get(state.channel, state.id, [one.seq for one in messages])
        texts = {one.seq: one.text for one in found}
        return all(texts.get(one.seq) == one.text for one in messages)

    async def _sum_up(self, state: ChannelState, person: str, missed: Sequence[Message]) -> str:
        selected = self.summarizer.select_newest(missed)
        since = f"{missed[0].at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        head = f"{counted(len(missed), 'message')} since {since}"
        if len(selected) < len(missed):
            head += f" (I read the newest {len(selected):,})"
        try:
            return f"{head}:\n{await self.summarizer.summarize(state, selected, 'catchup', person)}"
        except (LimitReached, ModelError) as error:
            raise CommandError(reason=f"I could not sum it up. {error}") from error

    async def _read_missed(self, state: ChannelState, person: str, when: str) -> list[Message]:
        spoke = None if when else await self.messages.last_said_by(state.id, person)
        after = (_parse_start(when, datetime.now(UTC)), 0) if when else spoke
        return await self.messages.newest(state.channel, state.id, after=after, limit=READ_LIMIT)


def _parse_start(when: str, now: datetime) -> datetime:
    """The moment that "2h", "3 days", "today", "yesterday" or "2026-11-20" mean, in UTC."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    when = when.removeprefix("since ").strip()
    if when in {"today", "yesterday"}:
        return midnight - timedelta(days=when == "yesterday")
    if ago := _AGO.fullmatch(when):
        return now - timedelta(**{_UNITS[ago["unit"]]: int(ago["number"])})
    try:
        moment = datetime.fromisoformat(when.upper())  # it knows Z, and no z
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (
        ValueError,
        OverflowError,
    ):  # in UTC, it may lie before the first year or behind the last
        raise CommandError(
            reason="Since when? For example /catchup 2h, 3d, today, yesterday or 2026-11-20."
        ) from None
