"""The main text of a web page: its title, and what stands in its middle; pure.

In time that grows with its length alone, whatever it holds: who wrote it may mean harm.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

LONGEST = 2**19  # characters that are read
_ENOUGH = 200  # characters of a page's middle that make the rest of it unneeded
_BLOCKS = {
    *("address", "article", "aside", "blockquote", "br", "caption", "dd", "details", "div", "dl"),
    *("dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5"),
    *("h6", "header", "hr", "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary"),
    *("table", "td", "th", "tr", "ul"),
}
_RAW = {"script", "style", "noscript", "template", "svg", "iframe", "textarea", "title", "math"}
"""What goes on to its own end, whatever stands between."""
_ASIDE = {"nav", "aside", "footer", "form", "button", "select", "dialog", "menu"}
_MIDDLE = {"main", "article"}
_TAG = re.compile(
    r"</?([a-zA-Z][a-zA-Z0-9-]{0,30}+)(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+>"  # with no way back
)
_START = re.compile(r"<(?=/?[a-zA-Z]|[!?])")
_SPACES = re.compile(r"\s+")
_LONGEST_TAG = 4_000
_HIDDEN = re.compile(
    r"\s(?:hidden(?=[\s>=/])|aria-hidden\s*=\s*[\"']?true|style\s*=\s*[\"'][^\"']*"
    r"(?:display\s*:\s*none|visibility\s*:\s*hidden))",
    re.IGNORECASE,
)
_EMPTY = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
}
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
_ITEM = "\n- "
_IN_CELLS = {"p", "div", "br"}
"""Blocks that leave a cell a cell; with others in it, a table is how a page is laid out."""


class MainText(NamedTuple):
    """What people read on a page."""

    title: str
    text: str


def read_main_text(page: str, *, longest: int = LONGEST, with_marks: bool = False) -> MainText:
    """The title and the main text of a page in HTML, of which so many characters are read.

    Marks are those of Markdown: "## " before a heading, "| a | b" for a row of a table.
    """
    reader = _Reader(with_marks)
    for piece in _split(page[:longest]):
        reader.take(*piece)
    middle = _tidy(reader.middle)
    text = middle if len(middle) >= _ENOUGH else _tidy(reader.all)
    return MainText(" ".join(html.unescape(reader.title).split())[:300], text)


@dataclass(slots=True)
class _Reader:
    with_marks: bool = False
    title: str = ""
    all: list[str] = field(default_factory=list)
    middle: list[str] = field(default_factory=list)
    _open: dict[str, int] = field(default_factory=dict)
    """How many of these elements are open: of those that are left out, and of a page's middle."""
    _hidden: list[str] = field(default_factory=list)
    """The elements inside one that nobody sees, the outermost first."""
    _in_cell: bool = False
    _begins_item: bool = False

    def take(self, kind: str, name: str, text: str) -> None:
        """A piece of the page: text, the beginning or the end of an element, or a raw one."""
        if kind == "raw":
            self.title = self.title or (text if name == "title" else "")
        elif kind == "text":
            self._add(text)
        else:
            self._step(name, text, begins=kind == "begin")

    def _step(self, name: str, tag: str, *, begins: bool) -> None:
        if name in _ASIDE or name in _MIDDLE:
            self._open[name] = max(0, self._open.get(name, 0) + (1 if begins else -1))
        self._hide(name, tag, begins=begins)
        if name in _BLOCKS:
            self._add(self._mark(name, begins=begins))

    def _mark(self, name: str, *, begins: bool) -> str:
        """What stands for the beginning or the end of a block."""
        if self._begins_item and begins and name in _IN_CELLS:
            return ""  # the first paragraph of an item stands behind its hyphen
        if self.with_marks:
            if name in ("td", "th"):
                self._in_cell = begins
                return " | " if begins else " "
            if name in _HEADINGS and begins:
                self._in_cell = False
                return f"\n{_HEADINGS[name]} "
            if name in _IN_CELLS and self._in_cell:
                return " "
            self._in_cell = False
        return _ITEM if begins and name == "li" else "\n"

    def _hide(self, name: str, tag: str, *, begins: bool) -> None:
        if name in _EMPTY or tag.endswith("/>"):
            return
        if begins and (self._hidden or _HIDDEN.search(tag)):
            if len(self._hidden) < 1_000:
                self._hidden.append(name)
        elif not begins and self._hidden and name in self._hidden[-10:]:
            while self._hidden.pop() != name:
                pass

    def _add(self, text: str) -> None:
        if self._hidden or any(self._open.get(name) for name in _ASIDE):
            return
        self._begins_item = text == _ITEM or (self._begins_item and not text.strip())
        self.all.append(text)
        if any(self._open.get(name) for name in _MIDDLE):
            self.middle.append(text)


def _split(page: str) -> Iterator[tuple[str, str, str]]:
    """(kind, name, text) of each piece: found from left to right, with no look back."""
    at = 0
    while at < len(page):
        found = _START.search(page, at)
        start = found.start() if found else len(page)
        if start > at:
            yield "text", "", html.unescape(_SPACES.sub(" ", page[at:start]))
        if found is None:
            return
        tag = _TAG.match(page, start, start + _LONGEST_TAG)
        if tag is None:
            at = _after_mark(page, start)
            continue
        name, at = tag[1].lower(), tag.end()
        ends = page.startswith("</", start)
        if name in _RAW and not ends:
            end, after = _find_end(page, name, at)
            yield "raw", name, page[at:end]
            at = after
        else:
            yield "end" if ends else "begin", name, tag.group()


def _after_mark(page: str, start: int) -> int:
    """Where a comment or a declaration ends; of what is none, only its first sign is left out."""
    if not page.startswith(("<!", "<?"), start):
        return start + 1
    end = "-->" if page.startswith("<!--", start) else ">"
    found = page.find(end, start + 2)
    return found + len(end) if found >= 0 else len(page)


def _find_end(page: str, name: str, at: int) -> tuple[int, int]:
    """Where a raw element ends, and what comes after it; the page's end where it does not."""
    found = re.compile(f"</{name}[^>]{{0,100}}>", re.IGNORECASE).search(page, at)
    return (found.start(), found.end()) if found else (len(page), len(page))


def _tidy(parts: list[str]) -> str:
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    kept = (line for line in lines if line not in ("-", ""))
    return "\n".join(kept)
