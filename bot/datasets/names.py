"""People's names in texts, replaced: whole, in part, in other cases, behind an @; pure.

A name may be anything: signs that mean something in patterns, one letter, an ordinary word. What is
an ordinary word is taken for a name only where it is written as one.
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from bot.datasets.person import Person, Replaced
from bot.language.folding import UNSEEN, UNSPACED, fold_values
from bot.language.known_names import FIRST_NAMES
from bot.language.name_forms import are_forms
from bot.language.ordinary_words import is_ordinary
from bot.language.terms import STOP_WORDS

LONGEST = 6  # words of a name
KEPT = 1 << 15  # words whose meaning is remembered
_SHORTEST, _SHORTEST_FORM = 3, 4  # letters of a word that is a name by itself, or a form of one
_SHORTEST_NUMBER = 6  # digits of an id
_LETTERS = rf"[^\W_]+(?:[{UNSEEN}]+[^\W_]*)*"
_WORD = re.compile(_LETTERS)
_BETWEEN = re.compile(r"[^\S\n]{1,2}|[-_.'’·]{1,2}|[.]?[^\S\n]?")
_SENTENCE_END = re.compile(r"(?:\A|[.!?:…\n])[\s\"'“„(*_>|-]*\Z")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_UNSPACED_NAME = re.compile(f"[{UNSPACED}]{{2,}}")
# Before what is written on by a program (@types/node, @app.route) it is no mention.
_AT = re.compile(rf"(?<![\w@/.`])@({_LETTERS})(?![^\W_]|[/(=]|[-.][^\W_])")
_EVERYBODY = ("nellie", "everyone", "here", "channel", "all", "group")
_MENTION = re.compile(r"<@!?(?P<id>[^<>|\s]+)(?:\|[^<>]*)?>")


@dataclass(frozen=True, slots=True)
class _Name:
    words: tuple[str, ...]
    """Folded."""
    written: tuple[str, ...]
    person: Person
    ordinary: bool
    """Of ordinary words, or of a letter or two: no name by itself."""


_Meaning = tuple[Sequence[_Name], Person | None]


class Names:
    """The names of one platform's people."""

    def __init__(
        self,
        people: Iterable[Person],
        *,
        kept: Iterable[Person] = (),
        unknown: Callable[[str], str] | None = None,
    ) -> None:
        """`unknown` says what stands for a first name that nobody here bears; None leaves it.

        Of `kept` people the names stay as they are written; only their ids become names.
        """
        self._unknown = unknown
        self._by_id: dict[str, Person] = {}
        self._by_first: dict[str, list[_Name]] = {}
        self._signs: dict[str, Person] = {}
        """Names without a letter or digit."""
        self._inside: dict[str, Person] = {}
        """Names of a script that puts no spaces between words."""
        self._forms: dict[str, list[_Name]] = {}
        ordered = sorted(people, key=lambda one: (one.id, one.name))
        # Who is absent has even a part of their name before others; else the whole name counts.
        for absent in (True, False):
            group = [one for one in ordered if one.absent == absent]
            for add in (self._add_whole, self._add_parts):
                for person in group:
                    add(person)
        self._others = set(_EVERYBODY)
        """What an @ may stand before, though it is no name to be replaced."""
        for person in kept:
            self._by_id.setdefault(person.id, person)
            self._others |= {fold_values(one) for one in _WORD.findall(person.name)[:1]}
        for names in self._by_first.values():
            names.sort(key=lambda one: -len(one.words))
        self._meaning = lru_cache(maxsize=KEPT)(self._mean)

    def replace(self, text: str) -> Replaced:
        """The text with what stands for each name in it."""
        if not self.may_be_in(text):  # as is most of what people say
            return Replaced(text, names_absent=False)
        text, mentioned = self._replace_mentions(text)
        if self._signs:
            text, signs = self._replace_signs(text)
            mentioned = mentioned or signs
        if self._inside and _UNSPACED.search(text):
            text, inside = self._replace_inside(text)
            mentioned = mentioned or inside
        pieces, end, absent, starts = list[str](), 0, mentioned, set[int]()
        for start, stop, meant in self._found(text):
            pieces += (text[end:start], meant.shown)
            end, absent = stop, absent or meant.absent
            if meant.id:
                starts.add(start)
        absent = absent or ("@" in text and self._mentions_nobody_known(text, starts))
        return Replaced("".join((*pieces, text[end:])) if pieces else text, absent)

    def may_be_in(self, text: str) -> bool:
        """Whether a word of a text, looked at alone, may be a name or a part of one."""
        return (
            "@" in text
            or any(map(self._meaning, _WORD.findall(text)))
            or not self._signs.keys().isdisjoint(text.split())
            or (not text.isascii() and any(name in text for name in self._inside))
        )

    def _mentions_nobody_known(self, text: str, known: Container[int]) -> bool:
        """Whether an @ stands before what is nobody's name: whoever is forgotten has none."""
        return any(
            found.start(1) not in known and fold_values(found[1]) not in self._others
            for found in _AT.finditer(text)
        )

    def _add_whole(self, person: Person) -> None:
        self._by_id.setdefault(person.id, person)
        written = tuple(_WORD.findall(person.name))[:LONGEST]
        if written:
            self._add_words(written, person)
        elif len(name := person.name.strip()) > 1:
            self._signs.setdefault(name, person)
        id_words = tuple(_WORD.findall(person.id))[:LONGEST]
        if len("".join(id_words)) > _SHORTEST:
            self._add_words(id_words, person)

    def _add_parts(self, person: Person) -> None:
        written = tuple(_WORD.findall(person.name))[:LONGEST]
        joined = "".join(written[:2]), "".join(written)
        for word in (*written, *joined) if len(written) > 1 else ():
            if len(word) > 1:
                self._add_words((word,), person)

    def _add_words(self, written: tuple[str, ...], person: Person) -> None:
        words = tuple(map(fold_values, written))
        if len(words) == 1 and _UNSPACED_NAME.fullmatch(written[0]):
            self._inside.setdefault(written[0], person)
        name = _Name(words, written, person, all(map(_says_nothing, words)))
        known = self._by_first.setdefault(words[0], [])
        if any(one.words == words for one in known):
            return  # of several people of one name, always the same: the absent one first
        known.append(name)
        if len(words) == 1 and len(words[0]) >= _SHORTEST and not name.ordinary:
            self._forms.setdefault(words[0][:2], []).append(name)

    def _replace_mentions(self, text: str) -> tuple[str, bool]:
        if "<@" not in text:
            return text, False
        absent = False

        def shown(found: re.Match[str]) -> str:
            nonlocal absent
            person = self._by_id.get(found["id"])
            absent = absent or person is None or person.absent
            return f"@{person.shown if person else 'someone'}"

        return _MENTION.sub(shown, text), absent

    def _replace_signs(self, text: str) -> tuple[str, bool]:
        absent = False

        def shown(found: re.Match[str]) -> str:
            nonlocal absent
            person = self._signs.get(found[0]) or self._signs.get(found[0].removeprefix("@"))
            if person is None:
                return found[0]
            absent = absent or person.absent
            return person.shown

        return re.sub(r"\S+", shown, text), absent

    def _replace_inside(self, text: str) -> tuple[str, bool]:
        absent = False
        for name in sorted(self._inside, key=len, reverse=True):
            if name in text:
                person = self._inside[name]
                text, absent = text.replace(name, person.shown), absent or person.absent
        return text, absent

    def _found(self, text: str) -> Iterator[tuple[int, int, Person]]:
        words = list(_WORD.finditer(text))
        taken = 0
        for at, word in enumerate(words):
            if at < taken or not (meaning := self._meaning(word[0])):
                continue
            names, meant = meaning
            for name in names:
                if _stands(name, text, words[at : at + len(name.words)]):
                    taken, meant = at + len(name.words), name.person
                    break
            if meant:
                taken = max(taken, at + 1)
                yield word.start(), words[taken - 1].end(), meant

    def _mean(self, word: str) -> _Meaning | None:
        """The names that a word may begin, the longest first; and whose it is by itself."""
        folded = fold_values(word)
        names = self._by_first.get(folded, ())
        form = None if len(word) < _SHORTEST else self._form(word, folded)
        return (names, form) if names or form else None

    def _form(self, word: str, folded: str) -> Person | None:
        """Whose name a word is a form of; somebody without an id for one that nobody here bears."""
        stem = folded.rstrip("0123456789") or folded
        long = len(stem) >= _SHORTEST_FORM or not stem.isascii()
        forms = self._forms.get(stem[:2], ()) if long else ()
        unknown = self._unknown if word[0].isupper() and folded in FIRST_NAMES else None
        if not (forms or unknown) or _says_nothing(stem):
            return None
        for name in forms:
            if are_forms(stem, name.words[0]):
                return name.person
        return Person("", word, unknown(folded)) if unknown else None


def _stands(name: _Name, text: str, words: Sequence[re.Match[str]]) -> bool:
    """Whether these words of a text are this name."""
    if len(words) < len(name.words) or any(
        fold_values(word[0]) != own for word, own in zip(words, name.words, strict=True)
    ):
        return False
    gaps = pairwise(words)
    if any(not _BETWEEN.fullmatch(text, one.end(), other.start()) for one, other in gaps):
        return False
    start = words[0].start()
    if not name.ordinary or text[start - 1 : start] == "@":
        return True
    # An ordinary word is a name where it is written as one, and no sentence begins with it.
    return (
        tuple(word[0] for word in words) == name.written
        and any(word[0].isupper() for word in name.written)
        and (len(words) > 1 or not _SENTENCE_END.search(text[max(0, start - 8) : start]))
    )


@lru_cache(maxsize=KEPT)
def _says_nothing(folded: str) -> bool:
    """Whether a word by itself names nobody."""
    if folded in FIRST_NAMES:
        return False
    short = len(folded) < (_SHORTEST if folded.isascii() else 2)
    is_number = folded.isdecimal() and len(folded) < _SHORTEST_NUMBER
    return short or is_number or folded in STOP_WORDS or is_ordinary(folded)
