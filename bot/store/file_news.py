"""What happens to files, told to those who wait: here, and in other replicas."""

import asyncio
from collections import defaultdict
from contextlib import suppress

FILE_NEWS = "nellie_file"
"""Where replicas tell each other in which channel a file was read, or could not be."""


class FileNews:
    """Wakes who waits for files of a channel, and the queue when one has come."""

    def __init__(self) -> None:
        self._waiting: defaultdict[int, set[asyncio.Future[None]]] = defaultdict(set)
        self._come = asyncio.Event()

    def tell(self, channel_id: int) -> None:
        """Something about a file of this channel has changed."""
        for waiter in self._waiting.get(channel_id, ()):
            if not waiter.done():
                waiter.set_result(None)

    async def wait(self, channel_id: int, seconds: float) -> None:
        """Wait until something about the files of a channel changes, and no longer than that.

        Look at them (PostedFiles.of_messages) before and after: news that came before nobody keeps,
        and a replica that is not connected hears none.
        """
        waiter = asyncio.get_running_loop().create_future()
        self._waiting[channel_id].add(waiter)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await waiter
        finally:
            self._waiting[channel_id].discard(waiter)
            if not self._waiting[channel_id]:
                del self._waiting[channel_id]

    def come(self) -> None:
        """A message with files was stored here."""
        self._come.set()

    async def wait_for_more(self, seconds: float) -> None:
        """Wait until a file comes here, and no longer than that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._come.wait()
        self._come.clear()
