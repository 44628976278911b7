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


def wrap(text: str, columns: int, *, first: str = "", rest: str = "") -> str:
    """The text in lines that fit, with something before the first and the others.

    No word is broken: one that is wider than a line has a line of its own.
    """
    lines, line, begun = list[str](), first, False
    for word in text.split():
        longer = f"{line} {word}" if begun else line + word
        if begun and cell_len(longer) > columns:
            lines.append(line)
            longer = rest + word
        line, begun = longer, True
    return "\n".join([*lines, line])


def is_wider(text: str, columns: int) -> bool:
    """Whether a line of it does not fit."""
    return any(cell_len(line) > columns for line in text.splitlines())


def _pad(cell: str, width: int, *, right: bool) -> str:
    space = " " * (width - cell_len(cell))
    return space + cell if right else cell + space
