"""Whether a message asks for the summary of a file: "give me the gist of the PDF Ana posted". Pure.

As with standing requests (`reading`) it is known by its structure: a phrase for summing up, words
for files, and what stands around them. What is left are a name, who posted it, or when: whoever
knows the files decides whether these explain it all. If not, it is a question as any other.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from bot.language.intents.file_words import ENDINGS, FILE_WORDS
from bot.language.intents.languages import LANGUAGES, Script, scripts_of
from bot.language.intents.phrases import SHORT, read_words
from bot.language.intents.since import find_times, read_span
from bot.language.intents.spans import Span

MOST_LEFT = 12  # words that name a file, or tell when it was posted
_OWN_FILE = re.compile(r"^\[(?:file|picture|sound|video): .*\]$|https?://\S+", re.MULTILINE)
_TELLING = ("sums", "files")
_WORD = re.compile(r"\S+ ?")
_UNSPACED_WORD = re.compile(r"[a-z0-9]+|.")


@dataclass(frozen=True, slots=True)
class FileSummary:
    """What a message says of the file that it wants summed up."""

    names_file: bool
    """It says "file", "PDF" or the like."""
    words: tuple[str, ...]
    """What is left, folded: a name, or who posted it."""
    endings: frozenset[str]
    """Kinds of files that it names."""
    span: Span | None = None
    """When it was posted."""


def read_file_summary(text: str, now: datetime) -> FileSummary | None:
    """The request that a message is, seen from now; None where it sums up nothing.

    The lines that name its own files do not count, nor do links in it.
    """
    text = _OWN_FILE.sub("", text)
    words = read_words(text)
    if len(text) > SHORT or not words:
        return None
    found = [
        one
        for script in scripts_of(words)
        if _telling(script).search(ready := script.ready(words))
        for number in script.numbers
        if (one := _read_in(number, ready))
    ]
    if not found:
        return None
    best = min(found, key=lambda one: (len(one.words), not one.names_file))
    return _with_time(best, now) if len(best.words) <= MOST_LEFT else None


def _read_in(number: int, ready: str) -> FileSummary | None:
    """The same, in one language."""
    heard, left, place = set[str | None](), list[str](), 0
    known, word = _known(number), _WORD if LANGUAGES[number].spaced else _UNSPACED_WORD
    while place < len(ready):
        found = known.match(ready, place)
        if found is None:
            found = word.match(ready, place)
            left.append(found.group().strip() if found else "")
        else:
            heard.add(found.lastgroup)
        place = found.end() if found else len(ready)
    left = [one.removesuffix("'s") for one in left if one]
    endings = ENDINGS.intersection(left)
    names_file = "files" in heard or bool(endings)
    if not ("sums" in heard or ("asks" in heard and names_file)):
        return None
    words = tuple(one for one in left if one not in endings)
    return FileSummary(names_file, words, endings)


def _with_time(asked: FileSummary, now: datetime) -> FileSummary:
    """With the time that its last words say, if they do."""
    for first in range(len(asked.words)):
        piece = "".join(f"{word} " for word in asked.words[first:])
        for time in (piece, f"in {piece}"):  # "from" and the like are gone
            if find_times(time) and (span := read_span(time, now)):
                left = asked.words[:first]
                return FileSummary(asked.names_file, left, asked.endings, span)
    return asked


@cache
def _telling(script: Script) -> re.Pattern[str]:
    """What a request in a script has at least: a phrase for summing up, or a word for a file."""
    words = [FILE_WORDS[number].sections[kind] for number in script.numbers for kind in _TELLING]
    return re.compile(f"{_word_start(script)}(?:{'|'.join([*words, *sorted(ENDINGS)])})")


def _word_start(script: Script) -> str:
    return r"(?<!\S)" if script.spaced else ""


@cache
def _known(number: int) -> re.Pattern[str]:
    """The phrases of a language, those for summing up first."""
    own, shared = FILE_WORDS[number].sections, LANGUAGES[number].sections
    around = f"{shared['polite']}|{shared['place']}|{own['fill']}"
    kinds = "|".join(f"(?P<{kind}>{own[kind]})" for kind in ("sums", "asks", "files"))
    return re.compile(f"{kinds}|{around}")
