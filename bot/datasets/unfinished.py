"""The folder in which a dataset is written: held by who writes it, and gone when nobody does."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FORMER = "former"
"""In it, while another takes its place: the folder that was there before."""
_SUFFIX = ".part"
_CHANCE = 8  # letters that a temporary folder's name ends with


@contextmanager
def unfinished_folder(folder: Path) -> Iterator[Path]:
    """A folder beside that of a dataset, which nobody else clears away. Raises OSError.

    What runs left that were killed is cleared away first: the system gives back what they held.
    """
    _clear(folder)
    made, held = _make(folder)
    try:
        yield made
    finally:
        _remove(made, folder)
        os.close(held)


def _make(folder: Path) -> tuple[Path, int]:
    while True:
        made = Path(tempfile.mkdtemp(prefix=_prefix(folder), suffix=_SUFFIX, dir=folder.parent))
        held = os.open(made, os.O_RDONLY)
        with suppress(OSError):  # where nothing can be held, nothing is cleared away either
            fcntl.flock(held, fcntl.LOCK_EX)
        if made.exists():
            return made, held
        os.close(held)  # another run has cleared it away before it was held


def _clear(folder: Path) -> None:
    prefix = _prefix(folder)
    for left in folder.parent.iterdir():
        chance = left.name.removeprefix(prefix).removesuffix(_SUFFIX)
        if left.name == f"{prefix}{chance}{_SUFFIX}" and len(chance) == _CHANCE:
            with suppress(OSError):  # held by a run, or no folder, or another's
                _clear_one(left, folder)


def _clear_one(left: Path, folder: Path) -> None:
    held = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove(left, folder)
    finally:
        os.close(held)


def _remove(made: Path, folder: Path) -> None:
    if (made / FORMER).exists() and not folder.exists():
        os.replace(made / FORMER, folder)  # it ended before the new one was in its place
    shutil.rmtree(made, ignore_errors=True)


def _prefix(folder: Path) -> str:
    return f".{folder.name}-"
