"""Training data, read back by the tools that it is for; left out where they are not installed."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from doubles.rated_team import BOB, RatedTeam
from training.conftest import Export, Written
from training.test_exporting import call

from bot.datasets.shapes import TRAINERS
from bot.store.database import Database

PROGRAMS = Path(__file__).parent / "programs"
PYTHON = os.environ.get("NELLIE_TRAINING_PYTHON") or sys.executable
HOW = (
    "make a venv, pip install -r tests/e2e/training_data/requirements.txt in it, and name its"
    " python in NELLIE_TRAINING_PYTHON"
)
NOT_THERE = 77

pytestmark = pytest.mark.e2e


def read_by(program: str, files: Sequence[Path], home: Path) -> Any:
    """What a program prints of files."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(  # noqa: S603  # our own program
        [PYTHON, str(PROGRAMS / program), *map(str, files)],
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode == NOT_THERE:
        pytest.skip(HOW)
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(done.stdout)


async def fill(team: RatedTeam, *, calls: bool) -> None:
    for number in range(20):
        question = f"Where is part {number * 7}?"
        turn = await team.ask(question, f"On shelf {number * 13}, in room {number * 3}.")
        if calls and number % 3 == 0:
            await call(team, turn, "weather")
    await team.ask("Who has the key?", "Nobody.", thread="t", id="t", good=False)
    await team.say(BOB, "No, it is with the porter.", thread="t")


def files(written: Written) -> list[Path]:
    return sorted(written.folder.glob("*.jsonl"))


@pytest.mark.parametrize("trainer", TRAINERS)
@pytest.mark.parametrize("calls", [False, True])
async def test_together_takes_every_file(
    database: Database, export: Export, tmp_path: Path, trainer: str, calls: bool
) -> None:
    await fill(RatedTeam(database), calls=calls)
    written = await export(trainer=trainer, rated="all", pairs=True)

    told = read_by("read_together.py", files(written), tmp_path)

    assert told
    for one in told:
        assert one["is_check_passed"], one["message"]


@pytest.mark.parametrize("trainer", TRAINERS)
@pytest.mark.parametrize("calls", [False, True])
async def test_what_datasets_loads_is_what_was_written(
    database: Database, export: Export, tmp_path: Path, trainer: str, calls: bool
) -> None:
    await fill(RatedTeam(database), calls=calls)
    written = await export(trainer=trainer, rated="all", pairs=True)

    told = read_by("read_datasets.py", files(written), tmp_path)

    for path, one in zip(files(written), told, strict=True):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert set(one["columns"]) == {name for line in lines for name in line}
        assert [without_empty(line) for line in one["lines"]] == lines


def without_empty(value: Any) -> Any:
    """Without what a table holds where a line had nothing."""
    if isinstance(value, dict):
        return {name: without_empty(one) for name, one in value.items() if one is not None}
    return [without_empty(one) for one in value] if isinstance(value, list) else value
