"""RTF: paragraphs, headings and tables, without fonts, pictures and marks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.documents.blocks import Block, TableRows, heading, written_line
from bot.documents.kinds.rtf_codes import charset_code, page_code
from bot.documents.source import Source
from bot.domain.documents import NotReadable

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)",
    re.DOTALL,
)
_NOT_TEXT = {
    *("fonttbl", "colortbl", "stylesheet", "info", "pict", "themedata", "datastore", "xmlnstbl"),
    *("listtable", "listoverridetable", "rsidtbl", "generator", "fldinst", "object", "nonshppict"),
    *("deleted", "atnid", "atnauthor", "atnref", "atndate", "bkmkstart", "bkmkend"),
    *("filetbl", "revtbl", "pgdsctbl", "mmathPr", "listpicture"),
}
_ASIDES = {"footnote": "footnote", "annotation": "comment"}
_SIGNS = {
    "tab": "\t",
    "line": "\n",
    "emdash": "—",
    "endash": "–",
    "bullet": "•",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "emspace": " ",
    "enspace": " ",
}
_ESCAPES = {b"\\": "\\", b"{": "{", b"}": "}", b"~": " ", b"_": "-", b"\n": "\n", b"\r": "\n"}
_DEEPEST = 1_000  # groups in one another
_LOWEST = 8  # outline level of a heading


def read(source: Source) -> Iterator[Block]:
    """As the words come."""
    reader = _Reader()
    for found in _TOKEN.finditer(source.data):
        yield from reader.take(found)
    yield from reader.paragraph()


@dataclass(slots=True)
class _Group:
    """What holds up to a closing brace."""

    is_left_out: bool = False
    code: str = "cp1252"
    fallback: int = 1
    """Characters after a Unicode one that stand for it in old programs."""
    end: str = ""
    """What closes it."""


@dataclass(slots=True)
class _Reader:
    _groups: list[_Group] = field(default_factory=lambda: [_Group()])
    _parts: list[str] = field(default_factory=list)
    _bytes: bytearray = field(default_factory=bytearray)
    """Letters in an old code; some take two bytes."""
    _skip: int = 0
    _level: int = 0
    _fonts: dict[int, str] = field(default_factory=dict)
    _font: int = -1
    """In the table of fonts, the one that is described."""
    _table: TableRows | None = None
    _in_table: bool = False
    _cells: list[str] = field(default_factory=list)
    _high: int = 0
    """The first half of a letter that takes two."""

    def take(self, found: re.Match[bytes]) -> Iterator[Block]:
        """One token."""
        word, number, byte, sign, brace, text = found.groups()
        if byte:
            self._byte(int(byte, 16))
            return
        if text:
            self._plain(text)
        elif brace:
            self._brace(brace)
        elif sign:
            self._sign(sign)
        elif word:
            yield from self._word(word.decode("ascii"), int(number) if number else None)

    def paragraph(self) -> Iterator[Block]:
        """What has come since the last one ended."""
        text = self._take_text()
        if text:
            self._table = None
            yield heading(text, self._level) if self._level else written_line(text)

    def _take_text(self) -> str:
        self._decode()
        text = "".join(self._parts).strip()
        self._parts.clear()
        return text

    def _brace(self, brace: bytes) -> None:
        self._decode()
        group = self._groups[-1]
        if brace == b"{":
            if len(self._groups) > _DEEPEST:
                raise NotReadable("its parts are nested too deeply")
            self._groups.append(_Group(group.is_left_out, group.code, group.fallback))
        elif len(self._groups) > 1:
            self._put(self._groups[-1].end)
            self._groups.pop()
        self._skip = 0

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            # A destination that programs need not know: none of those has text of the document.
            self._groups[-1].is_left_out = True
        elif sign in _ESCAPES:
            self._put(_ESCAPES[sign])

    def _byte(self, value: int) -> None:
        if self._skip:
            self._skip -= 1
        elif not self._groups[-1].is_left_out:
            self._bytes.append(value)

    def _plain(self, text: bytes) -> None:
        skipped = min(self._skip, len(text))
        self._skip -= skipped
        if not self._groups[-1].is_left_out:
            self._bytes.extend(text[skipped:])

    def _put(self, text: str) -> None:
        self._decode()
        if not self._groups[-1].is_left_out:
            self._parts.append(text)

    def _decode(self) -> None:
        if self._bytes:
            self._parts.append(self._bytes.decode(self._groups[-1].code, "replace"))
            self._bytes.clear()

    def _word(self, word: str, number: int | None) -> Iterator[Block]:
        self._decode()
        if word == "u" and number is not None:
            self._unicode(number % 0x10000)
        elif word in _SIGNS:
            self._put(_SIGNS[word])
        elif word in _ASIDES:
            self._groups[-1].is_left_out, self._groups[-1].end = False, "]"
            self._put(f" [{_ASIDES[word]}: ")
        elif word in _NOT_TEXT:
            self._groups[-1].is_left_out = True
        elif word in ("par", "sect", "page"):
            yield from self._end_line()
        elif word in ("cell", "nestcell"):
            self._cells.append(self._take_text())
        elif word in ("row", "nestrow"):
            yield from self._row()
        else:
            self._note(word, number or 0)

    def _end_line(self) -> Iterator[Block]:
        """In a cell a paragraph is a part of it."""
        if self._in_table:
            self._put(" ")
        else:
            yield from self.paragraph()

    def _row(self) -> Iterator[Block]:
        self._table = self._table or TableRows()
        row = self._table.row(self._cells)
        self._cells.clear()
        if row:
            yield row

    def _unicode(self, value: int) -> None:
        """Letters beyond the first 65,536 come in halves."""
        self._skip = self._groups[-1].fallback
        if 0xD800 <= value < 0xDC00:
            self._high = value
            return
        if 0xDC00 <= value < 0xE000:
            value = 0x10000 + ((self._high - 0xD800) << 10) + (value - 0xDC00)
        if 0 < value < 0x110000 and not 0xD800 <= value < 0xE000:
            self._parts.append("" if self._groups[-1].is_left_out else chr(value))

    def _note(self, word: str, number: int) -> None:
        """What is said of the letters and paragraphs that follow."""
        group = self._groups[-1]
        match word:
            case "pard":
                self._level, self._in_table = 0, False
            case "intbl":
                self._in_table = True
            case "outlinelevel" if 0 <= number <= _LOWEST:
                self._level = number + 1
            case "uc":
                group.fallback = max(0, min(number, 10))
            case "ansicpg":
                group.code = page_code(number)
            case "f":
                self._font = number
                group.code = self._fonts.get(number, group.code)
            case "fcharset" if len(self._fonts) < _DEEPEST:
                self._fonts[self._font] = charset_code(number)
