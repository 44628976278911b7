"""A Postgres of our own for a laptop: the wheel's programs, one server to a home folder."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO
from urllib.parse import quote

from bot.store.embedded_postgres.binaries import package, unusable
from bot.store.embedded_postgres.cluster import DATABASE, Cluster
from bot.store.embedded_postgres.file_locks import gate, open_private, share, take_whole

DEFAULTS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_checkpoints": "off",
    # For a laptop, which has other work too: less memory, and fewer processes.
    "shared_buffers": "32MB",
    "io_method": "sync",
    "jit": "off",
    "autovacuum_worker_slots": "1",
    "max_logical_replication_workers": "0",
}


class EmbeddedPostgres:
    """This process's share in the server of a home folder."""

    def __init__(self, cluster: Cluster, socket: Path, share: IO[bytes]) -> None:
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
        with open_private(self._cluster.home / "server.lock") as lock:
            if not take_whole(lock):
                return False
        with gate(self._cluster.home):
            if self._share.closed:
                return False
            self._cluster.start(self._socket)
            return True

    def stop(self) -> None:
        """Give the share back; the last one out stops the server. A second call does nothing."""
        if self._share.closed:
            return
        with gate(self._cluster.home), self._share:
            if take_whole(self._share):
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
        with gate(home):
            return _join(Cluster.prepare(home, wheel, {**DEFAULTS, **settings}))
    except OSError as error:
        raise unusable(
            f"the embedded Postgres cannot live in {home} ({error}); choose a folder that can be"
            " written to"
        ) from error


def _join(cluster: Cluster) -> EmbeddedPostgres:
    file = open_private(cluster.home / "share.lock")
    try:
        share(file)
        return EmbeddedPostgres(cluster, cluster.start(), file)
    except BaseException:
        file.close()
        raise
