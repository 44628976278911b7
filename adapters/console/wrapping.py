"""Replies of commands for a terminal: broken between words, without the marks of code; pure."""

import re
from collections.abc import Iterator

from rich.cells import cell_len

from bot.text.fences import LONGEST_MARK

_MARK = re.compile(rf"\s*`{{3,{LONGEST_MARK}}}\s*")
_COLUMN = re.compile(r"/\S.*?\s{2,}|\s*(?:[-*•]|\d+[.)])?\s*")
"""What stands before the text of a line: a command in a list of them, a bullet, spaces."""


def for_terminal(text: str, width: int) -> str:
    """Lines that are longer than the width go on below their text; code stays as it is.

    A word that is longer stays whole, since it may be a link: the terminal breaks it.
    """
    lines, in_code = list[str](), False
    for line in text.split("\n"):
        if _MARK.fullmatch(line):
            in_code = not in_code
        elif in_code or cell_len(line) <= width:
            lines.append(line)
        else:
            lines += _wrap(line, width)
    return "\n".join(lines)


def _wrap(line: str, width: int) -> Iterator[str]:
    found = _COLUMN.match(line)
    head = found[0] if found and cell_len(found[0]) <= width // 2 else ""
    indent, row, used = " " * cell_len(head), head, cell_len(head)
    begun = False
    for word in line[len(head) :].split(" "):
        size = cell_len(word)
        if begun and used + 1 + size > width:
            yield row.rstrip()
            row, used, begun = indent, len(indent), False
        row, used = (f"{row} {word}", used + 1 + size) if begun else (row + word, used + size)
        begun = True
    yield row
