"""A statement behind locks as one round trip: lock, statement and commit travel together.

It cannot be one statement: what it reads would be as old as its beginning, before the locks were
granted. In a function, each statement looks anew. The function is the session's own (`pg_temp`):
made on a connection when it is first needed there, gone with it, and always of the version that
calls it (docs/decisions/0047-after-the-model-two-round-trips.md).
"""

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import asyncpg
import sqlalchemy as sa

from bot.store.parameters import number, numbered

_REFUSED = (
    asyncpg.InsufficientPrivilegeError,  # this user may make nothing temporary
    asyncpg.UndefinedObjectError,  # there is no PL/pgSQL
)
_MAKE = """
CREATE FUNCTION pg_temp.{name}({types}) RETURNS SETOF record LANGUAGE plpgsql AS $function$
#variable_conflict use_column
BEGIN
{first}
{locks}
    RETURN QUERY {statement};
END $function$"""
_CALL = "SELECT {shown} FROM pg_temp.{name}({values}) AS row({returned})"
_FIRST = """    BEGIN
        RETURN QUERY {first};
    EXCEPTION WHEN OTHERS OR query_canceled THEN NULL; END;"""
_LOCK = "    PERFORM * FROM ({lock}) AS lock; IF NOT FOUND THEN RETURN; END IF;"


@dataclass(frozen=True, slots=True)
class LockedStatement:
    """A statement that runs once its locks are granted; not at all where one finds no row."""

    name: str
    locks: tuple[sa.TextClause, ...]
    statement: sa.TextClause
    first: sa.TextClause | None = None
    """What runs before the locks, where all is one round trip, and has the same columns. It may
    fail: then the rest goes on without its rows."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of all parameters, in the order in which the function takes them."""
        return tuple(dict.fromkeys(name for text in self.texts for name in numbered(text)[1]))

    @property
    def texts(self) -> tuple[sa.TextClause, ...]:
        """All that runs, in its order."""
        return (*([] if self.first is None else [self.first]), *self.locks, self.statement)


class LockedStatements:
    """Which of them sessions have as functions."""

    def __init__(self) -> None:
        self._texts: dict[LockedStatement, tuple[str, str]] = {}
        """How each function is made, and how it is called."""
        self._made: WeakKeyDictionary[Any, set[LockedStatement]] = WeakKeyDictionary()
        self._refused = False

    async def call(self, driver: Any, locked: LockedStatement) -> str:
        """What runs it in this session, with the statement's own parameters in their order.

        Empty where Postgres lets nobody make a function.
        """
        made = self._made.setdefault(driver, set())
        if locked not in made and not await self._make(driver, locked):
            return ""
        made.add(locked)
        return self._texts[locked][1]

    async def _make(self, driver: Any, locked: LockedStatement) -> bool:
        if self._refused:
            return False
        if locked not in self._texts:
            self._texts[locked] = await _spell(driver, locked)
        try:
            await driver.execute(self._texts[locked][0])
        except _REFUSED:
            self._refused = True
        return not self._refused


async def _spell(driver: Any, locked: LockedStatement) -> tuple[str, str]:
    """How it is made and called: Postgres says of which types its values and its columns are."""
    types, columns = dict[str, str](), []
    for sql in locked.texts:
        text, own_names = numbered(sql)
        prepared = await driver.prepare(text)
        types |= zip(own_names, (one.name for one in prepared.get_parameters()), strict=True)
        columns = prepared.get_attributes()
    names = locked.names
    first = _FIRST.format(first=number(locked.first, names)) if locked.first is not None else ""
    made = _MAKE.format(
        name=locked.name,
        types=", ".join(types[name] for name in names),
        first=first,
        locks="\n".join(_LOCK.format(lock=number(lock, names)) for lock in locked.locks),
        statement=number(locked.statement, names),
    )
    values = ", ".join(f"${place}" for place in range(1, len(names) + 1))
    returned = ", ".join(f"c{place} {one.type.name}" for place, one in enumerate(columns))
    # Two columns may have one name.
    shown = ", ".join(f'c{place} AS "{one.name}"' for place, one in enumerate(columns))
    call = _CALL.format(shown=shown, name=locked.name, values=values, returned=returned)
    return made, call
