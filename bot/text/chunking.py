"""Chunking: long text is cut into pieces for a platform, its code fences kept whole; pure."""

import re
from collections.abc import Iterator, Sequence

import regex

from bot.text.fences import Mark, closing_mark, closing_pattern, find_marks, open_fence
from bot.text.graphemes import Measure, find_boundary

# Whitespace that carries no accent of its own.
_GAP = regex.compile(r"(?:[^\S\n]*\n)+(?![\p{M}\u200d])|\s+(?![\p{M}\u200d])")
_GAP_IN_CODE = regex.compile(r"[^\S\n]*\n?(?![\p{M}\u200d])")
# Where a text may be cut, best first, and how full the piece must be for it, in quarters.
_BREAKS = (
    (re.compile(r"(?=\n\n)"), 2),
    (re.compile(r"(?=\n)"), 2),
    (regex.compile(r"[.!?…][)\]\"'”’]*(?=\s)|[。！？](?![\p{M}\u200d])"), 2),
    (re.compile(r"(?=\s)"), 0),
)
_SHORTEST_MARK = 3

# The end of a growing text that may yet become the opening of a fence, with its language.
_UNSTABLE_FENCE = re.compile(r"(?:`+|~+)[^\s`]{0,16}[^\S\n]{0,16}\Z")


def close_fence(text: str) -> str:
    """Close the code fence that is still open at the end of the text, if there is one."""
    fence = open_fence(text)
    if not fence:
        return text
    mark = closing_mark(fence)
    return text + (mark if text.endswith("\n") else f"\n{mark}")


def split(text: str, limit: int, measure: Measure = Measure.CODE_POINTS) -> list[str]:
    """Cut the text into pieces of at most `limit` units (at least 50), at the best places.

    A code fence that is cut is closed, and reopened in the next piece. Only whitespace is lost.
    """
    pieces = []
    start, fence = _skip(_GAP, text, 0), ""
    while start < len(text):
        head = f"{fence}\n" if fence else ""
        end = _find_end(text, start, limit, measure, head)
        body = head + text[start:end].rstrip()
        if len(body) > len(head):
            pieces.append(close_fence(body))
        start, fence = _resume(text, end, open_fence(head + text[start:end]))
    return pieces


def split_first(text: str, limit: int, measure: Measure, least: int = 0) -> tuple[str, str, str]:
    """Cut off the first piece of a text longer than `limit`.

    Returns the piece, what opens a code fence again that was cut (or ""), and the rest. The piece
    begins with the first `least` characters unchanged: they are shown already.
    """
    end = _find_end(text, 0, limit, measure, "", least)
    rest, fence = _resume(text, end, open_fence(text[:end]))
    return close_fence(text[:end]), f"{fence}\n" if fence else "", text[rest:]


def truncate(text: str, limit: int, measure: Measure = Measure.CODE_POINTS) -> str:
    """The text, or as much of its beginning as fits, with a sign that there was more."""
    if measure.length(text) <= limit:
        return text
    return text[: find_boundary(text, measure.index_after(text, 0, limit - 1))].rstrip() + "…"


def stable_fence_length(text: str) -> int:
    """How much of a growing text comes before an end that may be half of a code fence."""
    found = _UNSTABLE_FENCE.search(text)
    return found.start() if found else len(text)


def _find_end(
    text: str, start: int, limit: int, measure: Measure, head: str, least: int = 0
) -> int:
    """Where the piece ends that begins at `start`, with `head` before it, `least` at the least."""
    full = measure.index_after(text, start, limit)
    if full == len(text) and measure.length(close_fence(head + text[start:])) <= limit:
        return len(text)
    around, before = head + text[start : full + 40], len(head)
    marks = list(find_marks(around))
    closing = max((len(closing_mark(one.opens)) for one in marks if one.opens), default=0)
    room = limit - measure.length(head) - len("\n") - max(closing, _SHORTEST_MARK)
    last = measure.index_after(text, start, room)
    for end in _candidates(text, start, last, least):
        clear = start - before + _clear_of_marks(around, marks[bool(head) :], end - start + before)
        if clear > start + least:
            return clear
    return max(last, start + least, start + 1)


def _candidates(text: str, start: int, last: int, least: int) -> Iterator[int]:
    for pattern, quarters in _BREAKS:
        first = start + max(1, least, (last - start) * quarters // 4)
        ends = [found.end() for found in pattern.finditer(text, first, last + 2)]
        yield max((end for end in ends if end <= last), default=start)
    yield find_boundary(text, last, start)


def _clear_of_marks(text: str, marks: Sequence[Mark], end: int) -> int:
    """Move a cut before a fence that it would break, or that it would open for nothing."""
    mark = next((mark for mark in reversed(marks) if mark.start < end), None)
    if mark is None:
        return end
    bare = mark.opens and not text[mark.end : end].strip()
    return mark.start if end < mark.end or bare else end


def _resume(text: str, end: int, fence: str) -> tuple[int, str]:
    """Where the next piece begins, and the fence that it begins in."""
    if not fence:
        return _skip(_GAP, text, end), ""
    if closing := closing_pattern(closing_mark(fence)).match(text, end):
        return _resume(text, closing.end(), "")
    return _skip(_GAP_IN_CODE, text, end), fence


def _skip(gap: "regex.Pattern[str]", text: str, start: int) -> int:
    found = gap.match(text, start)
    return found.end() if found else start
