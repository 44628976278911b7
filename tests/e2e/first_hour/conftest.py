"""A newcomer: has a clone of this repository, a data folder, and a terminal."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from doubles.terminal import ROOT, Terminal

INSTALLING = 600  # seconds that an installation may take where the network is slow


@dataclass(frozen=True)
class Newcomer:
    """Knows what the README says, and types it."""

    clone: Path
    home: Path

    def types(self, *command: str, **environ: str) -> Terminal:
        """A command in a terminal of its own, in the clone."""
        name, *arguments = command
        program = str(self.clone / ".venv" / "bin" / name) if name == "nellie" else name
        path = shutil.which(program)
        assert path, f"there is no {program}"
        given = {"PYTHONPATH": "", "NELLIE_HOME": str(self.home), **environ}
        return Terminal(*arguments, program=(path,), folder=self.clone, columns=120, **given)

    def runs(self, *command: str, code: int = 0, **environ: str) -> str:
        """What a command shows that ends with this exit code."""
        with self.types(*command, **environ) as terminal:
            assert terminal.ends() == code, terminal.shown
        return terminal.shown


@pytest.fixture(scope="module")
def newcomer() -> Iterator[Newcomer]:
    """In a folder that every user may enter, as the embedded Postgres needs it for root."""
    folder = Path(tempfile.mkdtemp(prefix="nellie-first-hour-"))
    folder.chmod(0o755)
    clone = folder / "nellie"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(  # noqa: S603  # our own checkout
        ["git", "clone", "--quiet", str(ROOT), str(clone)],  # noqa: S607
        check=True,
        env=environ,
    )
    yield Newcomer(clone, folder / "home")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def env_file(newcomer: Newcomer) -> Iterator[Path]:
    """The file .env that a step writes; the next steps go on without it."""
    kept = newcomer.clone / ".env"
    yield kept
    kept.unlink(missing_ok=True)
