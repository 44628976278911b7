"""The `nellie` command: in this process with a database of the test's own, or as a process."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from doubles.loaded_nellie import start_nellie
from typer.testing import CliRunner, Result

from bot.__main__ import app

ROOT = Path(__file__).parents[2]
LOG = ROOT / "tests" / "unit" / "archives" / "2005-06-27-ubuntu.log"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"

Nellie = Callable[..., Result]


@pytest.fixture
def nellie(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nellie:
    """Runs a command in this process, in an empty folder."""
    monkeypatch.setenv("DATABASE_URL", address)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, given="", **environ: CliRunner().invoke(
        app, arguments, input=given, env=environ
    )


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for a Postgres of its own, which every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="nellie-cli-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def start(*arguments: str, own_session: bool = False, **environ: str) -> "subprocess.Popen[str]":
    """The command in a process of its own, in a folder without .env."""
    return start_nellie(
        *arguments,
        folder="/",
        environ={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        own_session=own_session,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_to_end(*arguments: str, given: str = "", **environ: str) -> tuple[int, str, str]:
    """Its exit code, its standard output and its standard error."""
    process = start(*arguments, **environ)
    out, err = process.communicate(given, timeout=60)
    return process.returncode, out, err
