"""Nellie as people run it: `nellie run`, in a process of its own."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

_OTHERS = ("NELLIE_", "DISCORD_", "SLACK_", "OPENAI_", "DATABASE_URL")
"""What this machine may have set: the process gets what the test gives it instead."""
_STOPPING = 15  # seconds that it has to end


@dataclass(eq=False)
class NellieProcess:
    """A running `nellie run`."""

    process: asyncio.subprocess.Process
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
        return self.process.returncode is None

    async def kill(self) -> None:
        """End it as a crash does: without a word."""
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> None:
        """End it as an operator does: SIGTERM."""
        if self.is_running:
            self.process.terminate()
            try:
                await asyncio.wait_for(self.process.wait(), _STOPPING)
            except TimeoutError:
                await self.kill()


@asynccontextmanager
async def running(environ: Mapping[str, str]) -> AsyncIterator[NellieProcess]:
    """`nellie run` with these settings alone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
    with tempfile.TemporaryDirectory(prefix="nellie-run-") as folder:
        log = Path(folder) / "log"
        with log.open("w") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                "run",
                stdout=output,
                stderr=output,
                env={**kept, "NELLIE_LOG_LEVEL": "info", **environ},
            )
        nellie = NellieProcess(process, log)
        try:
            yield nellie
        except BaseException as error:
            error.add_note(f"it wrote:\n{nellie.output[-8_000:]}")
            raise
        finally:
            await nellie.stop()
