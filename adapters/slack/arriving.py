"""An answer as it arrives: what is there so far, and waiting for more, for at most so long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SHORT = 200  # characters up to which an answer is worth waiting for
WAIT = 0.5  # seconds that it is waited for


class Arriving:
    """The text so far; `whole` once it has ended."""

    def __init__(self) -> None:
        self.text = ""
        self.whole = False
        self._taken = 0
        self._news = asyncio.Event()
        self._end = asyncio.Event()
        self._error: BaseException | None = None

    def take(self) -> str:
        """What has come since the last call. Raises what the text's source raised."""
        if self._error:
            raise self._error
        new, self._taken = self.text[self._taken :], len(self.text)
        self._news.clear()
        return new

    async def more(self, seconds: float | None = None) -> None:
        """Return when something has come, or the end, or after so many seconds."""
        if self.whole or self._error:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return

    async def ended(self, seconds: float) -> None:
        """Return at the end, or after so many seconds."""
        if self.whole or self._error:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._end.wait()
        except TimeoutError:
            return

    async def enough(self) -> None:
        """Return when it is whole, or long enough to be worth showing before its end."""
        await self.more()
        end = asyncio.get_running_loop().time() + WAIT
        while not self.whole and not self._error and len(self.text) < SHORT:
            left = end - asyncio.get_running_loop().time()
            if left <= 0:
                return
            self._news.clear()
            await self.more(left)

    async def read(self, pieces: AsyncIterator[str]) -> None:
        """Read to the end; what goes wrong is for whoever takes the text."""
        try:
            async for piece in pieces:
                self.text += piece
                self._news.set()
        except BaseException as error:
            self._error = error
            raise
        else:
            self.whole = True
        finally:
            self._news.set()
            self._end.set()


@asynccontextmanager
async def arriving(pieces: AsyncIterator[str]) -> AsyncIterator[Arriving]:
    """Read the pieces meanwhile."""
    answer = Arriving()
    reading = asyncio.create_task(answer.read(pieces))
    try:
        yield answer
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
