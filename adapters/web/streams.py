"""Answers as they are made, in this process: text so far, and who waits for more of it.

Readers hold nothing: each takes the text as it stands when it can write. What has ended is kept
for minutes, for it may be remembered nowhere else: a private answer, or that there is none.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.domain.bounded_cache import BoundedCache
from bot.domain.errors import NellieError
from bot.domain.model import Channel, Turn
from bot.domain.ports import DeliveryLog

KEPT_FOR = 900.0  # seconds that an answer is kept once it has ended
KEPT = 300  # answers
LONGEST_KEPT = 4_000_000  # characters of them all
READERS = 20  # of one session


class TooManyReaders(NellieError):
    """A browser looks on at very many answers at the same time."""

    text = "You look at too many answers at once: close some of their pages."


@dataclass(slots=True)
class Stream:
    """One answer."""

    turn: Turn
    log: DeliveryLog
    is_open: bool = True
    was_cut: bool = False
    """It can be gone on with."""
    asks: bool = False
    """It asks something at its end."""
    ended_at: float = 0.0
    changes: int = 0
    _parts: list[str] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def text(self) -> str:
        """As much of it as there is."""
        if len(self._parts) > 1:
            self._parts[:] = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""

    @property
    def status(self) -> str:
        """What she is doing."""
        return self.log.status if self.is_open else ""

    def add(self, piece: str) -> None:
        """More of it has come."""
        self._parts.append(piece)
        self.tell()

    def tell(self) -> None:
        """Wake whoever waits."""
        self.changes += 1
        self._changed.set()

    async def wait(self, seen: int, seconds: float) -> bool:
        """Whether it has changed since then, now or soon."""
        try:
            async with asyncio.timeout(seconds):
                while self.is_open and self.changes == seen:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pass
        return self.changes != seen


@dataclass(frozen=True, slots=True)
class Place:
    """Where a turn was asked at the page, and how often something was taken back there by then."""

    channel_id: int
    forgotten: int


class Streams:
    """Those of this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.closing = asyncio.Event()
        """The server is told to stop."""
        self._clock = clock
        self._streams: dict[int, Stream] = {}
        self._places: BoundedCache[int, Place] = BoundedCache(2 * KEPT)
        self._readers: dict[int, int] = {}

    def begin(self, turn: Turn, log: DeliveryLog) -> Stream:
        """An answer is made, from its beginning; a former attempt gives way to it."""
        former = self._streams.pop(turn.id, None)
        stream = self._streams[turn.id] = Stream(turn, log)
        if former:
            former.is_open = False
            former.tell()
        return stream

    def end(self, stream: Stream) -> None:
        """Nothing more of it will come from here."""
        stream.was_cut, stream.asks = stream.log.can_go_on, bool(stream.log.consents)
        stream.is_open, stream.ended_at = False, self._clock()
        stream.tell()
        self._let_go()

    def find(self, turn_id: int) -> Stream | None:
        """An answer that is made here, or was a while ago."""
        self._let_go()
        return self._streams.get(turn_id)

    def note(self, turn_id: int, place: Place) -> None:
        """Where a turn was asked: once something is taken back there, its end is shown no more."""
        self._places[turn_id] = place

    def place(self, turn_id: int) -> Place | None:
        """Where it was asked, as far as that was noted."""
        return self._places.get(turn_id)

    def asked_by(self, person_id: str, channel: Channel, forgotten: int) -> list[Stream]:
        """What a person asked in a channel, and is to be shown still; the oldest first."""
        self._let_go()
        return [
            one
            for id_, one in sorted(self._streams.items())
            if one.turn.channel == channel
            and one.turn.asker.id == person_id
            and (place := self._places.get(id_)) is not None
            and place.forgotten == forgotten
        ]

    @contextmanager
    def reader(self, session: int) -> Iterator[None]:
        """Somebody looks on for as long as the block lasts. Raises TooManyReaders."""
        if self._readers.get(session, 0) >= READERS:
            raise TooManyReaders
        self._readers[session] = self._readers.get(session, 0) + 1
        try:
            yield
        finally:
            self._readers[session] -= 1
            if not self._readers[session]:
                del self._readers[session]

    def _let_go(self) -> None:
        """Drop what ended long ago, and the oldest of too much."""
        ended = [(one.ended_at, id_) for id_, one in self._streams.items() if not one.is_open]
        length = sum(len(self._streams[id_].text) for _, id_ in ended)
        left = len(ended)
        for at, id_ in sorted(ended):
            is_old = at + KEPT_FOR <= self._clock()
            if not (is_old or left > KEPT or length > LONGEST_KEPT):
                return
            length -= len(self._streams.pop(id_).text)
            left -= 1
