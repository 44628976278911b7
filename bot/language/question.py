"""What a question asks for: terms, people, times, and whether for a fact or a discussion. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.conversation import Author, Message
from bot.language.spans import Span, spans
from bot.language.words import plain, question_terms

TERMS = 24  # terms looked up for one question at most

# Words that ask what people thought and agreed on: the answer is a run of talk.
_DISCUSSED = re.compile(
    r"\b(?:agree|argu|comment|conclu|consider|debat|decid|decision|describ|discuss|explain|opinion"
    r"|plan|present|propos|react|recommend|respon|say|said|suggest|summar|talk|think|thought|view"
    r"|why\b)",
    re.IGNORECASE,
)
_OWN = re.compile(r"\b(?:did|have|had|was|were) i\b|\bmy\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_SHORTEST = 3  # letters of a name that a text begins with to mean the person


@dataclass(frozen=True, slots=True)
class Question:
    """A trigger, as recall reads it."""

    asker: Author
    plain: str
    terms: tuple[str, ...]
    spans: tuple[Span, ...]
    discussed: bool
    """It asks for a discussion rather than for a fact."""
    own: bool
    """It asks for what the asker said."""
    words: frozenset[str]
    text: str
    """In lower case; `said` is as it was written."""
    said: str

    @classmethod
    def of(cls, trigger: Message) -> "Question":
        """Read a trigger; its time is what "yesterday" is counted from."""
        text = trigger.text[:2_000]
        lower = text.casefold()
        return cls(
            trigger.author,
            plain(trigger.text),
            tuple(question_terms(trigger.text))[:TERMS],
            tuple(spans(text, trigger.at)),
            bool(_DISCUSSED.search(text)),
            bool(_OWN.search(text)),
            frozenset(_WORD.findall(lower)),
            lower,
            text,
        )

    def named(self, authors: Iterable[Author]) -> set[str]:
        """The ids of those whom it names: wholly, or else by the first name."""
        return {*self._called(authors), *([self.asker.id] if self.own else [])}

    def without_names(self, authors: Iterable[Author]) -> str:
        """What it asks, whoever it asks about: a name in a vector draws all that speaks of them."""
        names = sorted(set(self._called(authors).values()), key=len, reverse=True)
        if not names:
            return self.said
        called = rf"(?<!\w)@?(?:{'|'.join(map(re.escape, names))})(?!\w)(?:['’]s\b)?"
        rest = " ".join(re.sub(called, " ", self.said, flags=re.IGNORECASE).split()).lstrip(",:; ")
        return rest if _WORD.search(rest) else self.said

    def _called(self, authors: Iterable[Author]) -> dict[str, str]:
        """The ids of those whom it names, and by which name."""
        people = {one.id: one.name.casefold().strip() for one in authors if not one.nellie}
        found = {id_: name for id_, name in people.items() if name and self._holds(name)}
        if not found:
            firsts = {id_: name.split()[0] for id_, name in people.items() if name}
            found = {id_: first for id_, first in firsts.items() if self._holds(first)}
        return found

    def _holds(self, name: str) -> bool:
        return name in self.words if name.isalnum() else name in self.text

    def answers(self, message: Message) -> bool:
        """Whether the trigger speaks to the message's author, or the message to the asker."""
        return _begins(self.text, message.author) or _begins(message.text, self.asker)

    def fits(self, at: datetime) -> float:
        """How well a moment fits the times that it names; 0 where it names none."""
        return max((span.fits(at) for span in self.spans), default=0.0)


def _begins(text: str, author: Author) -> bool:
    """Whether a text begins with a name, as people do to say whom they mean."""
    name = author.name.casefold()
    return len(name) >= _SHORTEST and text[: len(name) + 2].casefold().lstrip("@<").startswith(name)
