"""Searching what was read of files: BM25 over their passages, as over messages (search.py)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.documents import FoundPassage, Passage
from bot.domain.model import Message
from bot.store.database import Database
from bot.store.hot_connections import Row
from bot.store.search import CAP
from bot.store.sql_files import load

_SQL = load("passage_search")

KEY_BITS = 20  # of a passage's key, its lower ones, that hold its number
FILE_LIMIT = 200  # files of a channel that a question may mean: those it names, else the newest
LONGEST_STEM = 5  # letters of a word that a file's name may hold
MOST_WORDS = 60  # of a question, that are looked for in names
COUNTED = 1_000  # messages, or passages, with a term; how many more there are says little
VARIANTS = 12  # terms that begin as one that is asked for
_WORD = re.compile(r"\w{4,}")


@dataclass(frozen=True, slots=True)
class PassageHit:
    """A passage with the terms that it holds of those that were looked for."""

    found: FoundPassage
    held: Mapping[str, int]
    """Each with how often it occurs."""
    length: int
    """Of the passage, in words; 0 where it holds none."""

    @property
    def key(self) -> int:
        """One number for a passage: its document's, then its own."""
        return key_of(self.found)


@dataclass(frozen=True, slots=True)
class AskedTerm:
    """A term that is asked for, or one of documents that begins as it does."""

    asked: str
    term: str
    said: int
    """Messages that hold it, up to COUNTED."""
    read: int
    """Passages that do."""
    messages: int
    """Of the channel, in all."""
    passages: int


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

    async def terms(
        self, channel_id: int, stems: Mapping[str, str], *, without: int = 0
    ) -> list[AskedTerm]:
        """Terms as they stand in the channel; also those of documents that begin with their stem.

        An empty stem is for a term that is looked for as it is. A message may be left out: the
        question itself, which holds them all.
        """
        if not stems:
            return []
        values = {
            "channel": channel_id,
            "terms": list(stems),
            "stems": list(stems.values()),
            "steps": VARIANTS,
            "cap": COUNTED,
            "without": without,
        }
        return [AskedTerm(*row) for row in await self._database.fetch(_SQL.find_terms, values)]

    async def best(self, channel_id: int, wanted: Sequence[str], *, limit: int) -> list[PassageHit]:
        """The passages with the rarest and most of these terms, best first; none is required."""
        if not wanted:
            return []
        values = {"channel": channel_id, "terms": list(wanted), "cap": CAP, "limit": limit}
        return [_to_hit(row) for row in await self._database.fetch(_SQL.find_best, values)]

    async def files(
        self, channel_id: int, text: str, trigger: Message | None = None
    ) -> list[ReadFile]:
        """The files that a question may mean: of its own message, by their names, the newest."""
        words = dict.fromkeys(_WORD.findall(text.casefold()))
        stems = {word[:LONGEST_STEM] for word in list(words)[:MOST_WORDS]}
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
        *,
        limit: int,
        first: int,
    ) -> list[PassageHit]:
        """Of some documents the best passages, and the first ones, in their order."""
        if not documents:
            return []
        values = {
            "channel": channel_id,
            "documents": list(documents),
            "terms": list(wanted),
            "limit": limit,
            "first": first,
        }
        rows = await self._database.fetch(_SQL.find_within, values)
        return sorted(map(_to_hit, rows), key=lambda hit: hit.key)

    async def by_key(
        self, channel_id: int, keys: Sequence[int], wanted: Sequence[str]
    ) -> list[PassageHit]:
        """Passages by their keys, without those that nobody has posted any more."""
        if not keys:
            return []
        values = {"channel": channel_id, "keys": list(keys), "terms": list(wanted)}
        return list(map(_to_hit, await self._database.fetch(_SQL.find_by_key, values)))


def key_of(found: FoundPassage) -> int:
    """One number for a passage: its document's, then its own."""
    return found.document_id << KEY_BITS | found.passage.number


def _to_hit(row: Row) -> PassageHit:
    document, number, heading, text, first, last, tokens = row[:7]
    name, kind, link, author, at, terms, counts, length = row[7:15]
    found = FoundPassage(
        document_id=document,
        name=name,
        passage=Passage(
            number=number, text=text, heading=heading, first_page=first, last_page=last
        ),
        tokens=tokens,
        link=link,
        author=author,
        at=at,
        kind=kind,
    )
    return PassageHit(found, dict(zip(terms, counts, strict=True)), length)


def _escaped(stem: str) -> str:
    return stem.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
