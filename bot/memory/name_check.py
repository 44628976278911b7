"""Whether the names in a statement are those that were said.

Where letters have case, a capital within a sentence shows a name; German writes all nouns so, and
there, as where no letter has case, only titles and names that many people have show one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.domain.model import Message
from bot.language.calendar_lookup import MONTHS, RELATIVE, WEEKDAYS
from bot.language.folding import UNSPACED, fold_values
from bot.language.german import is_german
from bot.language.known_names import CASELESS_NAMES, FIRST_NAMES, is_capital_name
from bot.language.labels import LABELS
from bot.language.name_forms import are_forms, romanize
from bot.language.ordinary_words import is_ordinary
from bot.prompting.message_line import display_name

_LEAD = re.compile(r"^(?P<lead>[^\s:：,.]{1,40}(?: [^\s:：,.]{1,40})?)(?: ?: |：\s?)")
_HONORIFIC = re.compile(r"(?:さん|様|氏|くん|君|ちゃん|씨|님|先生|女士|小姐|जी)$")
_WORD = re.compile(
    rf"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+|(?:(?![{UNSPACED}A-Za-z\u00c0-\u024f\u1e00-\u1eff])"
    rf"(?:[^\W\d_]|[\u0900-\u0963\u0966-\u0dff]))+"
)
_SENTENCE_ENDS = '.!?:…"“”„«»*(-–—•·/|→[。！？：¿¡‘‚；;'
_ELISION = re.compile(r"(?:^|[\s(«“\"'’])(?:[ldcjmnstLDCJMNST]|[Qq]u)['’]$")
_TITLED = re.compile(
    r"\b(?:Herrn?|Frau|Mrs?|Ms|Dr|Prof|Sr|Sra|Mme|Monsieur|Madame|Señora?|Don|Doña|Sig|Bay|Bayan)"
    r"\.? $"
)
_CASELESS_TITLED = re.compile(
    r"(?P<eastern>[\u4e00-\u9fff々]{1,4}|[\u30a1-\u30faー]{2,8})(?:さん|様|氏|くん|ちゃん)"
    r"|(?P<korean>(?<![가-힣])[가-힣]{2,4})\s?(?:씨|님)(?![가-힣]{3})"
    r"|(?P<chinese>[\u4e00-\u9fff]{1,3})(?:先生|女士|小姐|经理|總監|总监|老师)"
    r"|(?P<indian>[\u0900-\u0963]{2,})\s(?:जी|साहब)\b"
    r"|(?:السيد[ة]?|الأستاذ[ة]?|المهندس[ة]?|الدكتور[ة]?|מר|גברת)\s"
    r"(?P<semitic>[\u05d0-\u05ea\u0620-\u064a]{2,})"
)
_TITLED_NOBODY = """
    皆 客 お客 顧客 各 奥 お母 お父 店員 社長 部長 課長 고객 선생 사장 손 여러분 모두 해당 담당
"""
_NOT_NAMED = frozenset(_TITLED_NOBODY.split())
_ASKED = re.compile(
    r"\b(?:ask(?:s|ed|ing)?|ping(?:s|ed)?|tells?|told|email(?:s|ed)?|cc|contact|thanks?|notify"
    r"|blames?)\s+(?P<whom>[a-z]{3,16})\b(?!-)"
)
_CLINGING = "ובלמהשכوفبلك"  # letters that Hebrew and Arabic write together with a name behind them
_SHORTEST_PART = 4  # letters from which on a name may be a part of what was said
_SHORTEST_BEGINNING = 5  # letters from which on the beginning of a name stands for it
_CALENDAR = ("utc", "gmt", "cet", "cest")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNames:
    """The words and people of a block of messages."""

    text: str
    """All of it, folded."""
    words: dict[str, tuple[str, ...]]
    """Its words, by their first two letters."""
    romanized: dict[str, tuple[str, ...]]
    """The same in Latin letters: a name may be told in another script than it was said in."""
    authors: frozenset[str]
    is_german: bool

    @classmethod
    def from_messages(cls, block: Sequence[Message]) -> "KnownNames":
        """Those of these messages."""
        said = "\n".join(f"{display_name(one)}: {one.text}" for one in block)
        words = list(dict.fromkeys(fold_values(found) for found in _WORD.findall(said)))
        return cls(
            text=fold_values(said),
            words=_by_beginning(words),
            romanized=_by_beginning(map(romanize, words)),
            authors=frozenset(fold_values(display_name(one)) for one in block),
            is_german=is_german(said),
        )

    def cover(self, text: str, cited: Sequence[Message]) -> bool:
        """Whether all names of a statement were said, and who stands in front is who said it."""
        while lead := self._find_lead(text):
            name, text = lead
            if not self._is_label(name):
                if not self._is_lead(name, cited):
                    return False
                break
        return all(self.has(name) for name in self._find_names(text))

    def has(self, name: str) -> bool:
        """Whether a word was said in some form of it."""
        folded = fold_values(name)
        if folded in self.text and (len(folded) >= _SHORTEST_PART or not _WORD.fullmatch(folded)):
            return True
        words = self.words.get(folded[:2], ())
        if any(are_forms(folded, word) or _is_cut_short(folded, word) for word in words):
            return True
        if 2 <= len(name) <= 5 and name.isupper() and self._has_initials(folded):
            return True
        if f"{folded[0]}{len(folded) - 2}{folded[-1]}" in self.text:  # k8s, i18n
            return True
        roman = romanize(folded)
        return len(roman) >= _SHORTEST_PART and any(
            are_forms(roman, other) for other in self.romanized.get(roman[:2], ())
        )

    def _has_initials(self, folded: str) -> bool:
        """Whether words that follow each other begin with these letters: PR, pull request."""
        first = r"[^\W\d_]*[\W_]+".join(map(re.escape, folded))
        return re.search(rf"\b{first}[^\W\d_]", self.text) is not None

    def _has_titled(self, name: str, titled: str) -> bool:
        """Whether a name was said, or its end: no space parts it from the word in front of it."""
        endings = (name[at:] for at in range(len(name) - 1))
        with_title = name[-1] + titled.partition(name)[2]
        return any(one in self.text for one in (*endings, fold_values(with_title)))

    def _find_lead(self, text: str) -> tuple[str, str] | None:
        """(name, rest) of a statement that begins with a name and a colon."""
        colon = re.search(r" ?: |：\s?", text[:80])
        if colon and fold_values(text[: colon.start()]) in self.authors:
            return text[: colon.start()], text[colon.end() :]
        if lead := _LEAD.match(text):
            return lead["lead"], text[lead.end() :]
        return None

    def _is_label(self, name: str) -> bool:
        """Whether it says what kind of statement follows, and is nobody's name."""
        folded = fold_values(name)
        return folded not in self.authors and all(word in LABELS for word in folded.split())

    def _is_lead(self, name: str, cited: Sequence[Message]) -> bool:
        """Whether it is who said or did what follows, as far as that can be known."""
        bare = _HONORIFIC.sub("", name) or name
        folded = fold_values(bare)
        if folded in self.authors and cited:
            return any(folded in fold_values(f"{display_name(one)} {one.text}") for one in cited)
        return all(self.has(word) for word in bare.split())

    def _find_names(self, text: str) -> Iterator[str]:
        """The words of a statement that must be names."""
        in_german = is_german(text, otherwise=self.is_german)
        for found in _WORD.finditer(text):
            word, before = found.group(), text[: found.start()]
            if len(word) > 1 and self._is_name(word, before, text, in_german=in_german):
                yield word
        for titled in _CASELESS_TITLED.finditer(text):
            name = next(one for one in titled.groups() if one)
            if name not in _NOT_NAMED and not self._has_titled(name, titled.group()):
                yield name
        yield from _find_caseless(fold_values(text))
        for asked in _ASKED.finditer(text):
            if not is_ordinary(asked["whom"]):
                yield asked["whom"]

    def _is_name(self, word: str, before: str, text: str, *, in_german: bool) -> bool:
        folded = fold_values(word)
        if not _is_capital(word):
            return folded in FIRST_NAMES and not before.endswith(("-", "_", "."))
        if is_capital_name(folded) or _TITLED.search(before):
            return True
        if _is_calendar(folded):
            return False
        if word[1:].lower() != word[1:] and not word.isupper():  # GitLab, iOS
            return not is_ordinary(folded)
        if is_ordinary(folded):
            return False
        if word.isupper() and not in_german:
            return len(word) < 6 and not text.isupper()
        return not in_german and (_is_within_sentence(before) or not _has_case(text))


def _by_beginning(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for word in words:
        found.setdefault(word[:2], []).append(word)
    return {two: tuple(those) for two, those in found.items()}


def _is_cut_short(one: str, other: str) -> bool:
    """Whether one is the beginning of the other, as of PostgreSQL and postgres."""
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= _SHORTEST_BEGINNING and longer.startswith(shorter)


def _is_capital(word: str) -> bool:
    return word != word.lower() and (word[0].isupper() or word[0].istitle() or len(word) > 2)


def _is_calendar(folded: str) -> bool:
    return folded in _CALENDAR or any(
        next(lexicon.find(folded), None) for lexicon in (MONTHS, WEEKDAYS, RELATIVE)
    )


def _is_within_sentence(before: str) -> bool:
    """Whether a word that follows this has words of its sentence in front of it."""
    if _ELISION.search(before[-4:]):
        return True
    bare = before.rstrip()
    return len(bare) < len(before) and bool(bare) and bare[-1] not in _SENTENCE_ENDS


def _has_case(text: str) -> bool:
    """Whether all its letters are of scripts with capital letters."""
    return all(sign.lower() != sign.upper() for sign in text if sign.isalpha() and sign not in "ªº")


def _find_caseless(folded: str) -> Iterator[str]:
    """The known names in it of scripts without case."""
    if folded.isascii():
        return
    for name in CASELESS_NAMES:
        at = folded.find(name)
        if at < 0:
            continue
        before, after = folded[max(0, at - 1) : at], folded[at + len(name) : at + len(name) + 1]
        if "\u3040" <= name[0] <= "\ud7a3":
            stands_alone = not ("가" <= name[0] <= "힣" and "가" <= before <= "힣")
        else:
            stands_alone = not after.isalpha() and (not before.isalpha() or before in _CLINGING)
        if stands_alone:
            yield name
