"""Model text that has arrived and waits to be shown."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

BURST = 0.05  # seconds in which an answer ends that comes at once: it is shown whole then
WORTH_WAITING = 0.25  # seconds from the first word, after which what there is is shown

_SENTENCE = re.compile(r"""\w[^\n]*?(?:[.!?…]["'”’»)\]]*\s|[。！？]|\n)""")


class StreamBuffer:
    """The text of one answer so far, read as fast as it comes. Get one from `buffer_stream`."""

    def __init__(self, pieces: AsyncIterator[str]) -> None:
        self.text = ""
        self.complete = False
        """The source has ended, and `text` is all of it."""
        self._taken = 0
        self._changed = asyncio.Event()
        self._reading = asyncio.create_task(self._read(pieces))
        self._reading.add_done_callback(lambda task: self._changed.set())

    @property
    def ended(self) -> bool:
        """Nothing more will come: the source has ended or failed."""
        return self._reading.done()

    @property
    def has_words(self) -> bool:
        """There is something to show."""
        return bool(self.text.strip())

    def take(self) -> str:
        """The text that has come since the last call. Raises what the source raised."""
        self._raise_failure()
        new, self._taken = self.text[self._taken :], len(self.text)
        return new

    async def wait_for_words(self, seconds: float | None = None) -> bool:
        """Wait for the first word or for the end; returns False when neither came in time."""
        return await self._wait(lambda: self.has_words, seconds)

    async def wait_for_more(self, seconds: float | None = None) -> bool:
        """Wait for text that was not taken or for the end; returns False when neither came."""
        return await self._wait(lambda: len(self.text) > self._taken, seconds)

    async def wait_for_first_text(self) -> None:
        """Once there are words: wait for a sentence, 0.25 s or the end, whichever comes first."""
        await self._wait(lambda: bool(_SENTENCE.search(self.text)), WORTH_WAITING - BURST)
        await self.wait_for_end(BURST)

    async def wait_for_end(self, seconds: float | None = None) -> bool:
        """Wait for the end; returns False when it did not come in time. Raises nothing."""
        await asyncio.wait({self._reading}, timeout=seconds)
        return self.ended

    async def read_all(self) -> str:
        """Wait for the end and return the whole text. Raises what the source raised."""
        await self.wait_for_end()
        self._raise_failure()
        return self.text

    async def close(self) -> None:
        """Stop reading."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    def _raise_failure(self) -> None:
        if self._reading.done() and (error := self._reading.exception()):
            raise error

    async def _wait(self, condition: Callable[[], bool], seconds: float | None) -> bool:
        try:
            # Not wait_for, which may swallow a cancellation in Python 3.11.
            async with asyncio.timeout(seconds):
                while not (condition() or self.ended):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return condition() or self.ended
        return True

    async def _read(self, pieces: AsyncIterator[str]) -> None:
        async for piece in pieces:
            self.text += piece
            self._changed.set()
        self.complete = True


@asynccontextmanager
async def buffer_stream(pieces: AsyncIterator[str]) -> AsyncIterator[StreamBuffer]:
    """Read the pieces in the background; leaving the block stops the reading."""
    buffer = StreamBuffer(pieces)
    try:
        yield buffer
    finally:
        await buffer.close()
