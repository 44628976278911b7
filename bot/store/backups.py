"""Backups: all memory in one file of pg_dump, and back from it, whole or not at all."""

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlmodel import SQLModel

from bot.domain.errors import SettingsError
from bot.store import tables
from bot.store.client_programs import ClientPrograms, failed, find_programs
from bot.store.database import Database
from bot.store.locks import LockKind
from bot.store.sql_files import load

_SQL = load("backups")
_ITEM = re.compile(r"\d+; \d+ \d+ (TABLE|SEQUENCE|FUNCTION) (\S+) ([\w.]+(?:\(.*\))?) \S*$")
_MESSAGES = re.compile(r"COPY (?:\S+\.)?message \((.*)\) FROM stdin;")
# What newer programs write and an older server does not know.
_NEWER = re.compile(rb"SET (?:transaction_timeout|default_toast_compression)\b")


@dataclass(frozen=True, slots=True)
class Contents:
    """How much is remembered, in a database or in a backup of one."""

    messages: int = 0
    channels: int = 0


async def find_contents(database: Database) -> Contents:
    """What a database holds; nothing where it has no tables yet."""
    async with database.autocommit() as connection:
        if await connection.scalar(_SQL.has_messages) is None:
            return Contents()
        row = (await connection.execute(_SQL.count)).one()
    return Contents(row.messages, row.channels)


async def count_replicas(database: Database) -> int:
    """How many processes of Nellie work on it."""
    async with database.autocommit() as connection:
        found = await connection.scalar(_SQL.count_replicas, {"kind": int(LockKind.HEARTBEAT)})
    return int(found or 0)


async def programs_for(database: Database) -> ClientPrograms:
    """The client programs that will do for its server. Raises SettingsError."""
    async with database.autocommit() as connection:
        version = int(await connection.scalar(_SQL.get_version) or 0)
    return find_programs(database.url, version)


def dump(programs: ClientPrograms, to: IO[bytes]) -> None:
    """Write all of a database, also while it is in use. It blocks. Raises BackupFailed."""
    kind = ("--format=custom", "--no-owner", "--no-privileges")
    programs.run("pg_dump", *kind, "--dbname", programs.address, stdout=to)


def read_contents(programs: ClientPrograms, backup: Path) -> Contents:
    """What a backup holds. It blocks. Raises SettingsError when the file is none of ours."""
    if not any(item.startswith("TABLE public message") for item in _items(programs, backup)):
        raise SettingsError(name=str(backup), reason="it is no backup of Nellie's memory")
    only = ("--data-only", "--table=message", "--file=-", str(backup))
    channels: Counter[bytes] = Counter()
    pipe = subprocess.PIPE
    with programs.start("pg_restore", *only, stdout=pipe, stderr=pipe) as process:
        column = -1
        for line in process.stdout or ():
            if column < 0:
                found = _MESSAGES.match(line.decode())
                column = found[1].split(", ").index("channel_id") if found else -1
            elif line == b"\\.\n":
                column = -1
            else:
                channels[line.split(b"\t")[column]] += 1
        said = process.stderr.read() if process.stderr else b""
    if process.returncode:
        raise failed("pg_restore", said)
    return Contents(channels.total(), len(channels))


def restore(programs: ClientPrograms, backup: Path) -> None:
    """Put a backup in the place of what is there, in one transaction. It blocks.

    Raises BackupFailed; then nothing was changed.
    """
    psql = ("-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-d", programs.address)
    script = ("--no-owner", "--no-privileges", "--no-comments", "--file=-", str(backup))
    pipe = subprocess.PIPE
    dropped = "".join(_drops(programs, backup))
    with (
        programs.start("pg_restore", *script, stdout=pipe, stderr=pipe) as reading,
        programs.start("psql", *psql, stdin=pipe, stderr=pipe) as writing,
    ):
        assert reading.stdout and reading.stderr and writing.stdin and writing.stderr  # noqa: S101, PT018  # pipes
        try:
            writing.stdin.write(b"BEGIN;\nSET client_min_messages = warning;\n" + dropped.encode())
            writing.stdin.writelines(line for line in reading.stdout if not _NEWER.match(line))
            # Only a script that came whole is committed; psql's end rolls all else back.
            if reading.wait() == 0:
                writing.stdin.write(b"COMMIT;\n")
            writing.stdin.close()
        except BrokenPipeError:
            reading.kill()  # psql has stopped at an error, and says which
        said = writing.stderr.read()
        if writing.wait():
            raise failed("psql", said)
        if reading.returncode:
            raise failed("pg_restore", reading.stderr.read())


def _drops(programs: ClientPrograms, backup: Path) -> Iterator[str]:
    """What gives way: what the backup brings, and what a newer Nellie has made besides."""
    _ = tables  # importing them fills the metadata
    yield from (f'DROP TABLE IF EXISTS "{name}" CASCADE;\n' for name in SQLModel.metadata.tables)
    for item in _items(programs, backup):
        kind, schema, name = item.split(" ", 2)
        plain, bracket, arguments = name.partition("(")
        yield f'DROP {kind} IF EXISTS "{schema}"."{plain}"{bracket}{arguments} CASCADE;\n'


def _items(programs: ClientPrograms, backup: Path) -> list[str]:
    """The tables, sequences and functions of a backup. Raises SettingsError."""
    arguments = ("--list", str(backup))
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with programs.start("pg_restore", *arguments, **streams) as process:
        told, said = process.communicate()
    if process.returncode:
        reason = f"pg_restore cannot read it ({said.decode(errors='replace').strip()[-200:]})"
        if b"unsupported version" in said:
            reason = "a newer pg_dump wrote it; install the client programs of that Postgres"
        raise SettingsError(name=str(backup), reason=reason)
    matched = map(_ITEM.match, told.decode().splitlines())
    return [" ".join(found.groups()) for found in matched if found]
