"""An answer -> messages: shown early, edited at a pace, split, and whole at the end."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from enum import Enum, auto
from functools import partial
from typing import Protocol

from adapters.discord.rate_limits import Pace
from adapters.kit.stream_buffer import StreamBuffer, buffer_stream
from bot.text.chunking import split
from bot.text.graphemes import UTF_16

LIMIT = 1_900  # characters of a message; Discord takes 2,000 of what it counts as characters
NOTICE_AFTER = 3.0  # seconds behind other questions or tools, after which the asker is told
SETTLED = 64  # characters behind a cut, from which on the cut stays where it is


class Ending(Enum):
    """What a message offers below its text."""

    OPEN = auto()
    """More is to come: the answer can be stopped."""
    PART = auto()
    """It is final, and the answer goes on in the next message: nothing."""
    WHOLE = auto()
    """The answer ends here: it can be rated, and retried."""


class Gone(Exception):
    """A message, its channel, or the only way to reach it does not exist any more."""


class Surface(Protocol):
    """Where an answer is shown: a channel, or the response to an interaction."""

    async def post(self, part: int, text: str, ending: Ending) -> str:
        """Show a part, numbered from 0, and return its message's id. Raises Gone."""
        ...

    async def edit(self, post_id: str, text: str, ending: Ending) -> None:
        """Replace what a message shows. Raises Gone."""
        ...

    async def delete(self, post_id: str) -> None:
        """Delete a message. Raises Gone."""
        ...

    def notice(self) -> str:
        """What to show before the answer's first word; empty when nothing holds it up."""
        ...


class Answer:
    """An answer's messages: what each one shows, so that only what differs is sent."""

    def __init__(self, surface: Surface, pace: Pace, posted: Sequence[str] = ()) -> None:
        self.posts = list(posted)
        self._shown: list[tuple[str, Ending] | None] = [None] * len(self.posts)
        self._inherited = len(self.posts)
        """Messages of an earlier attempt: where one is gone, a new one takes its place."""
        self._surface = surface
        self._pace = pace

    async def show(self, pieces: AsyncIterator[str]) -> None:
        """Show it as it comes, and whole at the end. Raises Gone, and what the text raises."""
        async with buffer_stream(pieces) as buffer:
            await self._wait_for_words(buffer)
            await buffer.wait_for_first_text()
            while not buffer.ended:
                await self._update(buffer, final=False)
                await buffer.wait_for_end(self._pace.period)
            await buffer.read_all()
            await self._update(buffer, final=True)
            await self._delete_surplus(len(parts(buffer.text)))

    async def show_again(self) -> None:
        """Show its last message as it is, with the buttons that it has by now. Raises Gone."""
        if self.posts and (shown := self._shown[-1]):
            await self._surface.edit(self.posts[-1], *shown)

    async def _wait_for_words(self, buffer: StreamBuffer) -> None:
        """Until then, what holds it up stands in the answer's place: others' questions, tools."""
        noticed = False
        while not await buffer.wait_for_words(NOTICE_AFTER):
            notice = self._surface.notice(), Ending.OPEN
            if noticed and notice[0] and self._shown[0] != notice:
                await self._pace.edit(partial(self._replace, 0, *notice))
            elif notice[0] and not self.posts:
                await self._post(*notice)
                noticed = True

    async def _update(self, buffer: StreamBuffer, *, final: bool) -> None:
        """Bring every message up to date, in order: each is final before the next is posted."""
        number = 0
        while number < len(wanted := layout(buffer.text, final=final)):
            if number >= len(self.posts):
                await self._post(*wanted[number])
            elif self._shown[number] != wanted[number]:
                await self._edit(buffer, number, final=final)
            number += 1

    async def _post(self, text: str, ending: Ending) -> None:
        self.posts.append(await self._surface.post(len(self.posts), text, ending))
        self._shown.append((text, ending))

    async def _edit(self, buffer: StreamBuffer, number: int, *, final: bool) -> None:
        async def edit() -> None:  # shows what is there when the edit is due
            wanted = layout(buffer.text, final=final or buffer.ended)
            if number < len(wanted) and self._shown[number] != wanted[number]:
                await self._replace(number, *wanted[number])

        await self._pace.edit(edit)

    async def _replace(self, number: int, text: str, ending: Ending) -> None:
        try:
            await self._surface.edit(self.posts[number], text, ending)
        except Gone:
            if self._shown[number] or number >= self._inherited:
                raise  # someone deleted it just now: they do not want it back
            self.posts[number] = await self._surface.post(number, text, ending)
        self._shown[number] = (text, ending)

    async def _delete_surplus(self, needed: int) -> None:
        for post_id in self.posts[needed:]:
            with suppress(Gone):
                await self._surface.delete(post_id)
        del self.posts[needed:], self._shown[needed:]


def parts(text: str) -> list[str]:
    """The texts of the messages that an answer takes."""
    return split(text, LIMIT, UTF_16)


def layout(text: str, *, final: bool) -> list[tuple[str, Ending]]:
    """What each message shows, of a text that may still grow."""
    texts = parts(text)
    if not final and len(texts) > 1 and len(texts[-1]) < SETTLED:
        texts.pop()  # the cut before it may yet move
    last = Ending.WHOLE if final else Ending.OPEN
    return [
        (part, last if number == len(texts) else Ending.PART)
        for number, part in enumerate(texts, 1)
    ]
