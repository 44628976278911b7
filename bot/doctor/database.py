"""What the examination finds in the database: versions, room, tables, clock."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.config.settings import Settings
from bot.domain.errors import NellieError, SettingsError
from bot.domain.ports import Finding
from bot.store.address import whereabouts
from bot.store.database import CONNECTIONS
from bot.store.diagnostics import Diagnostics
from bot.store.schema import newest_revision
from bot.text.plurals import counted

TESTED = 18  # the major version of Postgres that the tests run on
SKEW = timedelta(seconds=5)


def examine_database(
    diagnostics: Diagnostics, now: datetime, settings: Settings
) -> Iterator[Finding]:
    """Every finding about a database that can be reached."""
    yield _versions(diagnostics, where_memory_lies(settings))
    if diagnostics.free_connections < CONNECTIONS:
        more = counted(diagnostics.free_connections, "more connection")
        what = f"it admits only {more}"
        mend = f"raise max_connections in Postgres: every replica uses up to {CONNECTIONS}"
        yield Finding("connections", "note", what, mend)
    yield _tables(diagnostics.revision, newest_revision())
    yield _clock(abs(now - diagnostics.now))


def where_memory_lies(settings: Settings) -> str:
    """The folder of the embedded Postgres, or the address of another one without its password."""
    if settings.database_url:
        return f"at {whereabouts(settings.database_url.get_secret_value())}"
    return f"in the data folder {settings.home.expanduser()}"


def to_reach_it(settings: Settings, error: NellieError) -> str:
    """What to do about a database that cannot be reached."""
    if isinstance(error, SettingsError):
        return f"correct {error.details['name']}"
    if settings.database_url:
        return "start Postgres, or correct host and port in DATABASE_URL"
    return f"read what it says above; it keeps its data in {settings.home} (NELLIE_HOME)"


def _versions(diagnostics: Diagnostics, where: str) -> Finding:
    vector = diagnostics.vector or "not installed"
    what = f"Postgres {diagnostics.version}, pgvector {vector}, {where}"
    if diagnostics.major < TESTED:
        mend = f"Nellie is tested on Postgres {TESTED}; move to it when you can"
        return Finding("database", "note", what, mend)
    if not diagnostics.vector:
        mend = "only embeddings need pgvector; the image pgvector/pgvector:pg18 brings it"
        return Finding("database", "note", what, mend)
    return Finding("database", "ok", what)


def _tables(found: str, newest: str) -> Finding:
    if not found:
        return Finding("tables", "note", "there are none yet", "`nellie run` makes them")
    if found < newest:
        what = f"they are of revision {found}, and this program needs {newest}"
        mend = "`nellie migrate`, or simply `nellie run`, brings them up to date"
        return Finding("tables", "wrong", what, mend)
    if found > newest:
        what = f"a newer Nellie made them (revision {found}; this program's is {newest})"
        if found[0] != newest[0]:  # migrations only add within a line
            return Finding("tables", "wrong", what, "start the newer version; this one is too old")
        mend = "this works, to go back for a while: within a line, migrations only add"
        return Finding("tables", "note", what, mend)
    return Finding("tables", "ok", f"revision {found}")


def _clock(skew: timedelta) -> Finding:
    if skew > SKEW:
        what = f"this machine and the database differ by {skew.total_seconds():,.0f} s"
        mend = "synchronize both clocks (systemctl status systemd-timesyncd)"
        return Finding("clock", "wrong", what, mend)
    return Finding("clock", "ok", "as the database's")
