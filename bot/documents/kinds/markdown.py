"""Markdown: headings, paragraphs, lists, tables, and code as it is."""

import re
from collections.abc import Iterable, Iterator

from bot.documents.blocks import Block, TableRows, heading
from bot.documents.kinds.plain import decode
from bot.documents.source import Source

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(\S.*?)(?:[ \t]+#+)?[ \t]*\Z")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-{2,})\s*\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,4}[.)])\s+\S")
_ROW = re.compile(r"\s*\|.*\S")
_RULE = re.compile(r"[\s|:-]+\Z")


def read(source: Source) -> Iterator[Block]:
    """As its author wrote it."""
    lines = iter(decode(source).splitlines())
    yield from _front_matter(lines)
    yield from read_lines(lines)


def read_lines(lines: Iterable[str]) -> Iterator[Block]:
    """The blocks of lines in Markdown."""
    reader = _Reader()
    for line in lines:
        yield from reader.take(line)
    yield from reader.end()


def _front_matter(lines: Iterator[str]) -> Iterator[Block]:
    """What some programs write above a text, between lines of hyphens."""
    first = next(lines, "")
    kept = []
    if first.strip() == "---":
        for line in lines:
            if line.strip() in ("---", "..."):
                break
            kept.append(line)
    elif first:
        kept.append(first)
    yield from read_lines(kept)


class _Reader:
    def __init__(self) -> None:
        self._open: list[str] = []
        self._is_item = False
        self._fence = ""
        self._table: TableRows | None = None

    def take(self, line: str) -> Iterator[Block]:
        """The blocks that end with this line, or before it."""
        if self._fence or _FENCE.match(line):
            yield from self._code(line)
        elif _ROW.match(line):
            yield from self.end()
            yield from self._row(line)
        elif not line.strip():
            self._table = None
            yield from self.end()
        else:
            self._table = None
            yield from self._text(line)

    def end(self) -> Iterator[Block]:
        """The block that is open."""
        if text := "\n".join(self._open).strip("\n"):
            yield Block(text, is_line=self._is_item)
        self._open, self._is_item = [], False

    def _text(self, line: str) -> Iterator[Block]:
        if found := _HEADING.match(line):
            yield from self.end()
            yield heading(found[2], len(found[1]))
        elif _UNDERLINE.match(line) and len(self._open) == 1 and not self._is_item:
            yield heading(self._open.pop(), 1 if "=" in line else 2)
        elif _ITEM.match(line):
            yield from self.end()
            self._open, self._is_item = [line.rstrip()], True
        else:
            self._open.append(line.rstrip())

    def _row(self, line: str) -> Iterator[Block]:
        self._table = self._table or TableRows()
        if not _RULE.match(line):
            row = self._table.row(line.strip().strip("|").split("|"))
            if row:
                yield row

    def _code(self, line: str) -> Iterator[Block]:
        found = _FENCE.match(line)
        if not self._fence and found:
            yield from self.end()
            self._fence = found[1]
            self._open.append(line)
        else:
            self._open.append(line)
            if found and found[1].startswith(self._fence) and line.strip() == found[1]:
                self._fence = ""
                yield from self.end()
