"""Tables for terminals: columns as wide as their widest cell on the screen."""

import os
import shutil
import sys
from collections.abc import Iterable, Sequence

from rich.cells import cell_len

UNLIMITED = 10_000  # columns, where no terminal says how many it has


def align(rows: Sequence[Sequence[str]], *, right: Iterable[int] = ()) -> str:
    """The rows as one text; the columns named in `right` are flush right."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    to_right = set(right)
    lines = (
        "  ".join(
            _pad(cell, width, right=at in to_right)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def terminal_width() -> int:
    """How many columns the output has room for; a pipe takes lines of any length."""
    if not (sys.stdout.isatty() or os.environ.get("COLUMNS")):
        return UNLIMITED
    return shutil.get_terminal_size().columns


def is_wider(text: str, columns: int) -> bool:
    """Whether a line of it does not fit."""
    return any(cell_len(line) > columns for line in text.splitlines())


def _pad(cell: str, width: int, *, right: bool) -> str:
    space = " " * (width - cell_len(cell))
    return space + cell if right else cell + space
