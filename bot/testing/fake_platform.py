"""A platform that keeps what it was shown, and is slow, cut off or away when told to."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from bot.domain.consents import ConsentQuestion
from bot.domain.documents import NotReadable, PostedFile
from bot.domain.model import Channel, Message, Turn
from bot.domain.pings import Ping
from bot.domain.ports import Adapter, Commands, DeliveryLog, Inbox, TurnControl
from bot.domain.standing import Place, Standing

ADDRESS = "https://fake.example/"
"""What the links of messages begin with that stand on a fake platform."""
PIECE = 64_000
"""Bytes of a file that come at once."""
NEVER = datetime.min.replace(tzinfo=UTC)


class FakePlatform(Adapter):
    """Everything that was shown on it stays readable: by turn, as it stands now."""

    def __init__(
        self,
        *,
        name: str = "fake",
        messages: Sequence[Message] = (),
        failures: int = 0,
        delay: float = 0,
    ) -> None:
        self.name = name
        self.messages = list(messages)
        """What its history holds, oldest first."""
        self.failures = failures
        """So many deliveries break after their first piece, before one succeeds."""
        self.delay = delay
        """Seconds that it takes to show a piece."""
        self.away = False
        """Whether it cannot be reached: then everything that is asked of it fails."""
        self.zones: dict[str, tzinfo] = {}
        """By person, where their days begin and end."""
        self.shown: dict[int, str] = {}
        """By turn, the text that stands there now."""
        self.pieces: dict[int, list[str]] = {}
        """By turn, the pieces in which its last delivery came."""
        self.consents: dict[int, tuple[ConsentQuestion, ...]] = {}
        """By turn, what its answer asks at its end."""
        self.pinged: dict[int, tuple[Ping, ...]] = {}
        """By turn, whom its post pings."""
        self.turns: dict[int, Turn] = {}
        """By id, the turns as they were delivered last."""
        self.started: list[int] = []
        """Turns in the order in which their deliveries began, repetitions included."""
        self.finished: list[int] = []
        """Turns in the order in which their deliveries ended well."""
        self.found_posts: dict[int, tuple[str, ...]] = {}
        """By turn, what `posted` finds here, where it differs from what the turn knows."""
        self.quotable: dict[str, Message] = {}
        """By id, the messages that a question may be about (`Message.reply_to`)."""
        self.admins: set[str] = set()
        """The ids of people with rights over every channel."""
        self.readers: dict[str, set[str]] = {}
        """By the id of a channel, the ids of the people who may read it."""
        self.asked_of_readers: list[tuple[str, str]] = []
        """What was asked of them: the channel and the person, in that order."""
        self.knows_all_readers = False
        """Whether it says of many channels at once who reads them."""
        self.asked_of_all: list[str] = []
        """Of which people it was asked so."""
        self.something_shown = asyncio.Event()
        self.files: dict[str, bytes | Exception] = {}
        """By the id of a file, its bytes, or why it is not handed over."""
        self.slow_files: dict[str, float] = {}
        """By the id of a file, the seconds that each of its pieces takes."""
        self.opened: list[tuple[str, str, bool]] = []
        """The files that were asked for: the message's id, theirs, and whether small."""
        self.file_asked_for = asyncio.Event()
        self.edited_at: dict[str, datetime] = {}
        """By id, when a message of the history was edited."""

    def edit(self, message_id: str, text: str) -> None:
        """The author of a message rewrites it; nobody hears of it."""
        at = self.edited_at[message_id] = datetime.now(UTC)
        self.messages = [
            replace(one, text=text, edited_at=at) if one.id == message_id else one
            for one in self.messages
        ]

    def delete(self, *message_ids: str) -> None:
        """Somebody deletes messages; nobody hears of it."""
        self.messages = [one for one in self.messages if one.id not in message_ids]

    async def run(self, inbox: Inbox, turns: TurnControl, commands: Commands) -> None:
        """Nothing comes in by itself: tests report to the inbox themselves."""

    def connected(self) -> bool:
        """Whether it can be reached."""
        return not self.away

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        """Show the text as it comes. Raises ConnectionError when told to."""
        self._reach()
        self.started.append(turn.id)
        self.turns[turn.id] = turn
        self.pieces[turn.id] = []
        async for piece in text:
            delivery_log.require_lease()
            await self._show(turn, piece)
            await delivery_log.add(f"post-{turn.id}")
            self.something_shown.set()
            if self.failures:
                self.failures -= 1
                raise ConnectionError("the platform cut the connection")
        self.consents[turn.id] = delivery_log.consents
        self.pinged[turn.id] = delivery_log.pings
        self.finished.append(turn.id)

    async def has_rights_over(self, channel: Channel, person_id: str) -> bool:
        """Whether a person is among its admins."""
        self._reach()
        return person_id in self.admins

    async def time_zone(self, person_id: str) -> tzinfo:
        """Theirs, where it is known."""
        self._reach()
        return self.zones.get(person_id, UTC)

    async def may_read(self, channel: Channel, person_id: str) -> bool | None:
        """Whether a person is among a channel's readers; None where it has none."""
        self._reach()
        self.asked_of_readers.append((channel.id, person_id))
        readers = self.readers.get(channel.id)
        return None if readers is None else person_id in readers

    async def readable(self, channels: Sequence[Channel], person_id: str) -> Mapping[Channel, bool]:
        """Of which channels a person is among the readers, where it says that of all at once."""
        self._reach()
        if not self.knows_all_readers:
            return {}
        self.asked_of_all.append(person_id)
        return {one: person_id in self.readers.get(one.id, ()) for one in channels}

    async def posted(self, turn: Turn) -> tuple[str, ...]:
        """What stands here of this turn."""
        self._reach()
        return self.found_posts.get(turn.id, turn.posted)

    async def open_file(
        self, channel: Channel, message_id: str, file: PostedFile, *, small: bool = False
    ) -> AsyncIterator[bytes]:
        """The bytes of a file that stands here. Raises NotReadable, or what it was told to."""
        self._reach()
        self.opened.append((message_id, file.id, small))
        self.file_asked_for.set()
        held = self.files.get(file.id, NotReadable("it is no longer there"))
        if isinstance(held, Exception):
            raise held
        for start in range(0, len(held), PIECE):
            await asyncio.sleep(self.slow_files.get(file.id, 0))
            yield held[start : start + PIECE]

    async def quoted(self, turn: Turn) -> tuple[Message, ...]:
        """The message that a question is about."""
        self._reach()
        found = self.quotable.get(turn.trigger.reply_to)
        return (found,) if found else ()

    async def history(self, channel: Channel, after: datetime) -> AsyncIterator[Message]:
        """What was said in the channel since then."""
        self._reach()
        for message in self.messages:
            if message.channel == channel and message.at >= after:
                yield message

    async def standing(
        self, channel: Channel, place: Place, edited_since: datetime
    ) -> AsyncIterator[Standing]:
        """What stands in a place, in one span."""
        self._reach()
        found = [
            message
            for message in self.messages
            if message.channel == channel
            and place.first <= message.at <= place.last
            and (message.thread or message.id) == (place.thread or message.id)
        ]
        times = [(self.edited_at.get(one.id, NEVER), one) for one in found]
        edited = [(at, one) for at, one in times if at >= edited_since]
        yield Standing(place, frozenset(one.id for one in found), ADDRESS, tuple(edited))

    def _reach(self) -> None:
        if self.away:
            raise ConnectionError("the platform is away")

    async def _show(self, turn: Turn, piece: str) -> None:
        if self.delay:
            await asyncio.sleep(self.delay)
        self._reach()
        self.pieces[turn.id].append(piece)
        self.shown[turn.id] = "".join(self.pieces[turn.id])
