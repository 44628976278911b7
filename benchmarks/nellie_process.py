"""`nellie run` in a process of its own, and what it uses."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.config.environment import read_environment

NELLIE = str(Path(sys.executable).with_name("nellie"))
MODEL = {"NELLIE_MODEL": "openai/any", "OPENAI_API_KEY": "none", "NELLIE_CONTEXT_WINDOW": "64000"}
OURS = ("NELLIE_", "SLACK_", "DISCORD_", "OPENAI_", "DATABASE_URL")
TICK = os.sysconf("SC_CLK_TCK")


@contextmanager
def nellie_process(given: Mapping[str, str]) -> Iterator[int]:
    """Its number, while it runs with these settings and no others."""
    with tempfile.TemporaryDirectory() as folder:  # where no .env lies
        process = subprocess.Popen((NELLIE, "run"), env=environ(given), cwd=folder)  # noqa: S603  # our own
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait()


def environ(given: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with these settings of Nellie's, and no others."""
    kept = {name: text for name, text in read_environment().items() if not name.startswith(OURS)}
    return {**kept, **given}


def used_cpu(pid: int) -> float:
    """Seconds that it and its children have computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / TICK


def resident(pid: int) -> float:
    """Megabytes that it holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
