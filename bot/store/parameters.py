"""The parameters of a statement, named in the SQL files, counted by Postgres; and sent numbers."""

import re
import sys
from array import array
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Literal

import sqlalchemy as sa

_PARAMETER = re.compile(r"(?<![:\w]):(\w+)(?!:)")


@cache
def numbered(sql: sa.TextClause) -> tuple[str, tuple[str, ...]]:
    """A statement with its parameters as Postgres counts them, and their names in that order."""
    names = tuple(dict.fromkeys(_PARAMETER.findall(sql.text)))
    return number(sql, names), names


def number(sql: sa.TextClause, names: tuple[str, ...]) -> str:
    """A statement whose parameters have these names, counted in this order."""
    return _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", sql.text)


def inlined(sql: sa.TextClause, numbers: Mapping[str, int]) -> str:
    """A statement with whole numbers in the place of its parameters."""
    return _PARAMETER.sub(lambda found: str(int(numbers[found[1]])), sql.text)


def array_text(numbers: Iterable[int]) -> str:
    """Whole numbers as a text that Postgres casts to an array.

    Of an array, asyncpg asks each number twice whether it is an array itself.
    """
    return f"{{{str([*numbers])[1:-1]}}}"


def sent_numbers(kind: Literal["q", "d"], sent: bytes) -> "array[Any]":
    """What int8send ("q") or float8send ("d") of Postgres wrote, number behind number."""
    numbers = array(kind, sent)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers
