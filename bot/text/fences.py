"""Code fences of Markdown: which is open where, backticks and tildes of any number; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.text.graphemes import find_boundary

_BACKTICKS = re.compile("`{2,}")
LONGEST_MARK = 8  # a longer mark counts as one of so many
_MARK = re.compile(
    r"(?P<sign>`{3,}|(?<![^\n])[^\S\n]{0,3}~{3,})(?:(?P<language>[^\s`]{1,16})(?=[^\S\n]*\n))?"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a fence is opened or closed."""

    start: int
    end: int
    opens: str
    """The mark with its language; "" where a fence is closed."""


def find_marks(text: str) -> Iterator[Mark]:
    """The marks of a text that begins outside of code; what a fence holds are no marks."""
    sign = ""
    for found in _MARK.finditer(text):
        mark = found["sign"].strip()[:LONGEST_MARK]
        if not sign:
            sign = mark
            yield Mark(found.start(), found.end(), f"{mark}{found['language'] or ''}")
        elif mark.startswith(sign):
            sign = ""
            yield Mark(found.start(), found.end("sign"), "")


def open_fence(text: str) -> str:
    """The mark, with its language, of the fence that is still open at the end, or ""."""
    last = None
    for last in find_marks(text):  # noqa: B007  # only the last one matters
        pass
    return last.opens if last else ""


def closing_mark(fence: str) -> str:
    """What closes a fence."""
    return fence[: len(fence) - len(fence.lstrip(fence[0]))]


@lru_cache(maxsize=64)
def closing_pattern(mark: str) -> re.Pattern[str]:
    """What closes a fence at once, at the place where it is reopened."""
    sign = mark[0]
    return re.compile(rf"(?<!{sign})\s{{0,80}}{sign}{{{len(mark)},}}")


def flatten(text: str, longest: int) -> str:
    """A text on one line, cut where it is longer: its code in single backticks, none left open."""
    parts = _divide(text)
    parts[1::2] = ["`" + " ".join(code.replace("`", "'").split()) + "`" for code in parts[1::2]]
    flat = _BACKTICKS.sub("`", " ".join("".join(parts).split()))
    if len(flat) <= longest:
        return _close_code(flat)
    return f"{_close_code(flat[: find_boundary(flat, longest - 1)].rstrip())}…"


def _divide(text: str) -> list[str]:
    """What stands outside of code, then inside, outside again, and so on."""
    parts, at = [], 0
    for mark in find_marks(text):
        parts.append(text[at : mark.start])
        at = mark.end
    return [*parts, text[at:]]


def _close_code(line: str) -> str:
    if line.count("`") % 2 == 0:
        return line
    return line[:-1] if line.endswith("`") else f"{line}`"
