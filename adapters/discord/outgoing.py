"""An answer -> messages: shown early, edited at a pace, split, and whole at the end."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from enum import Enum, auto
from typing import Protocol

from bot.text import split

LIMIT = 1_900  # characters of a message; Discord takes 2,000 of what it counts as characters
PERIOD = 1.2  # seconds between two edits in a channel
SLOWEST = 10.0
SLUGGISH = 1.0  # an edit that takes so long has waited for Discord's limits
AT_ONCE = 0.25  # seconds for an answer to end, so that it needs no edit
EARLY = 0.7  # seconds until the first text is shown, however short it is
WORTH = 40  # characters that are worth showing before that
PATIENT = 3.0  # seconds behind other questions, after which people are told
SETTLED = 64  # characters behind a cut, from which on it stays where it is


class Ending(Enum):
    """What a message offers below its text."""

    OPEN = auto()
    """More is to come: it can be stopped."""
    PART = auto()
    """It is final, and the answer goes on in the next one: nothing."""
    WHOLE = auto()
    """The answer ends here: it can be rated, and asked for again."""


class Gone(Exception):
    """A message, or its channel, has been deleted."""


class Board(Protocol):
    """Where an answer is shown: a channel, or the reply to an interaction."""

    async def post(self, part: int, text: str, ending: Ending) -> str:
        """Show a part, numbered from 0, and return its message's id. Raises Gone."""
        ...

    async def edit(self, post: str, text: str, ending: Ending) -> None:
        """Show it in the place of what stands there. Raises Gone."""
        ...

    async def delete(self, post: str) -> None:
        """Take a message away; one that is gone already is none the worse."""
        ...

    def notice(self) -> str:
        """What to say while there is no word of the answer; empty when nothing holds it up."""
        ...


class Pace:
    """The edits of one channel, whoever's answers they are: so many and no more."""

    def __init__(self, period: float = PERIOD, sharing: Callable[[], int] = lambda: 1) -> None:
        self._least = self.period = period
        self._sharing = sharing
        """How many replicas may be editing in the channel, each of which has such a pace."""
        self._next = 0.0
        self._order = asyncio.Lock()

    async def edit(self, edit: Callable[[], Awaitable[None]]) -> None:
        """Do an edit when it is due; what it shows is to be chosen then, not before."""
        loop = asyncio.get_running_loop()
        async with self._order:
            await asyncio.sleep(max(0.0, self._next - loop.time()))
            begun = loop.time()
            self._next = begun + self.period * self._sharing()
            try:
                await edit()
            finally:
                self._learn(loop.time() - begun)

    def _learn(self, took: float) -> None:
        slower = self.period * 2 if took > SLUGGISH else self.period * 0.8
        self.period = min(SLOWEST, max(self._least, slower))


class Reading:
    """The text so far, of an answer that is read as fast as it comes."""

    def __init__(self, pieces: AsyncIterator[str]) -> None:
        self.text = ""
        self.begun = asyncio.Event()
        self._task = asyncio.create_task(self._read(pieces))

    @property
    def ended(self) -> bool:
        """Whether the text is whole."""
        return self._task.done()

    async def ends(self, within: float) -> bool:
        """Wait for the end, but no longer than that; returns whether it came."""
        await asyncio.wait({self._task}, timeout=within)
        return self.ended

    async def begins(self, within: float) -> bool:
        """Wait for the first word, or the end without one, but no longer than that."""
        first = asyncio.ensure_future(self.begun.wait())
        either = {first, self._task}
        done, _ = await asyncio.wait(either, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        first.cancel()
        return bool(done)

    async def whole(self) -> str:
        """The whole text; raises what broke it off."""
        await self._task
        return self.text

    async def close(self) -> None:
        """Read no more."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _read(self, pieces: AsyncIterator[str]) -> None:
        async for piece in pieces:
            self.text += piece
            if self.text.strip():
                self.begun.set()


class Answer:
    """An answer's messages: what stands in each, so that only what differs is sent."""

    def __init__(self, board: Board, pace: Pace, posted: Sequence[str] = ()) -> None:
        self.posts = list(posted)
        self._stands: list[tuple[str, Ending] | None] = [None] * len(self.posts)
        self._renewed = len(self.posts)
        """Messages of an earlier attempt: where one is gone, a new one takes its place."""
        self._board = board
        self._pace = pace

    async def show(self, pieces: AsyncIterator[str]) -> None:
        """Show it as it comes, and whole at the end. Raises Gone, and what the text raises."""
        reading = Reading(pieces)
        try:
            await self._begins(reading)
            await self._wait_for_enough(reading)
            while not reading.ended:
                await self._bring(reading, final=False)
                await reading.ends(within=self._pace.period)
            await reading.whole()
            await self._bring(reading, final=True)
            await self._clear(len(parts(reading.text)))
        finally:
            await reading.close()

    async def _begins(self, reading: Reading) -> None:
        """Wait for the first word; who waits behind others is told how many, in its place."""
        noticed = False
        while not await reading.begins(within=PATIENT):
            notice = self._board.notice(), Ending.OPEN
            if noticed and notice[0] and self._stands[0] != notice:
                await self._pace.edit(functools.partial(self._replace, 0, *notice))
            elif notice[0] and not self.posts:
                self.posts.append(await self._board.post(0, *notice))
                self._stands.append(notice)
                noticed = True

    async def _wait_for_enough(self, reading: Reading) -> None:
        if await reading.ends(within=AT_ONCE) or len(reading.text) >= WORTH:
            return
        await reading.ends(within=EARLY - AT_ONCE)

    async def _bring(self, reading: Reading, *, final: bool) -> None:
        """Bring every message up to date, the last one last, each final before the next."""
        number = 0
        while number < len(wanted := layout(reading.text, final=final)):
            if number >= len(self.posts):
                text, ending = wanted[number]
                self.posts.append(await self._board.post(number, text, ending))
                self._stands.append((text, ending))
            elif self._stands[number] != wanted[number]:
                await self._edit(reading, number, final=final)
            number += 1

    async def _edit(self, reading: Reading, number: int, *, final: bool) -> None:
        async def latest() -> None:
            wanted = layout(reading.text, final=final or reading.ended)
            if number < len(wanted) and self._stands[number] != wanted[number]:
                await self._replace(number, *wanted[number])

        await self._pace.edit(latest)

    async def _replace(self, number: int, text: str, ending: Ending) -> None:
        try:
            await self._board.edit(self.posts[number], text, ending)
        except Gone:
            if self._stands[number] or number >= self._renewed:
                raise  # someone took it away just now: they do not want it back
            self.posts[number] = await self._board.post(number, text, ending)
        self._stands[number] = (text, ending)

    async def _clear(self, needed: int) -> None:
        for post in self.posts[needed:]:
            with suppress(Gone):
                await self._board.delete(post)
        del self.posts[needed:]


def parts(text: str) -> list[str]:
    """The messages that a whole text takes."""
    return split(text, LIMIT)


def layout(text: str, *, final: bool) -> list[tuple[str, Ending]]:
    """What each message shows, of a text that may still grow."""
    pieces = parts(text)
    if not final and len(pieces) > 1 and len(pieces[-1]) < SETTLED:
        pieces.pop()  # the cut before it may yet move
    last = Ending.WHOLE if final else Ending.OPEN
    return [
        (piece, last if number == len(pieces) else Ending.PART)
        for number, piece in enumerate(pieces, 1)
    ]
