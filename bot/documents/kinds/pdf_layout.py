"""Lines of a page -> paragraphs and headings, by where they stand and how large they are; pure."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median

from bot.documents.blocks import Block, heading, written_line
from bot.documents.kinds.pdf_lines import Line

_LARGER = 1.15  # times the size of the text, from which a line is a heading
_OTHER_SIZE = 0.12  # part of the size, from which letters are of another one
_GAP = 1.4  # times the usual distance of lines, from which a paragraph begins
_SHORT = 0.12  # part of the column, that a line is shorter at the end of a paragraph
_LONGEST_HEADING = 200  # characters
_MOST_LEVELS = 6
_ENDS = re.compile(r"[.!?:…。！？؟][\"'”’»)\]]?\Z")
_BEGINS = re.compile(r"[A-ZÀ-ÖØ-ÞЀ-Я0-9\"“„«(•●▪◦‣–]|[-*] ")
_NUMBER = re.compile(r"^(?:chapter|section|appendix)?[\s\dA-Z.]*[\d.]\s+|[\W_]+", re.IGNORECASE)

Outline = Mapping[int, Sequence[tuple[int, str]]]


class Layout:
    """One document's. What the file lists as headings is believed more than large letters."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._sizes: Counter[float] = Counter()
        """How many characters there are of each size."""
        self._larger: set[float] = set()

    def blocks(self, lines: Sequence[Line], page: int) -> Iterator[Block]:
        """Of one page."""
        for line in lines:
            self._sizes[_rounded(line.size)] += len(line.text)
        listed = {_bare(title): level for level, title in self._outline.get(page, ())}
        for paragraph in _paragraphs(lines, listed):
            text = _joined(paragraph)
            level = self._level(text, paragraph[0].size, listed)
            yield heading(text, level, page) if level else written_line(text, page)

    def _level(self, text: str, size: float, listed: dict[str, int]) -> int:
        """0 for what is no heading."""
        if len(text) > _LONGEST_HEADING:
            return 0
        if self._outline:
            return listed.pop(_bare(text), 0)
        usual = self._sizes.most_common(1)[0][0]
        if size < usual * _LARGER or not any(one.isalpha() for one in text):
            return 0
        self._larger.add(_rounded(size))
        return min(_MOST_LEVELS, 1 + sum(one > _rounded(size) for one in self._larger))


def _paragraphs(lines: Sequence[Line], listed: Collection[str]) -> Iterator[list[Line]]:
    for column in _columns(lines):
        usual, width = _pitch(column), max(line.right - line.left for line in column)
        kept = [column[0]]
        for before, line in pairwise(column):
            is_heading = _bare(line.text) in listed or _bare(before.text) in listed
            if is_heading or _begins(before, line, usual, width):
                yield kept
                kept = []
            kept.append(line)
        yield kept


def _columns(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines below each other; what stands higher than the one before begins a column."""
    kept: list[Line] = []
    for line in lines:
        if kept and line.top > kept[-1].bottom + line.size:
            yield kept
            kept = []
        kept.append(line)
    if kept:
        yield kept


def _pitch(column: Sequence[Line]) -> float:
    """The usual distance of two lines."""
    steps = [before.bottom - line.top for before, line in pairwise(column)]
    return median([step for step in steps if step > 0] or [0.0])


def _begins(before: Line, line: Line, usual: float, width: float) -> bool:
    """Whether a line begins a paragraph."""
    if abs(before.size - line.size) > _OTHER_SIZE * before.size:
        return True
    if before.bottom - line.top > usual * _GAP:
        return True
    is_short = before.right - before.left < width * (1 - _SHORT)
    if is_short and (_ENDS.search(before.text) or _BEGINS.match(line.text)):
        return True
    return bool(re.match(r"[•●▪◦‣]", line.text))


def _joined(lines: Sequence[Line]) -> str:
    """Chinese and Japanese have no spaces between words, so none between lines."""
    text = lines[0].text
    for line in lines[1:]:
        wide = _is_wide(text[-1]) and _is_wide(line.text[0])
        text = f"{text}{'' if wide else ' '}{line.text}"
    return text


def _is_wide(letter: str) -> bool:
    return "\u2e80" <= letter <= "\u9fff" or "\uff00" <= letter <= "\uffef"


def _rounded(size: float) -> float:
    return round(size * 2) / 2


def _bare(text: str) -> str:
    """What a heading and its entry in a list have in common."""
    return _NUMBER.sub(" ", text).strip().lower()
