"""Chunking: long text is cut into pieces for a platform, its code fences kept whole; pure."""

import re
import unicodedata
from collections.abc import Iterator

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

# The end of a growing text that may yet become the opening of a fence, with its language.
_UNSTABLE_FENCE = re.compile(r"`+[^\s`]{0,16}[^\S\n]{0,16}\Z")


def close_fence(text: str) -> str:
    """Close the code fence that is still open at the end of the text, if there is one."""
    if not _open_fence(text):
        return text
    return text + (_CLOSE.lstrip() if text.endswith("\n") else _CLOSE)


def split(text: str, limit: int) -> list[str]:
    """Cut the text into pieces of at most `limit` (at least 50) characters, at the best places.

    A code fence that is cut is closed, and reopened in the next piece. Only whitespace is lost.
    """
    pieces = []
    start, fence = _skip(_GAP, text, 0), ""
    while start < len(text):
        head = f"{fence}\n" if fence else ""
        end = _find_end(text, start, limit, head)
        body = head + text[start:end].rstrip()
        if len(body) > len(head):
            pieces.append(close_fence(body))
        fence = _open_fence(head + text[start:end])
        start, fence = _resume(text, end, fence)
    return pieces


def split_first(text: str, limit: int, least: int = 0) -> tuple[str, str]:
    """Cut off the first piece of a text longer than `limit`; returns it and the rest.

    A code fence that is cut is closed in the piece and reopened in the rest. The piece begins
    with the first `least` characters unchanged: they are shown already.
    """
    end = _find_end(text, 0, limit, "", least)
    rest, fence = _resume(text, end, _open_fence(text[:end]))
    head = f"{fence}\n" if fence else ""
    return close_fence(text[:end]), head + text[rest:]


def stable_fence_length(text: str) -> int:
    """How much of a growing text comes before an end that may be half of a code fence."""
    found = _UNSTABLE_FENCE.search(text)
    return found.start() if found else len(text)


def find_boundary(text: str, end: int) -> int:
    """Find the last place up to `end` where a cut separates no accent, emoji part or surrogate."""
    for cut in range(end, max(end - 32, 0), -1):
        if not _belongs_to_previous(text[cut : cut + 1]) and text[cut - 1] != "\u200d":
            return cut
    return end


def _open_fence(text: str) -> str:
    """The opening of the fence that is still open at the end: backticks and language, or ""."""
    marks = list(_FENCE.finditer(text))
    return f"```{marks[-1][1] or ''}" if len(marks) % 2 else ""


def _find_end(text: str, start: int, limit: int, head: str, least: int = 0) -> int:
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
    yield find_boundary(text, start + room)


def _clear_of_marks(text: str, marks: list[tuple[int, int]], in_code: bool, end: int) -> int:
    """Move a cut before a fence that it would break, or that it would open for nothing."""
    before = [mark for mark in marks if mark[0] < end]
    if not before:
        return end
    begins, ends = before[-1]
    opens = len(before) % 2 != in_code
    bare = opens and not text[ends:end].strip()
    return begins if end < ends or bare else end


def _resume(text: str, end: int, fence: str) -> tuple[int, str]:
    """Where the next piece begins, and the fence that it begins in."""
    if not fence:
        return _skip(_GAP, text, end), ""
    if closing := _CLOSING.match(text, end):
        return _resume(text, closing.end(), "")
    return _skip(_GAP_IN_CODE, text, end), fence


def _skip(gap: re.Pattern[str], text: str, start: int) -> int:
    found = gap.match(text, start)
    return found.end() if found else start


def _belongs_to_previous(character: str) -> bool:
    return (
        character == "\u200d"
        or "\udc00" <= character <= "\udfff"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or unicodedata.category(character or " ").startswith("M")
    )
