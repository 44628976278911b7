"""What a person missed: the channel since they last spoke, in a few lines, with links."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from bot.domain.errors import CommandError, LimitReached, ModelError
from bot.domain.model import Message
from bot.language.intents.typed_times import read_time
from bot.memory.said import READ_LIMIT, Said, describe, without_requests
from bot.memory.summarizer import Summarizer
from bot.store.channels import ChannelState
from bot.store.messages import Messages

TRIES = 3  # to sum up what changes meanwhile
EVERYTHING = {"all", "everything"}
NOTHING_SINCE = "You missed nothing: nobody said anything since."
NOTHING_THEN = "Nobody said anything then, as far as I remember."
BEFORE_THAT = "Nothing was said since you last wrote. Before that: "
WHEN = (
    "Since when, or on which day? For example /catchup 2h, 3d, yesterday, 2026-11-20"
    " or since 2026-11-20."
)


@dataclass(frozen=True, slots=True)
class Read:
    """What is summed up, what it is called, and what to say before that."""

    messages: Sequence[Message]
    what: str = ""
    """As `describe` says it; empty for what was said since its first message."""
    before: str = ""
    nothing: str = NOTHING_SINCE
    """What people are told where there are no messages."""


Reader = Callable[[], Awaitable[Read]]


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
        return await self.summarize(
            state, person, lambda: self._read_missed(state, person, when, zone)
        )

    async def summarize_thread(self, state: ChannelState, person: str, thread: str) -> str:
        """What a thread says; of one in which nobody else spoke, what the channel does."""

        async def read() -> Read:
            said = await self._said.in_thread(state, thread) if thread else ()
            if said:
                return Read(said, before="In this thread: ")
            return Read(await self._said.newest(state))

        return await self.summarize(state, person, read)

    async def summarize(self, state: ChannelState, person: str, read: Reader) -> str:
        """What is read, in a few lines; made again where some of it was changed meanwhile."""
        for _ in range(TRIES):
            found = await read()
            if not found.messages:
                return found.nothing
            text = await self._sum_up(state, person, found)
            if await self._said.stands(state, found.messages):
                return found.before + text
        raise CommandError(reason="What was said has changed while I summed it up. Ask me again.")

    @property
    def _said(self) -> Said:
        return Said(self.messages)

    async def _sum_up(self, state: ChannelState, person: str, found: Read) -> str:
        missed = found.messages
        selected = self.summarizer.select_newest(missed)
        head = found.what or describe(missed)
        if len(selected) < len(missed):
            head += f" (I read the newest {len(selected):,})"
        try:
            return f"{head}:\n{await self.summarizer.summarize(state, selected, 'catchup', person)}"
        except (LimitReached, ModelError) as error:
            raise CommandError(reason=f"I could not sum it up. {error}") from error

    async def _read_missed(self, state: ChannelState, person: str, when: str, zone: tzinfo) -> Read:
        """What was said then; and where nothing was since they spoke, what was before."""
        if when in EVERYTHING:
            return Read(await self._said.newest(state))
        if when:
            return await self._read_time(state, when, zone)
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
        return Read(without_requests(others), before=BEFORE_THAT)

    async def _read_time(self, state: ChannelState, when: str, zone: tzinfo) -> Read:
        span = read_time(when, datetime.now(UTC), zone)
        if span is None:
            raise CommandError(reason=WHEN)
        said = await self._said.in_span(state, span)
        if span.end is None:
            return Read(said)
        return Read(said, describe(said, span, zone) if said else "", nothing=NOTHING_THEN)
