"""Cutting a long text into sentences; at lines and words only where one is longer than may be."""

import re
from collections.abc import Iterable, Iterator

from bot.text.tokens import estimate

_SENTENCE = re.compile(r"(?<=[.!?…؟۔।])[\"'”’»)\]]?\s+|(?<=[。！？])[”’」』]?\s*|\n{2,}")
_LINE = re.compile(r"\n")
_WORDS = re.compile(r".{1,80}\s+|\S{1,80}|\s+")
"""Some words together; one that goes on and on is cut anywhere."""


def split(text: str, most: int) -> Iterator[str]:
    """Pieces of at most so many tokens, which together are the text."""
    for sentence in _cut_behind(_SENTENCE, text):
        if estimate(sentence) <= most:
            yield sentence
        else:
            yield from _split_sentence(sentence, most)


def _split_sentence(sentence: str, most: int) -> Iterator[str]:
    for line in _cut_behind(_LINE, sentence):
        if estimate(line) <= most:
            yield line
        else:
            yield from _gather(_WORDS.findall(line), most)


def _gather(words: Iterable[str], most: int) -> Iterator[str]:
    kept, tokens = list[str](), 0
    for word in words:
        more = estimate(word)
        if kept and tokens + more > most:
            yield "".join(kept)
            kept, tokens = [], 0
        kept.append(word)
        tokens += more
    yield "".join(kept)


def _cut_behind(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    at = 0
    for found in pattern.finditer(text):
        yield text[at : found.end()]
        at = found.end()
    if at < len(text):
        yield text[at:]
