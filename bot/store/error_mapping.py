"""What SQLAlchemy and asyncpg raise, as errors of ours; all else is a fault of the program."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.domain.errors import (
    DatabaseBusy,
    DatabaseCrowded,
    DatabaseRefuses,
    DatabaseUnavailable,
    SettingsError,
)

POOL_TIMEOUT = 30.0  # seconds to wait for a connection of the pool

_GONE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that broke just after it was made
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    TimeoutError,
)
_MAY_SAY_CROWDED = (
    asyncpg.TooManyConnectionsError,
    asyncpg.PostgresConnectionError,
    asyncpg.InternalServerError,
)
_REFUSES = (
    asyncpg.DiskFullError,
    asyncpg.OutOfMemoryError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.LockNotAvailableError,  # a migration waited too long for replicas that are at work
)
_WRONG_ADDRESS = (
    asyncpg.InvalidAuthorizationSpecificationError,  # a wrong password is one
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.UndefinedObjectError,  # a parameter that the server does not know
    asyncpg.CantChangeRuntimeParamError,
)
# In the words of Postgres, PgBouncer, Supavisor and others, which have no code in common.
_CROWDED = re.compile(
    r"too many (?:clients|connections)|connection slots are reserved|no more connections"
    r"|max(?:imum)? ?(?:number of )?client|max_?connections|query_wait_timeout|pool_?size",
    re.IGNORECASE,
)
# A pooler's own words, for which it has one code alone, that of a connection's faults.
_POOLER_SAYS = {
    "pooling mode": "",  # statement pooling knows no transactions
    "bind message supplies": "",  # the statement of another session
    "unsupported startup parameter": "it leads to a pooler that does not take one of its"
    " parameters ({words}); leave that out, or take the direct address",
    "no such user": "{words}",
    "no such database": "{words}",
}
_POOLED = (asyncpg.DuplicatePreparedStatementError, asyncpg.InvalidSQLStatementNameError)
POOLER = (
    "it leads to a pooler that gives each transaction another connection (PgBouncer, port 6543 at"
    " Supabase, -pooler at Neon); locks and notifications need the direct address"
)


class mapped_errors:  # a class, since it is entered for every statement; it reads as a phrase
    """Turn what drivers raise when Postgres is away, full or read-only into DatabaseUnavailable."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        cause = getattr(getattr(error, "orig", None), "__cause__", None) or error
        if isinstance(cause, _REFUSES):
            raise DatabaseRefuses(reason=str(cause)) from error
        if reason := _of_a_pooler(cause):
            raise SettingsError(name="DATABASE_URL", reason=reason) from error
        if isinstance(error, PoolTimeout):
            raise DatabaseBusy(seconds=POOL_TIMEOUT) from error
        if isinstance(cause, _MAY_SAY_CROWDED) and _CROWDED.search(str(cause)):
            raise DatabaseCrowded(reason=reason_of(cause)) from error
        if _is_gone(error):
            raise DatabaseUnavailable(reason=reason_of(error)) from error


@contextmanager
def mapped_refusals() -> Iterator[None]:
    """What Postgres refuses at the start lies in the address: its user, password or database."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(cause := getattr(error.orig, "__cause__", None), _WRONG_ADDRESS):
            raise SettingsError(name="DATABASE_URL", reason=str(cause)) from error
        raise


def _of_a_pooler(error: BaseException) -> str:
    """What is wrong with an address that leads to a pooler; empty where it is something else."""
    if isinstance(error, _POOLED):
        return POOLER
    if isinstance(error, asyncpg.PostgresConnectionError):
        for words, reason in _POOLER_SAYS.items():
            if words in str(error):
                return reason.format(words=error) or POOLER
    return ""


def reason_of(error: BaseException) -> str:
    """What went wrong, on one line."""
    return str(getattr(error, "orig", None) or error).split("\n")[0] or repr(error)


def _is_gone(error: BaseException) -> bool:
    if isinstance(error, DBAPIError):
        cause = getattr(error.orig, "__cause__", None)
        away = isinstance(error, OperationalError | InterfaceError) or isinstance(cause, _GONE)
        return error.connection_invalidated or away
    return isinstance(error, _GONE)
