"""How much each term of a question says, and which spellings stand for it; pure.

A term says the more, the fewer messages and passages of its channel hold it. One that nobody has
ever used says little: it may only be another word for what is meant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log
from typing import Protocol

UNUSED = 0.4  # of the weight of the rarest term, that of one that neither side holds
VARIANT = 0.8  # of a term's weight, where another form of it is held
MOST_LONGER = 4  # letters by which another form may be longer or shorter
_SHORTEST = 5  # letters of a term that may have other forms


class UsedTerm(Protocol):
    """A term as bot.store.passage_search.AskedTerm tells of it."""

    @property
    def asked(self) -> str: ...
    @property
    def term(self) -> str: ...
    @property
    def said(self) -> int: ...
    @property
    def read(self) -> int: ...
    @property
    def messages(self) -> int: ...
    @property
    def passages(self) -> int: ...


@dataclass(frozen=True, slots=True)
class TermWeights:
    """The weights of what is asked for."""

    asked: Mapping[str, float] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    """Other forms of what is asked for -> what that is."""

    @classmethod
    def of(cls, used: Iterable[UsedTerm]) -> "TermWeights":
        """From how often each is used, and each form that a document holds."""
        rows = list(used)
        exact = {one.asked: one for one in rows if one.term == one.asked}
        forms = {
            one.term: one.asked
            for one in rows
            if one.term not in exact
            and (not one.asked.isascii() or not exact[one.asked].read)
            and abs(len(one.term) - len(one.asked)) <= MOST_LONGER
        }
        unused = (
            dict.fromkeys(term for term, one in exact.items() if not (one.said or one.read)).keys()
            - forms.values()
        )
        return cls(
            {
                term: (UNUSED if term in unused else 1.0) * _rarity(one)
                for term, one in exact.items()
            },
            forms,
        )

    @property
    def terms(self) -> tuple[str, ...]:
        """All that is looked for."""
        return (*self.asked, *self.forms)

    @property
    def total(self) -> float:
        """What all of the question says."""
        return sum(self.asked.values())

    def weight(self, term: str) -> float:
        """What a term says that is held: of another form, a little less."""
        if term in self.asked:
            return self.asked[term]
        return VARIANT * self.asked.get(self.forms.get(term, ""), 0.0)

    def share(self, held: Iterable[str]) -> float:
        """Which part of the question is held by what holds these terms."""
        best: dict[str, float] = {}
        for term in held:
            asked = self.forms.get(term, term)
            if asked in self.asked:
                best[asked] = max(best.get(asked, 0.0), self.weight(term))
        return sum(best.values()) / self.total if self.total else 0.0

    def without(self, terms: Iterable[str]) -> "TermWeights":
        """The same as if these were not asked for."""
        gone = set(terms)
        return TermWeights(
            {term: weight for term, weight in self.asked.items() if term not in gone},
            {form: asked for form, asked in self.forms.items() if asked not in gone},
        )


def stem_of(term: str) -> str:
    """How other forms of a term begin; empty where it has none."""
    if len(term) < _SHORTEST or not term.isalpha():
        return ""
    return term[: len(term) - (1 if len(term) == _SHORTEST else 2 if len(term) < 8 else 3)]


def _rarity(one: UsedTerm) -> float:
    every, with_it = one.messages + one.passages, one.said + one.read
    return log(1 + (max(every, with_it) - with_it + 0.5) / (with_it + 0.5))
