"""A Postgres of our own for a laptop: the wheel's programs, one server to a home folder."""

import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO
from urllib.parse import quote

from bot.store.programs import PROGRAMS, UNFINISHED, Account, copied, failed, package, unusable

if sys.platform != "win32":  # no wheel is installed there, and start() says so
    import fcntl

DATABASE = "nellie"
PATIENCE = 300
"""Seconds a start may take: after a crash there may be much to replay."""
SOCKET_FOLDER = 89
"""Bytes in its path at most: a socket's whole address may have 103 on macOS, 107 on Linux."""
DEFAULTS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_checkpoints": "off",
}
# Text search asks libc which letters are letters; libc's plain "C" knows ASCII only.
LETTERS = "UTF-8" if sys.platform == "darwin" else "C.UTF-8"


class EmbeddedPostgres:
    """This process's share in the server of a home folder."""

    def __init__(self, cluster: "_Cluster", socket: Path, share: IO[bytes]) -> None:
        self._cluster = cluster
        self._socket = socket
        self._share = share

    @property
    def url(self) -> str:
        """The address of Nellie's own database, as SQLAlchemy takes it."""
        return self.address(DATABASE)

    def address(self, database: str) -> str:
        """The address of any database of this server, as SQLAlchemy takes it."""
        host = quote(str(self._socket))
        # The port is in the socket's name; left out here, a stray PGPORT would replace it.
        return f"postgresql+asyncpg://postgres@/{quote(database)}?host={host}&port=5432"

    def revive(self) -> bool:
        """Start the server again, at the same address, if it has died; says whether it had."""
        with _open(self._cluster.home / "server.lock") as lock:
            if not _take(lock):
                return False
        with _gate(self._cluster.home):
            if self._share.closed:
                return False
            self._cluster.start(self._socket)
            return True

    def dump(self, to: Path) -> None:
        """Write all of Nellie's database, whole or not at all, as pg_restore reads it.

        Raises OSError, and DatabaseUnavailable with what pg_dump said.
        """
        part = to.with_name(f"{to.name}.part")
        kind = ("--host", self._socket, "--username=postgres", "--format=custom", "--no-owner")
        programs, account = self._cluster.programs, self._cluster.account
        try:
            with _open(part) as file:
                command = (programs / "pg_dump", *kind, DATABASE)
                done = account.run(*command, data=self._cluster.data, log=file)
            if done.returncode:
                raise failed("pg_dump failed", part.read_text(errors="replace"))
            part.rename(to)
        finally:
            part.unlink(missing_ok=True)

    def stop(self) -> None:
        """Give the share back; the last one out stops the server. A second call does nothing."""
        if self._share.closed:
            return
        with _gate(self._cluster.home), self._share:
            if _take(self._share):
                self._cluster.stop(self._socket)


def start(home: Path, *, settings: Mapping[str, str] = MappingProxyType({})) -> EmbeddedPostgres:
    """Share in the server of this folder: started if it is down, made if there is none yet.

    `settings` are Postgres' own and count only if this call starts the server. It blocks.
    Raises SettingsError when this folder or this system will not do, and DatabaseUnavailable,
    with the end of the server's log, when the server does not start.
    """
    wheel = package()
    home = home.expanduser().absolute()
    try:
        if not home.exists():
            home.mkdir(parents=True, exist_ok=True)
            home.chmod(0o755)
        with _gate(home):
            cluster = _Cluster.prepare(home, wheel, {**DEFAULTS, **settings})
            return _join(cluster)
    except OSError as error:
        raise unusable(f"the embedded Postgres cannot live in {home} ({error})") from error


def _join(cluster: "_Cluster") -> EmbeddedPostgres:
    share = _open(cluster.home / "share.lock")
    try:
        fcntl.flock(share, fcntl.LOCK_SH)
        return EmbeddedPostgres(cluster, cluster.start(), share)
    except BaseException:
        share.close()
        raise


@dataclass(frozen=True)
class _Cluster:
    """The data and the server of a home folder, for whoever holds its gate.

    The server inherits `server.lock` and holds it as long as any process of it lives. A pid in
    postmaster.pid says less: after a crash it may be a zombie's or, in a container, a stranger's.
    """

    home: Path
    programs: Path
    account: Account
    settings: Mapping[str, str]

    @classmethod
    def prepare(cls, home: Path, wheel: Path, settings: Mapping[str, str]) -> "_Cluster":
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
        return cls(home, wheel / PROGRAMS, account, settings)

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
        while not (answering := self._answering()):
            with _open(self.home / "server.lock") as lock:
                down = _take(lock)
                if (down and launched) or time.monotonic() > deadline:
                    raise failed("Postgres did not start", self.log.read_text(errors="replace"))
                if down:
                    self._launch(lock, socket)
                    launched = True
            time.sleep(0.02)
        return answering

    def stop(self, socket: Path) -> None:
        with _open(self.home / "server.lock") as lock:
            if not _take(lock):
                # One that needs longer goes on stopping by itself; the next start waits for it.
                command = (self.programs / "pg_ctl", "stop", "-m", "fast", "-t", "10")
                self.account.run(*command, data=self.data)
        if socket != self.data:
            shutil.rmtree(socket, ignore_errors=True)

    def _create(self) -> None:
        """Make it elsewhere and move it here whole, so that a kill on the way does no harm."""
        new = self.account.folder(self.home, UNFINISHED)
        locale = ("--locale=C", f"--lc-ctype={LETTERS}", "--builtin-locale=C.UTF-8")
        kind = ("--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", *locale)
        self._run("initdb", "--no-sync", "--username=postgres", *kind, data=new)
        single = ("--single", "--fsync=off", "--exit_on_error=on", "postgres")
        self._run("postgres", *single, data=new, given=f"CREATE DATABASE {DATABASE}\n")
        if self.settings.get("fsync") != "off":
            self._run("initdb", "--sync-only", data=new)
        new.rename(self.data)
        _sync(self.home)

    def _launch(self, lock: IO[bytes], folder: Path | None) -> None:
        folder = folder or self._socket_folder()
        for stale in (self.data / "postmaster.pid", folder / ".s.PGSQL.5432.lock"):
            stale.unlink(missing_ok=True)
        settings = {**self.settings, "unix_socket_directories": str(folder)}
        options = shlex.join(f"--{name}={value}" for name, value in settings.items())
        with suppress(FileNotFoundError):
            self.log.rename(self.log.with_suffix(".log.1"))
        with _open(self.log) as log:
            command = (self.programs / "pg_ctl", "start", "-s", "-W", "-o", options)
            self.account.run(*command, data=self.data, log=log, keeping=(lock.fileno(),))

    def _socket_folder(self) -> Path:
        if len(os.fsencode(self.data)) > SOCKET_FOLDER or "," in str(self.data):
            return self.account.folder(Path("/tmp"), "nellie-")  # noqa: S108 - new and closed
        return self.data

    def _answering(self) -> Path | None:
        """The folder of the socket, if a server accepts connections there."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        if [status.strip() for status in lines[7:]] != ["ready"]:
            return None
        # A postmaster that was killed leaves this file as it was, so ask for an answer too.
        asked = (self.programs / "pg_isready", "-h", lines[4], "-U", "postgres", "-d", "postgres")
        return Path(lines[4]) if self.account.run(*asked).returncode == 0 else None

    def _run(self, program: str, *arguments: str, data: Path, given: str = "") -> None:
        done = self.account.run(self.programs / program, *arguments, data=data, given=given)
        if done.returncode:
            raise failed(f"{program} failed", done.stdout)


@contextmanager
def _gate(home: Path) -> Iterator[None]:
    """One at a time may start or stop the server."""
    with _open(home / "gate.lock") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


def _sync(folder: Path) -> None:
    """What was renamed in it keeps its new name even when the power fails."""
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _open(path: Path) -> IO[bytes]:
    return open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b", buffering=0)


def _take(lock: IO[bytes]) -> bool:
    """The whole lock, if nobody else has a part in it. The kernel frees what a killed one held."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
