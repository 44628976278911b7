"""Lines of standard input, read in a thread that never holds up the exit."""

import asyncio
import contextlib
import threading


class Keyboard:
    """What is typed or piped in, one line at a time; none is read before it is asked for."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._wanted = threading.Semaphore(0)
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, daemon=True).start()

    def open(self) -> None:
        """It reads from the start."""

    async def read_line(self) -> str | None:
        """The next line without its end; None at the end of input."""
        self._wanted.release()
        return await self._lines.get()

    def forget(self) -> None:
        """It offers nothing again."""

    async def close(self) -> None:
        """Its thread ends with the process."""

    def _read(self) -> None:
        # Not sys.stdin: Python's exit would wait for the lock that a reading thread holds.
        with contextlib.suppress(OSError), open(self._descriptor, "rb", closefd=False) as stream:
            while self._wanted.acquire() and (raw := stream.readline()):
                self._put(raw.decode("utf-8", errors="replace").rstrip("\r\n"))
        self._put(None)

    def _put(self, line: str | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody reads on
            self._loop.call_soon_threadsafe(self._lines.put_nowait, line)
