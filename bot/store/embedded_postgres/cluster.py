"""The data of a home folder, and the server that runs on it."""

import os
import shlex
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bot.store.embedded_postgres.binaries import (
    PROGRAMS,
    UNFINISHED,
    Account,
    copied,
    failed,
    unfinished,
    unusable,
)
from bot.store.embedded_postgres.file_locks import open_private, take_whole

DATABASE = "nellie"
PATIENCE = 300
"""Seconds a start may take: after a crash there may be much to replay."""
SOCKET_FOLDER = 89
"""Bytes in its path at most: a socket's whole address may have 103 on macOS, 107 on Linux."""
# Text search asks libc which letters are letters; libc's plain "C" knows ASCII only.
LETTERS = "UTF-8" if sys.platform == "darwin" else "C.UTF-8"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The data and the server of a home folder, for whoever holds its gate.

    The server inherits `server.lock` and holds it as long as any process of it lives. A pid in
    postmaster.pid says less: after a crash it may be a zombie's or, in a container, a stranger's.
    """

    home: Path
    programs: Path
    account: Account
    settings: Mapping[str, str]

    @classmethod
    def prepare(cls, home: Path, wheel: Path, settings: Mapping[str, str]) -> "Cluster":
        """Clear up after a start that was cut off, and see who can run the programs there."""
        for folder in home.glob(f"{UNFINISHED}*"):
            shutil.rmtree(folder, ignore_errors=True)
        account = Account.for_data(home / "pg18")
        if not account.reaches(home):
            raise unusable(
                "Postgres refuses to run as root, and the user it runs as instead may not enter"
                f" {home}; choose a folder that every user may enter, such as /var/lib/nellie"
            )
        if not account.reaches(wheel / PROGRAMS / "postgres"):
            wheel = copied(wheel, home)
        return cls(home=home, programs=wheel / PROGRAMS, account=account, settings=settings)

    @property
    def data(self) -> Path:
        return self.home / "pg18"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    def start(self, socket: Path | None = None) -> Path:
        """The folder of the socket at which the server, launched if need be, answers."""
        if not self.data.exists():
            self._create()
        launched = False
        deadline = time.monotonic() + PATIENCE
        while not (answering := self._answering_socket()):
            with open_private(self.home / "server.lock") as lock:
                down = take_whole(lock)
                if (down and launched) or time.monotonic() > deadline:
                    raise failed("Postgres did not start", self.log.read_text(errors="replace"))
                if down:
                    self._launch(lock, socket)
                    launched = True
            time.sleep(0.02)
        return answering

    def stop(self, socket: Path) -> None:
        with open_private(self.home / "server.lock") as lock:
            if not take_whole(lock):
                # One that needs longer goes on stopping by itself; the next start waits for it.
                command = (self.programs / "pg_ctl", "stop", "-m", "fast", "-t", "10")
                self.account.run(*command, data=self.data)
        if socket != self.data:
            shutil.rmtree(socket, ignore_errors=True)

    def _create(self) -> None:
        """Make it elsewhere and move it here whole, so that a kill on the way does no harm."""
        with unfinished(self.account.folder(self.home, UNFINISHED)) as new:
            self._fill(new)
            new.rename(self.data)
        _sync(self.home)

    def _fill(self, new: Path) -> None:
        locale = ("--locale=C", f"--lc-ctype={LETTERS}", "--builtin-locale=C.UTF-8")
        kind = ("--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", *locale)
        self._run("initdb", "--no-sync", "--username=postgres", *kind, data=new)
        single = ("--single", "--fsync=off", "--exit_on_error=on", "postgres")
        self._run("postgres", *single, data=new, stdin=f"CREATE DATABASE {DATABASE}\n")
        if self.settings.get("fsync") != "off":
            self._run("initdb", "--sync-only", data=new)

    def _launch(self, lock: IO[bytes], folder: Path | None) -> None:
        folder = folder or self._socket_folder()
        for stale in (self.data / "postmaster.pid", folder / ".s.PGSQL.5432.lock"):
            stale.unlink(missing_ok=True)
        settings = {**self.settings, "unix_socket_directories": str(folder)}
        options = shlex.join(f"--{name}={value}" for name, value in settings.items())
        with suppress(FileNotFoundError):
            self.log.rename(self.log.with_suffix(".log.1"))
        with open_private(self.log) as log:
            command = (self.programs / "pg_ctl", "start", "-s", "-W", "-o", options)
            self.account.run(*command, data=self.data, log=log, keeping=(lock.fileno(),))

    def _socket_folder(self) -> Path:
        if len(os.fsencode(self.data)) > SOCKET_FOLDER or "," in str(self.data):
            return self.account.folder(Path("/tmp"), "nellie-")  # noqa: S108 - new and closed
        return self.data

    def _answering_socket(self) -> Path | None:
        """The folder of the socket, if a server accepts connections there."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        if [status.strip() for status in lines[7:]] != ["ready"]:
            return None
        # A postmaster that was killed leaves this file as it was, so ask for an answer too.
        ask = (self.programs / "pg_isready", "-h", lines[4], "-U", "postgres", "-d", "postgres")
        return Path(lines[4]) if self.account.run(*ask).returncode == 0 else None

    def _run(self, program: str, *arguments: str, data: Path, stdin: str = "") -> None:
        done = self.account.run(self.programs / program, *arguments, data=data, stdin=stdin)
        if done.returncode:
            raise failed(f"{program} failed", done.stdout)


def _sync(folder: Path) -> None:
    """What was renamed in it keeps its new name even when the power fails."""
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
