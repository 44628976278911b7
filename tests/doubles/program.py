"""Nellie as people run her: `nellie run`, in a process of its own."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

_FOREIGN = ("NELLIE_", "DISCORD_", "SLACK_", "OPENAI_", "DATABASE_URL")
"""What this machine may have set, and what is given to her instead."""
_END = 15  # seconds that she has to end


@dataclass(eq=False)
class Program:
    """A running `nellie run`."""

    process: asyncio.subprocess.Process
    log: Path

    @property
    def words(self) -> str:
        """All that it wrote for its operator."""
        return self.log.read_text()

    @property
    def memory(self) -> float:
        """Megabytes that it holds now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    @property
    def runs(self) -> bool:
        return self.process.returncode is None

    async def kill(self) -> None:
        """As a crash: without a word."""
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> None:
        """As an operator: SIGTERM."""
        if self.runs:
            self.process.terminate()
            try:
                await asyncio.wait_for(self.process.wait(), _END)
            except TimeoutError:
                await self.kill()


@asynccontextmanager
async def running(environ: Mapping[str, str], code: Path | None = None) -> AsyncIterator[Program]:
    """`nellie run` with these settings alone; with the code of another folder, if one is given."""
    kept = {name: one for name, one in os.environ.items() if not name.startswith(_FOREIGN)}
    elsewhere = {"PYTHONPATH": str(code)} if code else {}
    with tempfile.TemporaryDirectory(prefix="nellie-run-") as folder:
        log = Path(folder) / "log"
        with log.open("w") as written:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", stdout=written, stderr=written,
                env={**kept, "NELLIE_LOG_LEVEL": "info", **environ, **elsewhere}, cwd=code,
            )  # fmt: skip
        program = Program(process, log)
        try:
            yield program
        except BaseException as error:
            error.add_note(f"it wrote:\n{program.words[-8_000:]}")
            raise
        finally:
            await program.stop()
