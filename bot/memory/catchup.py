"""What a person missed: the channel since they last spoke, in a few lines, with links."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from bot.domain.errors import CommandError, LimitReached, ModelError
from bot.domain.model import Message
from bot.language.intents.local_days import in_days_of, read_span_in
from bot.language.intents.spans import Span
from bot.memory.summarizer import Summarizer
from bot.store.channels import ChannelState
from bot.store.messages import Messages
from bot.text.plurals import counted

TRIES = 3  # to sum up what changes meanwhile
READ_LIMIT = 1_000  # messages looked at, the newest
AFTER_ALL = 1 << 62  # a number above those of all messages
EVERYTHING = {"all", "everything"}
NOTHING_SINCE = "You missed nothing: nobody said anything since."
NOTHING_THEN = "Nobody said anything then, as far as I remember."
BEFORE_THAT = "Nothing was said since you last wrote. Before that: "

_DATE = re.compile(r"\d{4}-?\d\d-?\d\d")


@dataclass(frozen=True, slots=True)
class Read:
    """What is summed up, what to say before it, and the time that was asked for, if it is over."""

    messages: Sequence[Message]
    before: str = ""
    span: Span | None = None
    zone: tzinfo = UTC


Reader = Callable[[], Awaitable[Read]]

_AGO = re.compile(r"(?P<number>\d{1,4})\s*(?P<unit>m(?!o)|h|d|w)[a-z]*")
_INSTANT = timedelta(microseconds=1)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Catchup:
    """The /catchup command."""

    messages: Messages
    summarizer: Summarizer

    async def summarize_since(
        self, state: ChannelState, person: str, when: str, zone: tzinfo = UTC
    ) -> str:
        """What was said since then, or since the person last spoke. Raises CommandError.

        Days are those of the zone. It is made again where something of it was deleted or edited
        meanwhile.
        """
        when = when.strip().lower()
        return await self._summarize(
            state, person, lambda: self._read_missed(state, person, when, zone)
        )

    async def summarize_thread(self, state: ChannelState, person: str, thread: str) -> str:
        """What a thread says; of one in which nobody else spoke, what the channel does."""

        async def read() -> Read:
            said = await self.messages.thread(
                state.channel, state.id, thread, before=AFTER_ALL, limit=READ_LIMIT
            )
            said = [one for one in said if not one.author.nellie]
            if thread and said:
                return Read(without_requests(said), "In this thread: ")
            newest = await self.messages.newest(state.channel, state.id, limit=READ_LIMIT)
            return Read(without_requests(newest))

        return await self._summarize(state, person, read)

    async def _summarize(self, state: ChannelState, person: str, read: Reader) -> str:
        """What is read, in a few lines; made again where some of it was changed meanwhile."""
        for _ in range(TRIES):
            found = await read()
            if not found.messages:
                return NOTHING_THEN if found.span else NOTHING_SINCE
            text = await self._sum_up(state, person, found)
            if await self._stands(state, found.messages):
                return found.before + text
        raise CommandError(reason="What was said has changed while I summed it up. Ask me again.")

    async def _stands(self, state: ChannelState, messages: Sequence[Message]) -> bool:
        """Whether they are remembered as they were read."""
        found = await self.messages.get(state.channel, state.id, [one.seq for one in messages])
        texts = {one.seq: one.text for one in found}
        return all(texts.get(one.seq) == one.text for one in messages)

    async def _sum_up(self, state: ChannelState, person: str, found: Read) -> str:
        missed = found.messages
        selected = self.summarizer.select_newest(missed)
        since = f"since {missed[0].at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        time = _name(found.span, found.zone) if found.span else since
        head = f"{counted(len(missed), 'message')} {time}"
        if len(selected) < len(missed):
            head += f" (I read the newest {len(selected):,})"
        try:
            return f"{head}:\n{await self.summarizer.summarize(state, selected, 'catchup', person)}"
        except (LimitReached, ModelError) as error:
            raise CommandError(reason=f"I could not sum it up. {error}") from error

    async def _read_missed(self, state: ChannelState, person: str, when: str, zone: tzinfo) -> Read:
        """What was said then; and where nothing was since they spoke, what was before."""
        if when in EVERYTHING:
            newest = await self.messages.newest(state.channel, state.id, limit=READ_LIMIT)
            return Read(without_requests(newest))
        if when:
            span = _parse_span(when, datetime.now(UTC), zone)
            return replace(await self._read_span(state, span), zone=zone)
        spoke = await self.messages.last_said_by(state.id, person)
        missed = await self.messages.newest(state.channel, state.id, after=spoke, limit=READ_LIMIT)
        if missed or not spoke:
            return Read(without_requests(missed))
        # Whoever has only asked Nellie something was there, and has read nothing yet.
        talked = await self.messages.last_said_to_others(state.id, person)
        before = await self.messages.newest(
            state.channel, state.id, after=talked, until=spoke[0], limit=READ_LIMIT
        )
        others = [one for one in before if not (one.addressed and one.author.id == person)]
        return Read(without_requests(others), BEFORE_THAT)

    async def _read_span(self, state: ChannelState, span: Span) -> Read:
        until = span.end and span.end - _INSTANT
        said = await self.messages.newest(
            state.channel, state.id, after=(span.start, 0), until=until, limit=READ_LIMIT
        )
        return Read(without_requests(said), span=span if span.end else None)


def without_requests(messages: Sequence[Message]) -> Sequence[Message]:
    """What people said to each other; where that is nothing, what they said to Nellie."""
    return [one for one in messages if not one.addressed] or messages


def _name(span: Span, zone: tzinfo) -> str:
    """A time that is over, as people read it."""
    start = span.start.astimezone(zone)
    end = (span.end - _INSTANT).astimezone(zone) if span.end else start
    first, last = f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}"
    return f"on {first} ({start:%Z})" if first == last else f"from {first} to {last} ({start:%Z})"


def _parse_span(when: str, now: datetime, zone: tzinfo = UTC) -> Span:
    """The time that "2h", "yesterday", "since 2026-11-20" or "in august" mean, in UTC."""
    bare = when.removeprefix("since ").strip()
    if ago := _AGO.fullmatch(bare):
        return Span(now - timedelta(**{_UNITS[ago["unit"]]: int(ago["number"])}))
    first, _, last = bare.partition("/")
    try:
        start, end = _parse_moment(first, zone), _parse_moment(last, zone) if last else None
        if _DATE.fullmatch(bare) and bare == when:
            next_day = in_days_of(zone, start, lambda shown: shown + timedelta(days=1))
            end = next_day if next_day <= now else end
        return Span(start, end)
    except (ValueError, OverflowError):  # UTC may be before the first year, or after the last
        span = read_span_in(zone, when, now)
        if span and (span.end or not when[0].isdigit()):
            return span
    raise CommandError(
        reason="Since when, or on which day? For example /catchup 2h, 3d, yesterday, 2026-11-20"
        " or since 2026-11-20."
    )


def _parse_moment(text: str, zone: tzinfo) -> datetime:
    moment = datetime.fromisoformat(text.upper())  # it knows Z, and no z
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
