"""Text -> the terms that lexical recall finds it by: stems in lower case, without stop words."""

import re
from collections import Counter
from functools import lru_cache

from bot.language.folding import UNSPACED, fold
from bot.language.particulars import blank
from bot.language.stemmer import stem_word
from bot.language.whole_terms import LONGEST, find_whole_terms

TEXT_LIMIT = 50_000
"""Characters of a message that are read for terms."""
WORD_LIMIT = LONGEST
"""Characters of a term."""
TERM_LIMIT = 200
"""Distinct terms of a message: the most frequent, then the first."""
WORDS_KEPT = 1 << 12
"""Words whose term is remembered, 0.8 MB: twice as many take as long, half as many a third more."""

_STOP_WORDS = """
    a about after again all also am an and any are as at b be because been before being but by can
    cant could couldnt d did didnt do does doesnt doing dont down during e each f few for from g
    h had hadnt has hasnt have havent having he her here hers him his how i if im in into is isnt it
    its ive j just k l m me more most my n no nor not now o of off oh ok on once only or other our
    out over own p q s same she should shouldnt so some such t than that thats the their them then
    there these they theyre this those through to too u under until up us v very w was wasnt we
    were werent what whats when where which while who whom whos whose why will with wont would
    wouldnt y yeah yes you your youre youve z http https www
"""
# Stems of the talk around a question, which the message that answers it seldom holds.
_FILLER = """
    anybodi anyon ask discuss ever everyon hello hey hi knew know mention nelli pleas recal rememb
    said say somebodi someon talk tell thank told
"""
# Stems of polite words that say nothing.
_PLEASANTRIES = """
    bye cheer everyon good guy haha hehe hello hey hi lol morn nelli night nice np pleas thank thx
    welcom wow
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
FILLER = frozenset(_FILLER.split())
PLEASANTRIES = frozenset(_PLEASANTRIES.split())

END_MARKS = "?!. "  # that texts may differ by which say the same
_CONTRACTION = re.compile(r"(?<=\w)['’](?:s|d|m|re|ve|ll)\b|(?<=n)['’](?=t\b)", re.IGNORECASE)
_ADDRESS = re.compile(r"^\W*nellie\b\W*")
_CAMEL = re.compile(r"[a-z][A-Z]")
_CAMEL_WORD = re.compile(rf"\b(?=[A-Za-z]{{3,{WORD_LIMIT}}}\b)[A-Za-z]*[a-z][A-Z][A-Za-z]*")
_HUMP = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}(?![a-z])")
_HYPHENATED = re.compile(  # e-mail is email, and utf-8 is utf8
    r"(?<![\w-])([^\W\d_]{1,8})-([^\W\d_]{1,8}|[0-9]{1,5})(?![\w-])"
)
_EXPONENT = re.compile(r"(?<=[0-9])(?=[⁻⁰¹²³⁴-⁹])")  # folded, 10⁶ would be 106
_VERSION = r"(?:(?<=\d)\.\d{1,8}){0,6}"
_ASCII_WORD = re.compile(r"\w+" + _VERSION, re.ASCII)
# The vowel signs of Indic scripts belong to words, though \w leaves them out.
_WORD = re.compile(r"[\w\u0900-\u0963\u0966-\u0dff]+" + _VERSION)
_UNSPACED_RUN = re.compile(f"[{UNSPACED}]+")


def extract_terms(text: str) -> dict[str, int]:
    """Each term of a message with how often it occurs: its words, then what is one as a whole."""
    words, wholes = extract_words_and_wholes(text)
    return words | wholes


def extract_words_and_wholes(text: str) -> tuple[dict[str, int], dict[str, int]]:
    """The same, apart: a text is as long as its words, however much of it is a whole as well."""
    text = text[:TEXT_LIMIT]
    words = _count_words(text)
    terms = _merge(words.copy(), Counter(term for term, *_ in find_whole_terms(text)))
    wholes = {term: count for term, count in terms.items() if term not in words}
    return {term: count for term, count in terms.items() if term in words}, wholes


def extract_query_terms(text: str) -> dict[str, int]:
    """The terms that find what holds a text: first the wholes, whose parts mean something else."""
    text = text[:TEXT_LIMIT]
    wholes, rest = Counter[str](), text
    for term, start, end, parts_say_nothing in find_whole_terms(text):
        wholes[term] += 1
        if parts_say_nothing:
            rest = blank(rest, start, end)
    stored = _merge(_count_words(text), wholes)
    words = stored if rest == text else _count_words(rest)
    return {term: stored[term] for term in dict.fromkeys((*wholes, *words)) if term in stored}


def extract_question_terms(text: str) -> dict[str, int]:
    """The terms to look for: those of a question, without the talk around it.

    A greeting asks for nothing; words that are all filler are looked up as they are.
    """
    if (words := _count_words(text[:TEXT_LIMIT])) and words.keys() <= PLEASANTRIES:
        return {}
    found = extract_query_terms(text)
    return {term: count for term, count in found.items() if term not in FILLER} or found


def is_pleasantry(text: str) -> bool:
    """Whether a text is a greeting or thanks, with or without emoji, and no more."""
    return _count_words(text[:TEXT_LIMIT]).keys() <= PLEASANTRIES


def _count_words(text: str) -> Counter[str]:
    counts = Counter(stem(word[:WORD_LIMIT]) for word in _split_words(text))
    del counts[""]
    return counts


def _merge(counts: Counter[str], wholes: Counter[str]) -> dict[str, int]:
    counts.update({term: count for term, count in wholes.items() if term not in counts})
    del counts[""]
    return dict(counts if len(counts) <= TERM_LIMIT else counts.most_common(TERM_LIMIT))


def normalize(text: str) -> str:
    """What two texts have in common when they say the same: no case, spaces, address or mark."""
    return _ADDRESS.sub("", " ".join(text.split()).casefold()).rstrip(END_MARKS)


def _split_words(text: str) -> list[str]:
    if "'" in text or "’" in text:
        text = _CONTRACTION.sub("", text)
    parts = _split_camel_case(text) if _CAMEL.search(text) else []
    if text.isascii():
        text = text.lower()
        words = _ASCII_WORD.findall(text.replace("_", " "))
    else:
        text, pairs = _split_unspaced(fold(_EXPONENT.sub(" ", text)))
        words = _WORD.findall(text.replace("_", " ")) + pairs
    if "-" in text:
        parts += map("".join, _HYPHENATED.findall(text))
    return words + parts


def _split_camel_case(text: str) -> list[str]:
    return [hump.lower() for word in _CAMEL_WORD.findall(text) for hump in _HUMP.findall(word)]


def _split_unspaced(text: str) -> tuple[str, list[str]]:
    """The text without its unspaced runs, and their characters two by two."""
    runs: list[str] = _UNSPACED_RUN.findall(text)
    if not runs:
        return text, []
    pairs = [run[at : at + 2] for run in runs for at in range(max(len(run) - 1, 1))]
    return _UNSPACED_RUN.sub(" ", text), pairs


@lru_cache(maxsize=WORDS_KEPT)
def stem(word: str) -> str:
    """The term that a word stands for; none for a stop word."""
    if word in STOP_WORDS:
        return ""
    if word.isascii() and word.isalpha():
        word = stem_word(word)
    elif word[0] == "v" and word[1:2].isdigit():
        word = word[1:]
    return word[:WORD_LIMIT]
