"""Searching what was read of files: BM25 over their passages, as over messages (search.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log

from bot.domain.documents import FoundPassage, Passage
from bot.domain.model import Message
from bot.language.question import QUESTION_TERM_LIMIT
from bot.language.terms import extract_query_terms
from bot.store.database import Database
from bot.store.hot_connections import Row
from bot.store.search import CAP
from bot.store.sql_files import load

_SQL = load("passage_search")

KEY_BITS = 20  # of a passage's key, its lower ones, that hold its number
FILE_LIMIT = 200  # files of a channel that a question may mean: those it names, else the newest
SHORTEST_WORD, LONGEST_STEM = 4, 5  # letters of a word that a file's name may hold, and that count
USUAL_LENGTH = 180  # words of a passage
_SATURATED = 2.2  # what a term counts at most, in its own weight


@dataclass(frozen=True, slots=True)
class TermWeights:
    """How much each term says that was looked for; the rarer in documents, the more."""

    known: Mapping[str, float]
    unknown: float
    """Of a term that no passage holds."""

    def sum_of(self, terms: Sequence[str]) -> float:
        """What some terms say together."""
        return sum(self.known.get(term, self.unknown) for term in terms)


NO_WEIGHTS = TermWeights({}, 1.0)  # where no passage holds any term


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read, with what a question may call it by."""

    document_id: int
    name: str
    title: str
    kind: str
    passages: int
    tokens: int
    author_id: str
    author_name: str
    at: datetime
    place: str
    """Of its message: "asked" for the question's own or the one that it replies to, "thread"."""


class PassageSearch:
    """Which passages hold these terms, and which files are meant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def best(
        self, channel_id: int, wanted: Sequence[str], *, limit: int
    ) -> tuple[list[FoundPassage], TermWeights]:
        """The passages with the rarest and most of these terms, best first; none is required."""
        if not wanted:
            return [], NO_WEIGHTS
        values = {"channel": channel_id, "terms": list(wanted), "cap": CAP, "limit": limit}
        rows = await self._database.fetch(_SQL.find_best, values)
        if not rows:
            return [], NO_WEIGHTS
        unknown = log(2 * rows[0].passages + 2) * _SATURATED
        weights = TermWeights(rows[0].weights, unknown)
        return [_to_found(row) for row in rows], weights

    async def files(
        self, channel_id: int, words: Sequence[str], trigger: Message | None = None
    ) -> list[ReadFile]:
        """The files that a question may mean: of its own message, by their names, the newest."""
        stems = {word[:LONGEST_STEM] for word in words if len(word) >= SHORTEST_WORD}
        values = {
            "channel": channel_id,
            "seq": trigger.seq if trigger else 0,
            "reply_to": (trigger and trigger.reply_to) or None,
            "thread": (trigger and trigger.thread) or None,
            "words": [f"%{_escaped(stem)}%" for stem in sorted(stems)],
            "limit": FILE_LIMIT,
        }
        return [ReadFile(*row) for row in await self._database.fetch(_SQL.find_files, values)]

    async def within(
        self,
        channel_id: int,
        documents: Sequence[int],
        wanted: Sequence[str],
        weights: TermWeights,
        *,
        limit: int,
        first: int,
    ) -> list[FoundPassage]:
        """Of some documents the best passages, and the first ones, in their order."""
        values = {
            "channel": channel_id,
            "documents": list(documents),
            "terms": list(wanted),
            "weights": [weights.sum_of([term]) for term in wanted],
            "usual": float(USUAL_LENGTH),
            "limit": limit,
            "first": first,
        }
        rows = await self._database.fetch(_SQL.find_within, values)
        return sorted(map(_to_found, rows), key=key_of)

    async def by_key(self, channel_id: int, keys: Sequence[int]) -> dict[int, FoundPassage]:
        """Passages by their keys, without those that nobody has posted any more."""
        if not keys:
            return {}
        values = {"channel": channel_id, "keys": list(keys)}
        found = map(_to_found, await self._database.fetch(_SQL.find_by_key, values))
        return {key_of(one): one for one in found}

    async def find(self, channel_id: int, words: str, *, limit: int) -> list[FoundPassage]:
        """What a person finds with these words, best first."""
        terms = list(extract_query_terms(words))[:QUESTION_TERM_LIMIT]
        return (await self.best(channel_id, terms, limit=limit))[0]


def key_of(found: FoundPassage) -> int:
    """One number for a passage: its document's, then its own."""
    return found.document_id << KEY_BITS | found.passage.number


def _to_found(row: Row) -> FoundPassage:
    document, number, heading, text, first, last, tokens, name, link, author, at, score = row[:12]
    return FoundPassage(
        document_id=document,
        name=name,
        passage=Passage(
            number=number, text=text, heading=heading, first_page=first, last_page=last
        ),
        tokens=tokens,
        link=link,
        author=author,
        at=at,
        score=float(score),
    )


def _escaped(stem: str) -> str:
    return stem.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
