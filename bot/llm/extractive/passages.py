"""The part of a long message that answers a question: where most of its words stand together."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from bot.language.terms import extract_terms
from bot.text.fences import flatten
from bot.text.graphemes import find_boundary

READ = 50_000  # characters of a message that are looked through
PIECE = 120  # characters of a part of a sentence that is longer than a quote may be
_SENTENCE = re.compile(r".+?(?:(?<=\w\w[.!?…])\s+|(?<=[。！？])|$)", re.DOTALL)
_WORDS = re.compile(rf".{{1,{PIECE}}}(?:\s+|$)|\S{{1,{PIECE}}}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence, or a part of a long one, and which of the wanted terms it holds."""

    start: int
    end: int
    terms: frozenset[str]


def best_passage(text: str, wanted: Collection[str], longest: int) -> str:
    """A text on one line; of a longer one, the part that holds most of what is wanted.

    It is cut at sentences or words, and a mark says where something was left out.
    """
    whole = flatten(text, READ)
    if len(whole) <= longest:
        return whole
    pieces = list(_split(whole, set(wanted)))
    if not any(piece.terms for piece in pieces):
        return flatten(text, longest)
    room = longest - 4  # for the marks, and for a code's end
    first, last = _widen(pieces, _densest(pieces, room), room)
    start, end = pieces[first].start, pieces[last].end
    passage = whole[start : start + find_boundary(whole[start:end], room)].strip()
    if passage.count("`") % 2:
        passage = f"`{passage}" if whole[:start].count("`") % 2 else f"{passage}`"
    begins = "… " if start else ""
    ends = "" if end >= len(whole.rstrip()) else "…"
    return f"{begins}{passage}{ends}"


def _split(text: str, wanted: set[str]) -> Iterator[_Piece]:
    for sentence in _SENTENCE.finditer(text):
        parts = [sentence.span()]
        if len(sentence.group()) > 2 * PIECE:
            parts = [found.span() for found in _WORDS.finditer(text, *sentence.span())]
        for start, end in parts:
            yield _Piece(start, end, frozenset(wanted & extract_terms(text[start:end]).keys()))


def _densest(pieces: Sequence[_Piece], room: int) -> tuple[int, int]:
    """The shortest run of pieces that fits and holds most terms; the first of those."""
    best, best_key = (0, 0), (-1, 0)
    for first, beginning in enumerate(pieces):
        if not beginning.terms:
            continue
        found = set[str]()
        for last in range(first, len(pieces)):
            length = pieces[last].end - beginning.start
            if length > room and last > first:
                break
            found |= pieces[last].terms
            if (len(found), -length) > best_key:
                best, best_key = (first, last), (len(found), -length)
    return best


def _widen(pieces: Sequence[_Piece], run: tuple[int, int], room: int) -> tuple[int, int]:
    """The run with what fits of what follows it, and then of what stands before."""
    first, last = run
    while last + 1 < len(pieces) and pieces[last + 1].end - pieces[first].start <= room:
        last += 1
    while first and pieces[last].end - pieces[first - 1].start <= room:
        first -= 1
    return first, last
