"""What a question asks for: terms, people, times, and whether for a fact or a discussion. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from bot.domain.model import Author, Message
from bot.language.sayings import Saying, may_ask_for_words, read_saying
from bot.language.terms import END_MARKS, extract_question_terms, normalize
from bot.language.time_ranges import TimeRange, find_time_ranges

QUESTION_TERM_LIMIT = 24  # terms looked up for one question at most
TEXT_LIMIT = 2_000  # characters of a question that are read for people, times and its kind

# Words that ask what people thought and agreed on: the answer is a run of talk.
_ABOUT_DISCUSSION = re.compile(
    r"\b(?:agree|argu|comment|conclu|consider|debat|decid|decision|describ|discuss|explain|opinion"
    r"|plan|present|propos|react|recommend|respon|say|said|suggest|summar|talk|think|thought|view"
    r"|why\b)",
    re.IGNORECASE,
)
# Words that ask for something, where no question mark does.
_ASKS = re.compile(
    r"[?？؟]|\b(?:who|whose|whom|what|where|which|how|find|give|list|please|recall|remember|remind"
    r"|search|show|tell|describe|discuss|explain|summari[sz]e)\b|^\W*(?:when|why|is|are|was|were|do"
    r"|does|did|has|have|had|can|could|will|would|should|any|anyone|anybody)\b",
    re.IGNORECASE,
)
_ABOUT_ASKER = re.compile(r"\b(?:did|have|had|was|were) i\b|\bmy\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")


@lru_cache(maxsize=1_024)
def _initial(character: str) -> str:
    """A text's first letter or digit, in lower case; empty where it begins with a mark."""
    first = character.casefold()[:1]
    return first if first.isalnum() else ""


def find_terms(text: str) -> tuple[str, ...]:
    """The terms that a question is looked up by."""
    return tuple(extract_question_terms(text))[:QUESTION_TERM_LIMIT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A trigger, as recall reads it."""

    asker: Author
    text: str
    """As it was written, its beginning."""
    lowercase: str
    normalized: str
    initials: frozenset[str]
    """What a text that asks the same may begin with: as it does, or with Nellie's name or a mark.
    """
    beginnings: tuple[str, str]
    """How the first word of such a text begins, where it is no mark."""
    words: frozenset[str]
    """In lower case."""
    terms: tuple[str, ...]
    time_ranges: tuple[TimeRange, ...]
    about_discussion: bool
    """It asks for a discussion rather than for a fact."""
    asks: bool
    """It may want to know something; what is in English and surely does not only talks on."""
    about_asker: bool
    """It asks for what the asker said."""
    mentioned: frozenset[str] = frozenset()
    """The ids of those whom it mentions: of people who are called the same, these are meant."""

    @classmethod
    def read(cls, trigger: Message) -> "Question":
        """Read a trigger; its time is what "yesterday" is counted from."""
        text = trigger.text[:TEXT_LIMIT]
        lowercase, normalized = text.casefold(), normalize(trigger.text)
        return cls(
            asker=trigger.author,
            text=text,
            lowercase=lowercase,
            normalized=normalized,
            initials=frozenset({normalized[:1], "n", ""}),
            beginnings=(normalized.partition(" ")[0].rstrip(END_MARKS), "nellie"),
            words=frozenset(_WORD.findall(lowercase)),
            terms=find_terms(trigger.text),
            time_ranges=tuple(find_time_ranges(text, trigger.at)),
            about_discussion=bool(_ABOUT_DISCUSSION.search(text)),
            asks=not text.isascii() or bool(_ASKS.search(text)),
            about_asker=bool(_ABOUT_ASKER.search(text)),
            mentioned=frozenset(trigger.mentions),
        )

    def find_named(self, authors: Iterable[Author]) -> set[str]:
        """The ids of those whom it mentions, or names: wholly, or else by the first name."""
        return {
            *self._names_found(authors),
            *self.mentioned,
            *([self.asker.id] if self.about_asker else []),
        }

    @property
    def may_ask_for_words(self) -> bool:
        """Whether it may ask for what one of the channel's people said."""
        return self.asks and may_ask_for_words(self.text)

    def read_saying(self, people: Iterable[Author]) -> Saying | None:
        """Whose words it asks for, of these people, and about what."""
        return read_saying(self.text, people, self.mentioned)

    @property
    def spans(self) -> list[tuple[datetime, datetime] | None]:
        """The times that it names, from and to; none is all time."""
        return [(one.start, one.end) for one in self.time_ranges] or [None]

    def is_in_time(self, at: datetime) -> bool:
        """Whether a moment lies in a time that it names, or it names none."""
        ranges = self.time_ranges
        return not ranges or any(one.start <= at < one.end for one in ranges)

    def without_names(self, authors: Iterable[Author]) -> str:
        """What it asks, whoever it asks about: a name in a vector draws all that speaks of them."""
        names = sorted(set(self._names_found(authors).values()), key=len, reverse=True)
        if not names:
            return self.text
        any_name = rf"(?<!\w)@?(?:{'|'.join(map(re.escape, names))})(?!\w)(?:['’]s\b)?"
        nameless = re.sub(any_name, " ", self.text, flags=re.IGNORECASE)
        nameless = " ".join(nameless.split()).lstrip(",:; ")
        return nameless if _WORD.search(nameless) else self.text

    def is_asked_in(self, text: str) -> bool:
        """Whether a text asks the same, in the same words."""
        if not text or (initial := _initial(text[0])) not in self.initials:
            return False
        if initial and not text.split(None, 1)[0].casefold().startswith(self.beginnings):
            return False
        return normalize(text) == self.normalized

    def time_score(self, at: datetime) -> float:
        """How well a moment fits the times that it names; 0 where it names none."""
        if not self.time_ranges:  # as most, and this is asked of every candidate
            return 0.0
        return max(time_range.score(at) for time_range in self.time_ranges)

    def _names_found(self, authors: Iterable[Author]) -> dict[str, str]:
        """The ids of those whom it names, and by which name."""
        people = {one.id: one.name.casefold().strip() for one in authors if not one.nellie}
        found = {id_: name for id_, name in people.items() if name and self._contains(name)}
        if not found:
            first_names = {id_: name.split()[0] for id_, name in people.items() if name}
            found = {id_: name for id_, name in first_names.items() if self._contains(name)}
        meant = {name for id_, name in found.items() if id_ in self.mentioned}
        return {
            id_: name for id_, name in found.items() if id_ in self.mentioned or name not in meant
        }

    def _contains(self, name: str) -> bool:
        return name in self.words if name.isalnum() else name in self.lowercase
