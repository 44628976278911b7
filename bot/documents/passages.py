"""Cutting a document into passages: parts of 300 to 400 tokens that are found and cited as one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.documents.blocks import Block
from bot.documents.sentences import split
from bot.domain.documents import Passage
from bot.text.tokens import clip, estimate

MOST = 400  # tokens of a passage
FEWEST = 150  # tokens from which on a heading begins a new one,
FEWEST_ON_PAGE = 75  # and on a page of its own: a slide is cited by itself
OVERLAP = 60  # tokens that are said again where a paragraph goes on in the next passage
LONGEST_HEADER = 80  # tokens of a table's header, which stands in each passage with its rows
LONGEST_HEADING = 300  # characters of the headings above a passage


def cut(blocks: Iterable[Block]) -> Iterator[Passage]:
    """The passages, in order.

    A paragraph is whole where it fits into one, and a sentence too. A table's header stands above
    its rows in every passage. The last heading above a passage is not repeated in its text.
    """
    cutter = _Cutter()
    for block in blocks:
        yield from cutter.take(block)
    yield from cutter.finish()


@dataclass(slots=True)
class _Part:
    """What stands in a passage, one below the other."""

    text: str
    tokens: int
    page: int
    joint: str = "\n\n"
    """What goes before it."""
    is_heading: bool = False
    goes_on: bool = False
    """The paragraph is not at its end."""


@dataclass(slots=True)
class _Heading:
    block: Block
    has_text: bool = False
    """Something stands below it; else it is all that there is, and must not be lost."""


@dataclass(slots=True)
class _Cutter:
    _parts: list[_Part] = field(default_factory=list)
    _tokens: int = 0
    _number: int = 0
    _path: list[_Heading] = field(default_factory=list)
    """The headings that we are below."""
    _above: str = ""
    """The headings above the passage that is open."""
    _header: str = ""
    """Of the table that the passage stands in."""

    def take(self, block: Block) -> Iterator[Passage]:
        """The passages that end before this block, or in it."""
        if block.level and len(block.text) <= LONGEST_HEADING:
            yield from self._take_heading(block)
        elif block.header:
            yield from self._take_row(block)
        else:
            self._header = ""
            yield from self._take_text(block)

    def finish(self) -> Iterator[Passage]:
        """The last passage."""
        self._leave(0)
        yield from self._end()

    def _end(self) -> Iterator[Passage]:
        """The passage that is open."""
        while self._parts and self._parts[-1].is_heading:  # nothing stands below it
            self._parts.pop()
        if self._parts:
            self._number += 1
            pages = [part.page for part in self._parts if part.page]
            yield Passage(
                number=self._number,
                text="".join(
                    f"{part.joint if number else ''}{part.text}"
                    for number, part in enumerate(self._parts)
                ),
                heading=self._above,
                first_page=min(pages, default=0),
                last_page=max(pages, default=0),
            )
        self._parts, self._tokens, self._header = [], 0, ""
        self._above = self._headings()

    def _take_heading(self, block: Block) -> Iterator[Passage]:
        is_other_page = bool(self._parts) and self._parts[-1].page != block.page
        if self._tokens >= (FEWEST_ON_PAGE if is_other_page else FEWEST):
            yield from self._end()
        self._leave(block.level)
        self._path.append(_Heading(block))
        if any(not part.is_heading for part in self._parts):
            self._parts.append(_Part(block.text, estimate(block.text), block.page, is_heading=True))
        else:
            self._parts, self._tokens, self._above = [], 0, self._headings()

    def _leave(self, level: int) -> None:
        """Headings of this level, and lower ones, are over."""
        bare: list[Block] = []
        while self._path and self._path[-1].block.level >= level:
            left = self._path.pop()
            if not left.has_text:
                bare.append(left.block)
        if not bare:
            return
        for _ in bare:  # they come again as text
            if self._parts and self._parts[-1].is_heading:
                self._parts.pop()
        if not self._parts:
            self._above = self._headings()
        for block in reversed(bare):
            self._add(_Part(block.text, estimate(block.text), block.page))

    def _take_row(self, block: Block) -> Iterator[Passage]:
        header = "" if block.text == block.header else clip(block.header, LONGEST_HEADER)
        tokens = estimate(block.text)
        if self._tokens + tokens > MOST and self._tokens >= FEWEST:
            yield from self._end()
        if self._header != block.header:
            self._header = block.header
            if header:
                self._add(_Part(header, estimate(header), block.page))
        yield from self._take_text(block, tokens)
        self._header = block.header if self._parts else ""

    def _take_text(self, block: Block, tokens: int = 0) -> Iterator[Passage]:
        tokens = tokens or estimate(block.text)
        joint = "\n" if block.is_line else "\n\n"
        if self._tokens + tokens > MOST and self._tokens >= FEWEST:
            yield from self._end()
        if self._tokens + tokens <= MOST:
            self._add(_Part(block.text, tokens, block.page, joint))
            return
        yield from self._take_long(block, joint)

    def _take_long(self, block: Block, joint: str) -> Iterator[Passage]:
        """Sentence by sentence; the last ones of a passage begin the next one."""
        for sentence in split(block.text, MOST):
            tokens = estimate(sentence)
            if self._tokens + tokens > MOST:
                again = self._last_sentences()
                yield from self._end()
                for part in again:
                    self._add(part)
                joint = "" if again else joint
            self._add(_Part(sentence, tokens, block.page, joint, goes_on=True))
            joint = ""
        self._parts[-1].goes_on = False

    def _last_sentences(self) -> list[_Part]:
        """Those of the paragraph that goes on."""
        kept: list[_Part] = []
        tokens = 0
        for part in reversed(self._parts):
            tokens += part.tokens
            if not part.goes_on or tokens > OVERLAP:
                break
            kept.append(part)
        return kept[::-1]

    def _add(self, part: _Part) -> None:
        """Text, which stands below all the headings that are open."""
        self._parts.append(part)
        self._tokens += part.tokens
        for one in reversed(self._path):
            if one.has_text:
                break
            one.has_text = True

    def _headings(self) -> str:
        return " > ".join(one.block.text for one in self._path)[:LONGEST_HEADING]
