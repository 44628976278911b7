"""Errors: each is a whole text for people, also where docstrings are removed."""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from bot.domain import errors
from bot.domain.errors import (
    DatabaseBusy,
    DatabaseCrowded,
    DatabaseRefuses,
    DatabaseUnavailable,
    ModelTimeout,
    NellieError,
    NotAllowed,
    SettingsError,
)

DETAILS: dict[str, Any] = {
    "kind": "model",
    "lane": "thread:1",
    "model": "m",
    "name": "NELLIE_MODEL",
    "path": "log.txt",
    "reason": "it broke",
    "seconds": 30.0,
    "task": "heartbeat",
    "who": "an admin",
}
TEXTS = [
    (SettingsError(name="NELLIE_LEASE", reason="a number"), "NELLIE_LEASE: a number"),
    (NotAllowed(who="an admin"), "Only an admin can do this. Nothing was changed."),
    (ModelTimeout(model="m", seconds="60"), "The model m said nothing for 60 s."),
    (
        DatabaseUnavailable(reason="no route"),
        "The database cannot be reached (no route)."
        " Nothing accepted is lost; try again in a moment.",
    ),
    (
        DatabaseBusy(seconds=30.0),
        "Every connection to the database was in use for 30 seconds."
        " Nothing accepted is lost; try again in a moment.",
    ),
    (
        DatabaseCrowded(reason="too many clients"),
        "The database takes no more connections (too many clients). Nothing accepted is lost;"
        " try again in a moment. Fewer replicas, or a higher max_connections or pool size there,"
        " make room.",
    ),
]


def tree(root: type[NellieError] = NellieError) -> Iterator[type[NellieError]]:
    yield root
    for child in root.__subclasses__():
        yield from tree(child)


ROOMS = {f"bot.domain.{name}" for name in ("errors", "model_errors", "nellie_error")}
OURS = [error for error in tree() if error.__module__ in ROOMS]


@pytest.mark.parametrize(("error", "text"), TEXTS, ids=lambda given: type(given).__name__)
def test_says_what_happened_and_what_to_do_next(error: NellieError, text: str) -> None:
    assert str(error) == text


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_every_error_has_a_whole_text_and_a_docstring_for_developers(
    kind: type[NellieError],
) -> None:
    error = kind(**DETAILS)

    assert "{" not in str(error)
    assert str(error).startswith(error.what_happened)
    assert error.details == DETAILS
    assert kind.__doc__
    assert kind.text not in kind.__doc__


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    lines = (errors.__doc__ or "").split("\n\n")[1].splitlines()
    drawn = [re.match(r"([│├└─ ]*)(\w+)", line) for line in lines]

    assert {(one[2], len(one[1]) // 4) for one in drawn if one} == {
        (kind.__name__, len(kind.__mro__) - len(NellieError.__mro__)) for kind in OURS
    }


@pytest.mark.parametrize("kind", [DatabaseUnavailable, DatabaseRefuses, DatabaseBusy])
def test_only_the_code_that_retries_says_so(kind: type[DatabaseUnavailable]) -> None:
    error = kind(reason="away", seconds=30.0)

    assert "trying again" not in str(error)
    assert error.while_retrying.startswith(error.what_happened)
    assert error.while_retrying.endswith("Nothing accepted is lost; trying again.")


def test_the_texts_are_whole_without_docstrings() -> None:
    code = (
        "from bot.domain.errors import DatabaseUnavailable, SettingsError\n"
        "assert not SettingsError.__doc__\n"
        "print(SettingsError(name='NELLIE_LEASE', reason='a number'))\n"
        "print(DatabaseUnavailable(reason='no route'))\n"
    )

    done = subprocess.run([sys.executable, "-OO", "-c", code], capture_output=True, text=True)  # noqa: S603  # our own

    assert done.stdout.splitlines() == [TEXTS[0][1], TEXTS[3][1]]
