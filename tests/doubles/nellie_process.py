"""Nellie as people run it: `nellie run`, in a process of its own."""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doubles.loaded_nellie import start_nellie

_OTHERS = ("NELLIE_", "DISCORD_", "SLACK_", "OPENAI_", "DATABASE_URL")
"""What this machine may have set: the process gets what the test gives it instead."""
_STOPPING = 15  # seconds that it has to end
_LOOKS = 0.02  # seconds between two looks whether it has
_ROOT = Path(__file__).parents[2]


@dataclass(eq=False)
class NellieProcess:
    """A running `nellie run`."""

    process: "subprocess.Popen[Any]"
    log: Path

    @property
    def output(self) -> str:
        """All that it wrote for its operator."""
        return self.log.read_text()

    @property
    def memory_mb(self) -> float:
        """Megabytes that it holds now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    async def wait(self) -> int:
        """Its exit code, once it has ended."""
        while (code := self.process.poll()) is None:  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(_LOOKS)
        return code

    async def kill(self) -> None:
        """End it as a crash does: without a word."""
        self.process.kill()
        await self.wait()

    async def stop(self) -> None:
        """End it as an operator does: SIGTERM."""
        if self.is_running:
            self.process.terminate()
            try:
                await asyncio.wait_for(self.wait(), _STOPPING)
            except TimeoutError:
                await self.kill()


@asynccontextmanager
async def running(environ: Mapping[str, str]) -> AsyncIterator[NellieProcess]:
    """`nellie run` with these settings alone.

    It is split off from one that is loaded, but for `make chaos` and `make soak`: they say in
    PYTHONPATH where tests are.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
    given = {"PYTHONPATH": str(_ROOT), **kept, "NELLIE_LOG_LEVEL": "info", **environ}
    with tempfile.TemporaryDirectory(prefix="nellie-run-") as folder:
        log = Path(folder) / "log"
        with log.open("w") as output:
            process = start_nellie(
                "run", folder=Path.cwd(), environ=given, stdout=output, stderr=output
            )
        nellie = NellieProcess(process, log)
        try:
            yield nellie
        except BaseException as error:
            error.add_note(f"it wrote:\n{nellie.output[-8_000:]}")
            raise
        finally:
            await nellie.stop()
