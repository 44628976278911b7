"""Postgres' own client programs, pg_dump and its like: which of those on this machine will do."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from bot.domain.errors import BackupFailed, SettingsError

NEEDED = ("pg_dump", "pg_restore", "psql")
INSTALLED = Path("/usr/lib/postgresql")  # of Debian and Ubuntu, a folder for each version
_ADDRESS = re.compile(
    r"postgres(?:ql)?(?:\+\w+)?://(?:(?P<user>[^:@/]*)(?::(?P<password>[^@/]*))?@)?"
)
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True)
class ClientPrograms:
    """The programs of one folder, for one database."""

    folder: Path
    address: str
    """Without its password, which other people's `ps` would show."""
    environ: Mapping[str, str]

    def run(self, program: str, *arguments: str, stdout: IO[bytes] | int) -> None:
        """Run one to its end. Raises BackupFailed with what it said."""
        with self.start(program, *arguments, stdout=stdout, stderr=subprocess.PIPE) as process:
            said = process.communicate()[1]
        if process.returncode:
            raise failed(program, said)

    def start(self, program: str, *arguments: str, **streams: Any) -> "subprocess.Popen[bytes]":
        """Start one; no shell, and the programs are Postgres' own."""
        command = [str(self.folder / program), *arguments]
        return subprocess.Popen(  # noqa: S603  # as it says
            command,
            env=dict(self.environ),
            stdin=streams.pop("stdin", subprocess.DEVNULL),
            **streams,
        )


def failed(program: str, said: bytes) -> BackupFailed:
    """The error of a program that failed, with the end of what it said."""
    end = "; ".join(said.decode(errors="replace").strip().splitlines()[-3:])
    return BackupFailed(name=program, reason=end.rstrip("."))


def find_programs(url: str, server: int) -> ClientPrograms:
    """Those that are at least as new as the server. Raises SettingsError.

    What an operator has installed comes before what the embedded Postgres brings: that one speaks
    no TLS.
    """
    address, environ = _split_password(url)
    found = [(folder, _version(folder)) for folder in _folders()]
    for folder, version in found:
        if version >= server:
            return ClientPrograms(folder, address, environ)
    newest = max((version for _, version in found), default=0)
    here = f"the newest here are of {newest}" if newest else "there are none here"
    reason = (
        f"it takes pg_dump, pg_restore and psql of Postgres {server} or newer, and {here};"
        f" install them (postgresql-client-{server} on Debian and Ubuntu)"
    )
    raise SettingsError(name="Postgres", reason=reason)


def _folders() -> Iterator[Path]:
    """Every folder with all the programs."""
    from bot.store.embedded_postgres.binaries import PROGRAMS, package

    on_path = [Path(found).parent for name in NEEDED[:1] if (found := shutil.which(name))]
    candidates = [*on_path, *sorted(INSTALLED.glob("*/bin"), reverse=True)]
    with suppress(SettingsError):  # this platform has no embedded Postgres, or it was left out
        candidates.append(package() / PROGRAMS)
    for folder in candidates:
        if all(os.access(folder / name, os.X_OK) for name in NEEDED):
            yield folder


def _version(folder: Path) -> int:
    told = subprocess.run(  # noqa: S603  # Postgres' own
        [folder / NEEDED[0], "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = _VERSION.search(told)
    return int(found[1]) if found else 0


def _split_password(url: str) -> tuple[str, dict[str, str]]:
    """The address as psql's library takes it, and an environment that holds the password."""
    environ = {**os.environ, "LC_ALL": "C", "PGAPPNAME": "nellie"}
    matched = _ADDRESS.match(url)
    rest, _, query = url[matched.end() if matched else 0 :].partition("?")
    parameters = dict(parse_qsl(query))
    parameters.pop("pgbouncer", None)
    password = parameters.pop("password", None) or (matched and matched["password"])
    if password:
        environ["PGPASSWORD"] = unquote(password)
    user = f"{matched['user']}@" if matched and matched["user"] else ""
    if "ssl" in parameters:  # asyncpg's own name for it
        parameters.setdefault("sslmode", parameters.pop("ssl"))
    asked = f"?{urlencode(parameters, quote_via=quote)}" if parameters else ""
    return f"postgresql://{user}{rest}{asked}", environ
