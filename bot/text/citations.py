"""Citations: what stands for a passage in an answer, `[doc 3]`, becomes its file with a link. Pure.

A mark that was not given is taken out, with the space before it; code stays as it is. A text comes
in pieces, cut anywhere, and what is given of it is the same however it was cut.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote, urlsplit

from bot.text.graphemes import find_boundary
from bot.text.sanitize import clean, show_hidden

LONGEST_NAME = 80  # characters of a file's name, as it is cited
LONGEST_LINK = 2_000
LONGEST_CODE = 2_000  # characters after a backtick in which another one ends the code
MOST_NUMBERS = 20  # of one mark

_SPACE = r"[ \t\xa0]"
_GAP = rf"{_SPACE}{{0,3}}"
_NUMBER = r"\d{1,4}"
_DOC = r"docs?[ \t\xa0.#]{0,3}"
_SIGN = rf"{_GAP}[,;&/+、，–-]{_GAP}"
_AND = rf"{_SPACE}{{1,3}}(?:and|und|et|y|e|en|och|og|и|ve){_SPACE}{{1,3}}"
_NEXT = rf"(?:{_SIGN}|{_AND}|{_GAP}){_DOC}{_NUMBER}|(?:{_SIGN}|{_AND}){_NUMBER}"
_LIST = rf"{_NUMBER}(?:{_NEXT}){{0,{MOST_NUMBERS - 1}}}"
_INSIDE = r"[^\[\]【】\n]"
_TOLD = rf"(?:{_GAP}[,:;]{_INSIDE}{{0,120}}|{_SPACE}{{1,3}}\(?pp?\.{_INSIDE}{{0,20}})?"  # ", p. 4"
_TARGET = r"\([^\s()]{0,500}(?:\([^\s()]{0,500}\)[^\s()]{0,500}){0,3}"  # of a link, but its end
_TOKEN = re.compile(
    rf"(?P<space>{_SPACE}{{0,4}})\\?[\[【]{_GAP}(?P<numbers>{_DOC}{_LIST}{_TOLD}){_GAP}[\]】]"
    rf"(?:{_TARGET}\))?|\\`|(?P<fence>`{{3,}}|(?<=\n)[^\S\n]{{0,3}}~{{3,}})|(?P<ticks>`{{1,2}})",
    re.IGNORECASE,
)
_BODY = rf"{_GAP}(?:d(?:o(?:cs?(?:[ \t\xa0.#]{{1,3}}|[ \t\xa0.#]{{0,3}}\d{_INSIDE}{{0,600}})?)?)?)?"
# The end of a growing text that may yet become, or belong to, one of these.
_UNSURE_END = re.compile(
    rf"(?:{_SPACE}{{0,4}}\\?(?:[\[【]{_BODY}(?:[\]】](?:{_TARGET}(?:\([^\s()]{{0,500}})?)?)?)?"
    r"|(?<!`)`+|(?:\n|(?<=\n))[^\S\n]{0,3}~*)\Z",
    re.IGNORECASE,
)
_CUT_MARK = re.compile(rf"{_SPACE}{{0,4}}\\?[\[【](?={_GAP}d){_BODY}\Z", re.IGNORECASE)
_LISTED = re.compile(rf"{_DOC}({_LIST})", re.IGNORECASE)
_SINGLE = re.compile(rf"({_NUMBER})(?:{_GAP}[–-]{_GAP}({_NUMBER}))?")
_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n")
_MARK_LIKE = re.compile(rf"[\[【](?={_GAP}{_DOC}\d)", re.IGNORECASE)
_SCHEME = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}:/+", re.IGNORECASE)
_SIGNS = str.maketrans({"[": "(", "]": ")", "`": "'", "|": "¦", "<": "‹", ">": "›", "\\": "/"})
_EMPHASIS = re.compile(r"[*~]|_(?![^\W_])|(?<![^\W_])_")


def break_up_citations(text: str) -> str:
    """The text, with a zero-width space in whatever would be taken as a mark of hers."""
    if not _has_bracket(text):
        return text
    return _MARK_LIKE.sub(lambda found: f"{found[0]}\u200b", text)


def format_citation(name: str, pages: str = "", link: str = "") -> str:
    """What a mark becomes, in Markdown: nothing in a name or a link can end it, or be more."""
    label = ", ".join(filter(None, (_plain(name) if name or not pages else "", pages)))
    address = _plain_link(link)
    return f"[{label}]({address})" if address else f"({label})"


def _plain(name: str) -> str:
    """A file's name as the text of a link, in whatever script."""
    text = " ".join(_SCHEME.sub("", show_hidden(clean(name))).translate(_SIGNS).split())
    if len(text) > LONGEST_NAME:
        text = f"{text[: find_boundary(text, LONGEST_NAME - 1)].rstrip()}…"
    return _EMPHASIS.sub(r"\\\g<0>", text) or "a file"


def _plain_link(link: str) -> str:
    """An address of the web, without signs that mean something in Markdown; "" for all else."""
    try:
        is_web = urlsplit(link).scheme in ("http", "https") and bool(urlsplit(link).hostname)
    except ValueError:
        return ""
    if not is_web or len(link) > LONGEST_LINK:
        return ""
    return quote(clean(link).strip(), safe="%:/?#&=+,;~.$-_!", errors="replace")


def take_marks(text: str) -> tuple[str, tuple[int, ...]]:
    """A text without its marks, and their numbers, each once."""
    if not _has_bracket(text):
        return text, ()
    found = [one for one in _TOKEN.finditer(text) if one["numbers"]]
    numbers = dict.fromkeys(number for one in found for number in _numbers(one["numbers"]))
    rest = _TOKEN.sub(lambda one: "" if one["numbers"] else one.group(), text)
    return rest, tuple(numbers)


def _has_bracket(text: str) -> bool:
    """Every mark begins with one; few texts hold any."""
    return "[" in text or "【" in text


class Citations:
    """Puts citations into a text that comes piece by piece; `cited` by number, from 1."""

    def __init__(self, cited: Sequence[str]) -> None:
        self.given = 0
        """Marks of passages that were given."""
        self.not_given = 0
        """Marks that were taken out."""
        self._cited = cited
        self._pending = ""
        self._last = "\n"
        """What was given last, one character of it."""
        self._fence = ""
        """The mark of the code block that is open."""
        self._follows: str | None = None
        """What the last thing given was: a "citation", or a mark "removed" from a line's start."""

    def feed(self, piece: str) -> str:
        """What of it can be shown, whatever comes next."""
        self._pending += piece
        return "".join(self._advance(ended=False))

    def finish(self) -> str:
        """What is left at the end; of a mark that was cut off, nothing."""
        rest = "".join(self._advance(ended=True))
        self._pending = ""
        return rest

    def _advance(self, *, ended: bool) -> Iterator[str]:
        while self._pending:
            length = len(self._pending)
            if self._fence:
                yield from self._go_on_in_fence(ended=ended)
            else:
                yield from self._go_on(ended=ended)
            if len(self._pending) == length:
                return

    def _go_on(self, *, ended: bool) -> Iterator[str]:
        """Up to the next mark or code, and that."""
        text = self._last + self._pending  # a fence of tildes begins a line
        unsure = len(text) if ended else _start(_UNSURE_END.search(text, 1), len(text))
        found = _TOKEN.search(text, 1)
        if found is None or found.start() >= unsure or (not ended and found.end() > unsure):
            yield self._plain(self._cut(unsure - 1, ended=ended))
            return
        yield self._plain(self._take(found.start() - 1))
        token = self._take(len(found.group()))
        if found["fence"]:
            self._fence = token.strip()
            yield self._verbatim(token)
        elif found["ticks"]:
            yield from self._go_on_in_code(token, ended=ended)
        elif found["numbers"]:
            yield from self._cite(found["space"], found["numbers"])
        else:
            yield self._verbatim(token)

    def _cut(self, length: int, *, ended: bool) -> str:
        """What of the pending text is certain; at the end, without a mark that was cut off."""
        text = self._take(length)
        return _CUT_MARK.sub("", text) if ended and self._cited else text

    def _go_on_in_fence(self, *, ended: bool) -> Iterator[str]:
        sign, text = self._fence[0], self._last + self._pending
        before = r"(?<=\n)[^\S\n]{0,3}" if sign == "~" else ""
        found = re.compile(rf"{before}{sign}{{{len(self._fence)},}}").search(text, 1)
        if found and (ended or found.end() < len(text)):
            self._fence = ""
            yield self._verbatim(self._take(found.end() - 1))
            return
        unsure = len(text) if ended else _start(_UNSURE_END.search(text, 1), len(text))
        yield self._verbatim(self._take(unsure - 1))

    def _go_on_in_code(self, ticks: str, *, ended: bool) -> Iterator[str]:
        """Code in a line, where the same backticks end it in the same paragraph."""
        closing = re.compile(rf"(?<!`){ticks}(?!`)").search(self._pending)
        paragraph = _PARAGRAPH_END.search(self._pending)
        end = min(paragraph.start() if paragraph else len(self._pending), LONGEST_CODE)
        is_known = ended or paragraph or len(self._pending) > LONGEST_CODE
        if closing and closing.end() <= end and (is_known or closing.end() < len(self._pending)):
            yield self._verbatim(ticks + self._take(closing.end()))
        elif is_known:
            yield self._verbatim(ticks)
        else:
            self._pending = ticks + self._pending

    def _cite(self, space: str, numbers: str) -> Iterator[str]:
        known = [self._cited[number - 1] for number in self._known(numbers)]
        if not known:
            self._follows = "removed" if self._last == "\n" else self._follows
            return
        beside = self._follows == "citation" or self._last in "!\\"
        apart = "" if self._follows == "removed" else space or " " * beside
        yield self._verbatim(apart + ", ".join(known))
        self._follows = "citation"

    def _known(self, numbers: str) -> Iterator[int]:
        """Those that were given, each once; the others are counted."""
        asked = dict.fromkeys(_numbers(numbers))
        for number in asked:
            if 1 <= number <= len(self._cited):
                self.given += 1
                yield number
            else:
                self.not_given += 1

    def _plain(self, text: str) -> str:
        if text and self._follows == "removed":
            text = text.lstrip(" \t")
        return self._verbatim(text)

    def _verbatim(self, text: str) -> str:
        if text:
            self._last, self._follows = text[-1], None
        return text

    def _take(self, length: int) -> str:
        taken, self._pending = self._pending[:length], self._pending[length:]
        return taken


def _start(found: re.Match[str] | None, otherwise: int) -> int:
    return found.start() if found else otherwise


def _numbers(text: str) -> list[int]:
    """The numbers of a mark; of "1-3", all three."""
    found: list[int] = []
    for one in _SINGLE.finditer(" ".join(_LISTED.findall(text))):
        first, last = int(one[1]), int(one[2] or one[1])
        found += range(first, min(last, first + MOST_NUMBERS) + 1)
    return found[:MOST_NUMBERS]
