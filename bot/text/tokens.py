"""Our own estimate of tokens, the same for every model, and clipping text by it; pure."""

import re
from bisect import bisect_right
from functools import lru_cache

_LOWER = "a-zß-öø-ɏ"
_UPPER = "A-ZÀ-ÖØ-Þ"
# Every match is about one token of a byte-pair vocabulary. Such a vocabulary splits where lower
# case turns to upper, before a number and after three digits, which also makes base64 and hashes
# expensive. A word of up to seven letters is one token; a longer one takes another for every four
# letters more.
_PIECE = re.compile(
    rf"[{_UPPER}]?[{_LOWER}]{{1,7}}(?![{_LOWER}])|[{_UPPER}]?[{_LOWER}]{{1,4}}"
    rf"|[{_UPPER}]{{1,3}}|[0-9]{{1,3}}|[!-/:-@\[-`{{-~]{{1,2}}"
    r"|\s{2,16}|\s(?=[0-9])|[\x00-\x1f\x7f]"
)
# Characters of other scripts, with their hundredths of a token each: between what cl100k and o200k
# take, nearer to the one that takes more.
_SCRIPTS = {
    "\x80-¿×÷": 100,
    "Ѐ-ԯ": 45,
    "ɐ-Ͽ\u0530-\u08ff": 65,
    "\u0900-\u1fff": 90,
    "\u2000-\ud7ff\uf900-\ufaff\uff00-\uffef": 100,
    "\ud800-\uf8ff\ufb00-\ufeff\ufff0-\uffff\U00010000-\U0010ffff": 250,
}
_WIDE = re.compile(r"(?=[^\x00-\x7f])(?:" + "|".join(f"([{script}]+)" for script in _SCRIPTS) + ")")
_WEIGHTS = (0, *_SCRIPTS.values())
_HIGHEST_WEIGHT = max(_WEIGHTS)
_STRETCH = 50_000  # characters
_LINES_KEPT, _LONGEST_KEPT = 4_096, 500  # of so many characters: at most 2 MB, often 400 kB
_LONGEST_PIECE = 17  # sixteen spaces, and the one before the next word that is free


def estimate(text: str) -> int:
    """Estimate the tokens of a text: about right for chat, code and logs, rather high elsewhere."""
    return max(-(-_weigh(text) // 100), bool(text))


def estimate_again(text: str) -> int:
    """The same, sooner where its lines were counted before, as those of a conversation are.

    An end of a line that stands behind what is no space, and before no other space, is a token, and
    parts what is before it from what follows.
    """
    begun = text.removeprefix("\n\n")  # a part of a prompt begins so, and that is one
    body = begun.removesuffix("\n")
    weights = [_weigh_line(line) for line in body.split("\n")] if len(text) <= _STRETCH else [None]
    around = (len(begun) < len(text)) + (len(body) < len(begun))
    hundredths = 100 * (len(weights) - 1 + around)
    for weight in weights:
        if weight is None:
            return estimate(text)
        hundredths += weight
    return max(-(-hundredths // 100), bool(text))


def _weigh_line(line: str) -> int | None:
    return (_weigh_own if len(line) <= _LONGEST_KEPT else _weigh_own.__wrapped__)(line)


@lru_cache(maxsize=_LINES_KEPT)
def _weigh_own(line: str) -> int | None:
    """What a line weighs by itself; None where it has none, for spaces go together with its end."""
    return _weigh(line) if line and line == line.strip() else None


def _weigh(text: str) -> int:
    """Hundredths of a token."""
    pieces = len(_PIECE.findall(text, 0, _STRETCH))
    # In stretches: no other thread runs while one of them is looked through.
    for start in range(_STRETCH, len(text), _STRETCH):
        pieces += len(_PIECE.findall(text, start, start + _STRETCH))
    hundredths = 100 * pieces
    if not text.isascii():
        for run in _WIDE.finditer(text):
            hundredths += _WEIGHTS[run.lastindex or 0] * (run.end() - run.start())
    return hundredths


def clip(text: str, tokens: int) -> str:
    """Cut the text to what fits, with a note of how much is missing; a text that fits stays.

    `tokens` is at least 16: the note alone takes about ten.
    """
    if len(text) * (100 if text.isascii() else _HIGHEST_WEIGHT) <= tokens * 100:
        return text
    if len(text) <= tokens * _LONGEST_PIECE and estimate(text) <= tokens:
        return text
    room = tokens - estimate(_missing_note(len(text)))
    longest = min(len(text), max(room, 0) * _LONGEST_PIECE)
    end = bisect_right(range(1, longest + 1), room, key=lambda end: estimate(text[:end]))
    end = _find_boundary(text, end)
    return text[:end].rstrip() + _missing_note(len(text) - end)


def clip_beginning(text: str, tokens: int) -> str:
    """The end of the text that fits, from a word on; a text that fits stays."""
    if estimate(text) <= tokens:
        return text
    longest = min(len(text), tokens * _LONGEST_PIECE)
    kept = bisect_right(range(1, longest + 1), tokens, key=lambda kept: estimate(text[-kept:]))
    start = _find_boundary(text, len(text) - kept)
    word = re.search(r"\s", text[start : start + 100])
    return text[start + (word.end() if word else 0) :]


def _find_boundary(text: str, end: int) -> int:
    # Only here: a large library is behind it, and processes that read a file start with estimates.
    from bot.text.graphemes import find_boundary

    return find_boundary(text, end)


def _missing_note(missing: int) -> str:
    return f" [… {missing:,} characters more]"
