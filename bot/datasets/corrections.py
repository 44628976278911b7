"""What corrects an answer that was found bad: the next thing a person says in its thread; pure.

It counts where it says something: a question, a mere "that is wrong" and thanks correct nothing.
What introduces it ("no, ...", "@Nellie actually ...") is no part of the right answer.
"""

import re

from bot.language.folding import UNSPACED

FEWEST_WORDS = 3
FEWEST_LETTERS = 8  # of a script that puts no spaces between words

_ADDRESS = re.compile(r"\A\W*(?:nellie)\b[\s,:;.!-]*", re.IGNORECASE)
_OPENING = re.compile(
    r"\A(?:"
    r"(?:no|nope|nah|nein|nee|non|wrong|incorrect|not (?:quite|right|true|correct)|actually"
    r"|correction|sorry|falsch|stimmt nicht|that(?:'s| is|s) (?:wrong|not right|incorrect|not true)"
    r"|das (?:ist falsch|stimmt nicht)|eigentlich|fixed?|edit)\b[\s,:;.!–—-]{1,4}"
    r")+",
    re.IGNORECASE,
)
_ASKS_AGAIN = re.compile(
    r"\A(?:please\s+)?(?:try|ask|look|check|do (?:it|that)|say (?:it|that)|answer|nochmal|versuch)"
    r"\b[^.!?\n]{0,40}(?:again|once more|noch ?mal|erneut)?[.!]*\Z",
    re.IGNORECASE,
)
_ONLY_JUDGES = re.compile(
    r"\A(?:that|this|it|das|your answer|the answer)(?:'s| is| was|s| ist| war)?\s+"
    r"(?:still |just |so |simply |completely |totally |all )?"
    r"(?:wrong|false|incorrect|bad|not (?:true|right|correct|it)|nonsense|falsch|outdated|made up)"
    r"\b[^.!?\n]{0,20}[.!]*\Z",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(f"[{UNSPACED}]")


def find_correction(text: str) -> str | None:
    """The right answer that a message gives; None where it gives none."""
    right = _without_opening(text.strip())
    if right.rstrip().endswith(("?", "？", "؟")) or _ASKS_AGAIN.match(right):
        return None
    if _ONLY_JUDGES.match(right):
        return None
    unspaced = len(_UNSPACED.findall(right)) >= FEWEST_LETTERS
    if len(_WORD.findall(right)) < FEWEST_WORDS and not unspaced:
        return None
    return right[:1].upper() + right[1:]


def _without_opening(text: str) -> str:
    former = ""
    while former != text:
        former = text
        text = _OPENING.sub("", _ADDRESS.sub("", text)).strip()
    return text
