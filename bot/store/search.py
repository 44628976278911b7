"""Searching the lexical index: BM25 in plain SQL, bounded also for terms that are everywhere."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.model import Channel, Message
from bot.language.hit_scores import SearchHit
from bot.language.question import QUESTION_TERM_LIMIT
from bot.language.terms import extract_query_terms
from bot.store.database import Database
from bot.store.hot_connections import Row
from bot.store.messages import to_message
from bot.store.parameters import sent_numbers
from bot.store.sql_files import load

_SQL = load("search")

FILTERED = 20_000  # messages with a term, the best, among which those of a person or time are found
HIT_LIMIT = 300  # messages with a term of a question: the best, whose surroundings are scored too
CAP = 4_000  # newest postings read per term: a term in more messages than that says little


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whose words are looked for, and of which time."""

    authors: Collection[str] | None = None
    """Ids; None for everybody but Nellie."""
    start: datetime | None = None
    end: datetime | None = None
    """Just after it."""
    without: int = 0
    """The number of a message that is left out: the question itself."""

    def has(self, message: Message) -> bool:
        """Whether a message is of these people and of this time."""
        author, at = message.author, message.at
        whose = not author.nellie if self.authors is None else author.id in self.authors
        in_time = (not self.start or at >= self.start) and (not self.end or at < self.end)
        return whose and in_time and message.seq != self.without


class Search:
    """Which messages hold these terms."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def best(
        self,
        channel: Channel,
        channel_id: int,
        wanted: Sequence[str],
        *,
        limit: int,
        without: int = 0,
    ) -> list[tuple[float, Message]]:
        """(score, message) of the messages with the rarest and most of these terms, best first.

        Any term is enough to be found; none is required. A message may be left out as if it had
        never been said: the question itself, whose words are no rarer or commoner for its asking.
        """
        if not wanted:
            return []
        values = to_values(channel_id, wanted, limit, without)
        rows = await self._database.fetch(_SQL.find_best, values)
        return [(float(row.score), to_message(row, channel)) for row in rows]

    async def hits(
        self, channel_id: int, wanted: Sequence[str], *, limit: int, without: int = 0
    ) -> list[SearchHit]:
        """The same messages, by number and time alone."""
        if not wanted:
            return []
        values = to_values(channel_id, wanted, limit, without)
        return list(map(SearchHit._make, await self._database.fetch(_SQL.find_hits, values)))

    async def said_between(
        self, channel_id: int, start: datetime, end: datetime, *, limit: int
    ) -> list[SearchHit]:
        """The newest messages that were said in a time."""
        values = {"channel": channel_id, "start": start, "end": end, "limit": limit}
        return list(map(SearchHit._make, await self._database.fetch(_SQL.find_between, values)))

    async def said_by(
        self,
        channel_id: int,
        authors: Collection[str],
        span: tuple[datetime, datetime] | None,
        *,
        among: Sequence[int],
        limit: int,
    ) -> list[int]:
        """What these people said: the first of `among`, and the newest (in a span of time)."""
        start, end = span or (None, None)
        values = {
            "channel": channel_id,
            "authors": list(authors),
            "start": start,
            "end": end,
            "among": list(among),
            "limit": limit,
        }
        return [row[0] for row in await self._database.fetch(_SQL.find_said_by, values)]

    async def find(
        self, channel: Channel, channel_id: int, words: str, *, limit: int
    ) -> list[Message]:
        """What a person finds with these words, best first."""
        scored = await self.best(
            channel, channel_id, list(extract_query_terms(words))[:QUESTION_TERM_LIMIT], limit=limit
        )
        return [message for _, message in scored]

    async def wanted(
        self, channel: Channel, channel_id: int, words: str, wanted: "Wanted", *, limit: int
    ) -> list[Message]:
        """What some people said in a time with any of these words, best first; without, newest."""
        terms = list(extract_query_terms(words))[:QUESTION_TERM_LIMIT]
        values: dict[str, object] = {
            "channel": channel_id,
            "without": wanted.without,
            "authors": None if wanted.authors is None else list(wanted.authors),
            "start": wanted.start,
            "end": wanted.end,
            "most": limit,
        }
        sql = _SQL.find_newest_wanted
        if terms:
            sql = _SQL.find_wanted
            values |= to_values(channel_id, terms, FILTERED, wanted.without)
        return [to_message(row, channel) for row in await self._database.fetch(sql, values)]

    async def seqs_containing(self, channel_id: int, words: str) -> list[int]:
        """The numbers of every message that holds all of these words."""
        values = {"channel": channel_id, "terms": list(extract_query_terms(words))}
        async with self._database.autocommit() as connection:
            return list((await connection.execute(_SQL.find_containing, values)).scalars())


def to_hits(row: Row) -> list[SearchHit]:
    """From a row of `hit_arrays` of search.sql."""
    if row.hit_seqs is None:
        return []
    seqs = sent_numbers("q", row.hit_seqs)
    scores, times = (sent_numbers("d", sent) for sent in (row.hit_scores, row.hit_times))
    return list(map(SearchHit._make, zip(seqs, scores, times, row.hit_texts, strict=True)))


def to_values(channel_id: int, terms: Sequence[str], limit: int, without: int) -> dict[str, object]:
    """What a statement takes that looks for terms (`scoring` of search.sql)."""
    return {
        "channel": channel_id,
        "terms": list(terms),
        "cap": CAP,
        "limit": limit,
        "without": without,
    }
