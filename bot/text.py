"""Text in and out: cleaning what comes in; splitting, fencing and defusing what goes out."""

import re
import unicodedata
from collections.abc import Iterator

_SURROGATE = re.compile("[\ud800-\udfff]")
_NEWLINES = re.compile("\r\n?|[\x85\u2028\u2029]")
# Controls do nothing good in a chat; the bidirectional ones make a line read as another one.
_CONTROLS = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_FENCE = re.compile(r"`{3,}(?:([^\s`]{1,16})(?=[^\S\n]*\n))?")
_CLOSE = "\n```"
_CLOSING = re.compile(r"(?<!`)\s{0,80}`{3,}")
_GAP = re.compile(r"(?:[^\S\n]*\n)+|\s+")
_GAP_IN_CODE = re.compile(r"[^\S\n]*\n?")
# Where a text may be cut, best first, and how full the piece must be for it, in quarters.
_BREAKS = (
    (re.compile(r"(?=\n\n)"), 2),
    (re.compile(r"(?=\n)"), 2),
    (re.compile(r"[.!?…][)\]\"'”’]*(?=\s)|[。！？]"), 2),
    (re.compile(r"(?=\s)"), 0),
)

# What may yet become the opening of a fence, with its language.
_UNSETTLED_FENCE = re.compile(r"`+[^\s`]{0,16}[^\S\n]{0,16}\Z")
_PING = re.compile(
    r"<(?=@[!&]?\w|!(?:channel|here|everyone|group|subteam)\b)|@(?=everyone|here|channel|group)",
    re.IGNORECASE,
)
# The end of a text that grows, which may yet become a mention, a whole character or one newline.
_UNSETTLED = re.compile(r"(?:<@?|@)[^<@\s]{0,9}\Z|[\ud800-\udbff\r]\Z")


def clean(text: str) -> str:
    """A text as it may be remembered: no stray surrogates, no controls but newline and tab."""
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _CONTROLS.sub("", _NEWLINES.sub("\n", text.replace("\0", "\ufffd")))


def defuse(text: str) -> str:
    """The text with mentions that would ping people held back by a zero-width space."""
    return _PING.sub(lambda found: f"{found[0]}\u200b", text)


def settled(text: str) -> int:
    """How much of a text that still grows can be cleaned and defused by itself."""
    found = _UNSETTLED.search(text)
    return found.start() if found else len(text)


def close_fence(text: str) -> str:
    """The text, with the code fence closed that is still open at its end."""
    if not _open_fence(text):
        return text
    return text + (_CLOSE.lstrip() if text.endswith("\n") else _CLOSE)


def split(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` (at least 50) characters, cut where it hurts least.

    A code fence that is cut is closed, and reopened in the next piece. Only whitespace is lost.
    """
    pieces = []
    start, fence = _after(_GAP, text, 0), ""
    while start < len(text):
        head = f"{fence}\n" if fence else ""
        end = _end(text, start, limit, head)
        body = head + text[start:end].rstrip()
        if len(body) > len(head):
            pieces.append(close_fence(body))
        fence = _open_fence(head + text[start:end])
        start, fence = _resume(text, end, fence)
    return pieces


def cut(text: str, limit: int, least: int = 0) -> tuple[str, str]:
    """The first piece of a text longer than `limit`, and what remains, with its code reopened.

    The piece has at least the first `least` characters, as they are: those already shown.
    """
    end = _end(text, 0, limit, "", least)
    rest, fence = _resume(text, end, _open_fence(text[:end]))
    head = f"{fence}\n" if fence else ""
    return close_fence(text[:end]), head + text[rest:]


def settled_fence(text: str) -> int:
    """How much of a text that still grows ends in no half of a code fence's mark."""
    found = _UNSETTLED_FENCE.search(text)
    return found.start() if found else len(text)


def boundary(text: str, end: int) -> int:
    """The nearest place up to `end` where a cut separates no accent, emoji part or surrogate."""
    for cut in range(end, max(end - 32, 0), -1):
        if not _clings(text[cut : cut + 1]) and text[cut - 1] != "\u200d":
            return cut
    return end


def _open_fence(text: str) -> str:
    """The opening of the fence that is open at the end: three backticks and the language."""
    marks = list(_FENCE.finditer(text))
    return f"```{marks[-1][1] or ''}" if len(marks) % 2 else ""


def _end(text: str, start: int, limit: int, head: str, least: int = 0) -> int:
    """Where the piece ends that begins at `start`, with `head` before it, `least` at the least."""
    rest = head + text[start : start + limit]
    if len(close_fence(rest)) <= limit and start + limit >= len(text):
        return len(text)
    room = limit - len(head) - len(_CLOSE)
    marks = [mark.span() for mark in _FENCE.finditer(text, start, start + limit + 40)]
    for end in _candidates(text, start, room, least):
        clear = _clear_of_marks(text, marks, bool(head), end)
        if clear > start + least:
            return clear
    return start + max(room, least)


def _candidates(text: str, start: int, room: int, least: int) -> Iterator[int]:
    for pattern, quarters in _BREAKS:
        first = start + max(1, least, room * quarters // 4)
        ends = [found.end() for found in pattern.finditer(text, first, start + room + 2)]
        yield max((end for end in ends if end <= start + room), default=start)
    yield boundary(text, start + room)


def _clear_of_marks(text: str, marks: list[tuple[int, int]], in_code: bool, end: int) -> int:
    """The cut moved before a fence that it would break, or open for nothing."""
    before = [mark for mark in marks if mark[0] < end]
    if not before:
        return end
    begins, ends = before[-1]
    opens = len(before) % 2 != in_code
    bare = opens and not text[ends:end].strip()
    return begins if end < ends or bare else end


def _resume(text: str, end: int, fence: str) -> tuple[int, str]:
    """Where the next piece begins, and the fence it begins in."""
    if not fence:
        return _after(_GAP, text, end), ""
    if closing := _CLOSING.match(text, end):
        return _resume(text, closing.end(), "")
    return _after(_GAP_IN_CODE, text, end), fence


def _after(gap: re.Pattern[str], text: str, start: int) -> int:
    found = gap.match(text, start)
    return found.end() if found else start


def _clings(character: str) -> bool:
    return (
        character == "\u200d"
        or "\udc00" <= character <= "\udfff"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or unicodedata.category(character or " ").startswith("M")
    )
