"""What a reader makes of a file: headings, paragraphs and rows, in order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_BULLET = re.compile(r"[\uf000-\uf0ff•▪◦‣●○■□➢✓–]\s+")
"""Also those of fonts with symbols, whose letters have no meaning elsewhere."""
LONGEST_ROW = 100_000  # characters of a row in a table
LONGEST_TITLE = 100  # characters of a line that passes for one


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document that belongs together."""

    text: str
    page: int = 0
    """From 1; 0 where there are no pages."""
    level: int = 0
    """Of a heading, 1 for the outermost; 0 for all that is none."""
    header: str = ""
    """Of a table's row: the table's first row, which says what the columns are."""
    is_line: bool = False
    """It goes on below the one before, without an empty line: a row, an item of a list."""


def heading(text: str, level: int, page: int = 0) -> Block:
    """A heading, on one line."""
    return Block(" ".join(text.split()), page, max(1, level))


def written_line(text: str, page: int = 0) -> Block:
    """A paragraph; one that begins with a bullet is an item of a list."""
    found = _BULLET.match(text)
    return Block(f"- {text[found.end() :]}", page, is_line=True) if found else Block(text, page)


def slide_blocks(title: str, name: str, page: int, blocks: list[Block]) -> list[Block]:
    """A slide below its title; where none is marked as such, a short first line is it."""
    if not title and blocks and not blocks[0].header and len(blocks[0].text) <= LONGEST_TITLE:
        title, blocks = blocks[0].text, blocks[1:]
    return [heading(title or name, 1, page), *blocks]


class TableRows:
    """Makes the rows of one table; the first that is not empty is its header."""

    def __init__(self, page: int = 0) -> None:
        self._page = page
        self._header = ""

    def row(self, cells: Sequence[str]) -> Block | None:
        """None for a row without a word."""
        filled, left = list[str](), LONGEST_ROW
        for cell in cells:
            filled.append(" ".join(cell[: max(0, left)].split()))
            left -= len(filled[-1])
        while filled and not filled[-1]:
            filled.pop()
        if not filled:
            return None
        text = " | ".join(filled)
        self._header = self._header or text
        return Block(text, self._page, header=self._header, is_line=True)
