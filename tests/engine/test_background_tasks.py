"""A background task that dies of a fault of ours ends `nellie run`, so that it is started again."""

import asyncio
from pathlib import Path

import pytest
from doubles.installed_plugin import install
from doubles.nellie_process import running

ROOT = Path(__file__).parents[2]

FAULTY = '''
import asyncio

from bot.domain.ports import Adapter
from {module} import {owner}


class Idle(Adapter):
    name = "idle"

    async def run(self, inbox, turns, commands):
        await asyncio.Event().wait()

    async def deliver(self, turn, text, delivery_log):
        """Nobody asks."""


async def fail(self):
    raise ValueError("unforeseen")


{owner}.{method} = fail
'''
"""A plugin that serves nothing, and breaks something that has to go on."""


@pytest.mark.parametrize(
    ("task", "module", "owner", "method"),
    [
        ("heartbeat", "bot.store.heartbeat", "Heartbeat", "beat"),
        ("takeover", "bot.core.takeover", "Takeover", "run"),
        ("jobs", "bot.core.jobs", "Jobs", "run"),
    ],
)
async def test_a_background_task_that_dies_ends_the_process_with_one_clear_line(
    address: str, tmp_path: Path, task: str, module: str, owner: str, method: str
) -> None:
    source = FAULTY.format(module=module, owner=owner, method=method)
    install(tmp_path, entry_points="[nellie.adapters]\nidle = idle:Idle\n", idle=source)
    environ = {"DATABASE_URL": address, "NELLIE_LEASE": "1", "PYTHONPATH": f"{tmp_path}:{ROOT}"}

    async with running(environ) as program:
        code = await asyncio.wait_for(program.wait(), 60)

        lines = [line for line in program.output.splitlines() if line.startswith("nellie: ")]
        assert code == 70
        assert len(lines) == 2
        assert lines[0] == "nellie: serving idle"
        assert lines[1].startswith(f"nellie: The {task} task died (ValueError), so this process en")
        assert "background_task_died" in program.output
