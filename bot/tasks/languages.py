"""Languages by their names in any language, or by their codes (decision 0042).

What is known of them takes 25 MB of memory and half a second to load: only whoever asks for one
loads it. Call this in a thread.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any

from bot.domain.errors import CommandError
from bot.text.sanitize import defuse

EVERY = "und"  # names in all languages; it lacks those that mean another one somewhere, as Hindi
SHOWN = 40  # characters of an unknown name that the error quotes
LONGEST = 60  # characters of a name
MOST_WORDS = 4  # of a name
SHORTEST_RARE = 5  # letters of a name that nobody speaks: "the" is no language that is meant
SPOKEN = 5_000_000  # people, for a language that may be named by three letters
WIDELY = 100_000  # people, for a language that is suggested
HOW = "Name it in any language, or by its code: /translate German, deutsch, 日本語, pt-BR."
WHICH = f"Into which language? {HOW}"

_CODE = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,8})*", re.IGNORECASE)
_END = re.compile(r"\s*[:：]\s*|\s*[,、，]\s+|\s+|\Z")
_INTO = re.compile(r"(?:in)?to\s+(?=\S)", re.IGNORECASE)
_BRACKETS = re.compile(r"(?P<name>[^()]+?)\s*\((?P<where>[^()]+)\)")
_NONE = {"und", "mul", "zxx", "mis", "art"}


@dataclass(frozen=True, slots=True)
class Language:
    """A language as people and models call it."""

    tag: str
    """pt-BR"""
    name: str
    """Portuguese (Brazil)"""
    own_name: str
    """português (Brasil)"""

    @property
    def described(self) -> str:
        """As a model is told it: no name alone is that of one language everywhere."""
        own = "" if self.own_name == self.name else f", {self.own_name}"
        return f"{self.name} ({self.tag}{own})"


def split_language(typed: str) -> tuple[Language, str]:
    """The language that a text begins with, by as many words as name one, and what follows it.

    Raises CommandError, with what is near, where it begins with none.
    """
    text = typed.strip()
    if not text:
        raise CommandError(reason=WHICH)
    bare = text[found.end() :] if (found := _INTO.match(text)) else text
    for start in dict.fromkeys((bare, text)):
        if split := _split(start):
            return split
    unknown = _END.split(bare, maxsplit=1)[0]
    near = _suggest(unknown)
    meant = f" Did you mean {near}?" if near else ""
    shown = defuse(unknown[:SHOWN])
    raise CommandError(reason=f"I know no language called “{shown}”.{meant} {HOW}")


def _split(text: str) -> tuple[Language, str] | None:
    ends = [found for found in _END.finditer(text, 0, LONGEST) if found.start()]
    if len(text) > LONGEST and ends and ends[-1].start() >= LONGEST:
        ends.pop()  # not the end of a word
    for end in reversed(ends[: MOST_WORDS + 1]):
        if language := read_language(text[: end.start()]):
            return language, text[end.end() :].strip()
    return None


def read_language(name: str) -> Language | None:
    """The language of a whole name, or of a code; None where there is none."""
    tag = _by_name(name) or _by_code(name) or _in_brackets(name)
    return _describe(tag) if tag else None


def _by_name(name: str) -> str:
    tag = _code_of("language", name)
    is_rare = bool(tag) and not _speakers(tag)
    return "" if is_rare and len(name) < SHORTEST_RARE else tag


def _in_brackets(name: str) -> str:
    """Of "Portuguese (Brazil)", as lists of languages write it."""
    found = _BRACKETS.fullmatch(name.strip())
    tag = _code_of("language", found["name"]) if found else ""
    if not found or not tag:
        return ""
    where = found["where"]
    part = _code_of("territory", where) or {"simplified": "Hans", "traditional": "Hant"}.get(
        where.casefold(), ""
    )
    return f"{tag}-{part}" if part else ""


def _by_code(code: str) -> str:
    if not _CODE.fullmatch(code):
        return ""
    import langcodes

    try:
        found = langcodes.Language.get(code)
    except ValueError:  # langcodes.LanguageTagError
        return ""
    language = found.language or ""
    is_known = found.is_valid() and language not in _NONE and "Unknown" not in found.display_name()
    is_meant = len(language) == 2 or _speakers(language) >= SPOKEN
    return found.to_tag() if is_known and is_meant else ""


def _describe(tag: str) -> Language:
    import langcodes

    found = langcodes.Language.get(tag)
    return Language(found.to_tag(), found.display_name(), found.autonym())


def _speakers(tag: str) -> int:
    import langcodes

    return langcodes.Language.get(tag).speaking_population()


def _code_of(category: str, name: str) -> str:
    """The code of exactly this name. (The library's own look-up takes names that only begin so.)"""
    from language_data.names import get_trie_value, normalize_name

    wanted = " ".join(normalize_name(name).split())
    for names in map(_names_of, (f"{EVERY}/name_to_{category}", f"en/name_to_{category}")):
        if wanted and wanted in names:
            return str(get_trie_value(names, wanted))
    return ""


@cache
def _names_of(kind: str) -> Any:
    from language_data.names import load_trie
    from language_data.util import data_filename

    return load_trie(data_filename(f"trie/{kind}.marisa"))


def _suggest(unknown: str) -> str:
    """Languages whose names, in whatever language, are nearly what was written."""
    from language_data.names import get_trie_value, normalize_name

    names, wanted = _names_of(f"{EVERY}/name_to_language"), normalize_name(unknown[:SHOWN])
    if len(wanted) < 3:
        return ""
    known = [name for start in {wanted[:2], wanted[0] + wanted[2:3]} for name in names.keys(start)]
    near = get_close_matches(wanted, known, n=20, cutoff=0.8)
    tags = dict.fromkeys(get_trie_value(names, one) for one in near)
    return " or ".join([_describe(tag).name for tag in tags if _speakers(tag) > WIDELY][:3])
