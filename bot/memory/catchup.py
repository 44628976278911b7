"""What a person missed: the channel since they last spoke, in a few lines, with links."""

import re
from collections.abc import Awaitable, Callable, Sequence
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
AFTER_ALL = 1 << 62  # a number above those of all messages
EVERYTHING = {"all", "everything"}
BEFORE_THAT = "Nothing was said since you last wrote. Before that: "

Reader = Callable[[], Awaitable[tuple[str, list[Message]]]]
"""Reads what is summed up, and what to say before it."""

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
        when = when.strip().lower()
        return await self._summarize(state, person, lambda: self._read_missed(state, person, when))

    async def summarize_thread(self, state: ChannelState, person: str, thread: str) -> str:
        """What a thread says; of one in which nobody else spoke, what the channel does."""

        async def read() -> tuple[str, list[Message]]:
            said = await self.messages.thread(
                state.channel, state.id, thread, before=AFTER_ALL, limit=READ_LIMIT
            )
            said = [one for one in said if not one.author.nellie]
            if thread and said:
                return "In this thread: ", said
            newest = await self.messages.newest(state.channel, state.id, limit=READ_LIMIT)
            return "", without_questions_of(person, newest)

        return await self._summarize(state, person, read)

    async def _summarize(self, state: ChannelState, person: str, read: Reader) -> str:
        """What is read, in a few lines; made again where some of it was changed meanwhile."""
        for _ in range(TRIES):
            head, messages = await read()
            if not messages:
                return "You missed nothing: nobody said anything since."
            text = await self._sum_up(state, person, messages)
            if await self._stands(state, messages):
                return head + text
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

    async def _read_missed(
        self, state: ChannelState, person: str, when: str
    ) -> tuple[str, list[Message]]:
        """What was said since then; and where nothing was since they spoke, what was before."""
        if when in EVERYTHING:
            return "", await self.messages.newest(state.channel, state.id, limit=READ_LIMIT)
        spoke = None if when else await self.messages.last_said_by(state.id, person)
        after = (_parse_start(when, datetime.now(UTC)), 0) if when else spoke
        missed = await self.messages.newest(state.channel, state.id, after=after, limit=READ_LIMIT)
        if missed or not spoke:
            return "", missed
        # Whoever has only asked Nellie something was there, and has read nothing yet.
        talked = await self.messages.last_said_to_others(state.id, person)
        before = await self.messages.newest(
            state.channel, state.id, after=talked, until=spoke[0], limit=READ_LIMIT
        )
        return BEFORE_THAT, without_questions_of(person, before)


def without_questions_of(person: str, messages: Sequence[Message]) -> list[Message]:
    """What others said, and what they said to others."""
    return [one for one in messages if not (one.addressed and one.author.id == person)]


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
