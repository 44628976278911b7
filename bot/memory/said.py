"""What was said in a time, in a thread or last, for summaries and other tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo

from bot.domain.model import Message
from bot.language.intents.spans import Span
from bot.store.channels import ChannelState
from bot.store.messages import Messages
from bot.text.plurals import counted

READ_LIMIT = 1_000  # messages looked at, the newest
AFTER_ALL = 1 << 62  # a number above those of all messages

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Said:
    """Reads a channel's messages, in the order of time."""

    messages: Messages

    async def in_span(self, state: ChannelState, span: Span) -> Sequence[Message]:
        """What people said then."""
        until = span.end and span.end - _INSTANT
        said = await self.messages.newest(
            state.channel, state.id, after=(span.start, 0), until=until, limit=READ_LIMIT
        )
        return without_requests(said)

    async def in_thread(self, state: ChannelState, thread: str) -> Sequence[Message]:
        """What people said in a thread, what it begins with included."""
        said = await self.messages.thread(
            state.channel, state.id, thread, before=AFTER_ALL, limit=READ_LIMIT
        )
        return without_requests([one for one in said if not one.author.nellie])

    async def newest(self, state: ChannelState) -> Sequence[Message]:
        """What people said last."""
        said = await self.messages.newest(state.channel, state.id, limit=READ_LIMIT)
        return without_requests(said)

    async def stands(self, state: ChannelState, messages: Sequence[Message]) -> bool:
        """Whether they are remembered as they were read."""
        found = await self.messages.get(state.channel, state.id, [one.seq for one in messages])
        texts = {one.seq: one.text for one in found}
        return all(texts.get(one.seq) == one.text for one in messages)


def without_requests(messages: Sequence[Message]) -> Sequence[Message]:
    """What people said to each other; where that is nothing, what they said to Nellie."""
    return [one for one in messages if not one.addressed] or messages


def describe(messages: Sequence[Message], span: Span | None = None, zone: tzinfo = UTC) -> str:
    """ "14 messages since 2026-11-20 09:05 UTC"; of a time that is over, which one it was."""
    since = f"since {messages[0].at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"{counted(len(messages), 'message')} {_name(span, zone) if span else since}"


def _name(span: Span, zone: tzinfo) -> str:
    """A time that is over, as people read it."""
    start = span.start.astimezone(zone)
    end = (span.end - _INSTANT).astimezone(zone) if span.end else start
    first, last = f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}"
    return f"on {first} ({start:%Z})" if first == last else f"from {first} to {last} ({start:%Z})"
