"""Which parts of documents matter for a question: by words, by meaning, and by the file it means.

Files that came with the question, with the message that it replies to, or in its thread come first,
whole where they fit; then those that it names.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from bot.domain.documents import FoundPassage
from bot.domain.model import Message
from bot.language.file_references import name_terms, read_reference
from bot.language.question import QUESTION_TERM_LIMIT, Question
from bot.language.question_words import QUESTION_WORDS
from bot.language.term_weights import TermWeights, stem_of
from bot.language.terms import extract_query_terms
from bot.memory.passage_ranking import Signals, fit, passage_cost, rank
from bot.memory.semantic_index import SemanticIndex
from bot.store.passage_search import PassageHit, PassageSearch, ReadFile, key_of
from bot.store.stores import Stores

HIT_LIMIT = 60  # passages with a term of the question, the best
NEAREST_LIMIT = 40  # passages nearest in meaning, where there are embeddings
WITHIN_LIMIT = 40  # of the files that are meant
SMALLEST = 60  # tokens of a passage: of files that are read from their beginning, no more fit
MOST_BESIDE = 5  # files that stand where the question does, the newest
SURELY, LIKELY = 0.9, 0.66  # of the room, for files that are meant, and for those of the thread


@dataclass(frozen=True, slots=True)
class FoundPassages:
    """What was found in documents for one question."""

    passages: tuple[FoundPassage, ...] = ()
    """Best first: first those of files that stand where the question does."""
    quality: float = 0.0
    """How much of the question the best of them holds: 0 to 1."""
    least_share: float = 0.0
    """Of the room, what they may take however well messages match."""
    weights: TermWeights = field(default_factory=TermWeights)
    """Of what the question asks, without the words that only tell a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageRecall:
    """The search in documents behind every answer."""

    search: PassageSearch
    semantic_index: SemanticIndex | None = None

    @classmethod
    def on(cls, stores: Stores, semantic_index: SemanticIndex | None) -> Self:
        """By words, and by meaning where messages are found by it."""
        return cls(
            search=stores.passage_search,
            semantic_index=semantic_index.passages if semantic_index else None,
        )

    async def find_passages(
        self, channel_id: int, trigger: Message, *, tokens: int
    ) -> list[FoundPassage]:
        """The best passages for a question that fit into so many tokens."""
        return fit((await self.find(channel_id, trigger, tokens=tokens)).passages, tokens)

    async def find_by_words(self, channel_id: int, words: str, *, limit: int) -> list[FoundPassage]:
        """What a person, or a model, finds with these words, best first."""
        terms = tuple(extract_query_terms(words))[:QUESTION_TERM_LIMIT]
        (weights, hits), files = await asyncio.gather(
            self._find_hits(channel_id, terms, 0),
            self.search.files(channel_id, words),
        )
        names = {file.document_id: name_terms(file.name, file.title) for file in files}
        named = [one for one in names if weights.asked and weights.share(names[one]) == 1.0]
        within = await self.search.within(
            channel_id, named[:MOST_BESIDE], weights.terms, limit=limit, first=1
        )
        found = {hit.key: hit for hit in (*within, *hits)}
        return list(rank(list(found.values()), weights, Signals(names=names)).passages[:limit])

    async def find(self, channel_id: int, trigger: Message, *, tokens: int) -> FoundPassages:
        """All that may be sent, best first; `tokens` is the most that there may be room for."""
        question = Question.read(trigger)
        terms = tuple(term for term in question.terms if term not in QUESTION_WORDS)
        (weights, hits), files, nearest = await asyncio.gather(
            self._find_hits(channel_id, terms, trigger.seq),
            self.search.files(channel_id, question.text, trigger),
            self._find_nearest(channel_id, question),
        )
        reference = read_reference(replace(question, terms=terms), files)
        meant = reference.meant if question.asks else ()
        beside = list(_beside(question, files))
        whole = list(dict.fromkeys((*(file.document_id for file in beside), *meant)))
        within, near = await asyncio.gather(
            self.search.within(
                channel_id, whole, weights.terms, limit=WITHIN_LIMIT, first=tokens // SMALLEST
            ),
            self.search.by_key(
                channel_id, list(nearest.keys() - {hit.key for hit in hits}), weights.terms
            ),
        )
        found = {hit.key: hit for hit in (*near, *within, *(hits if question.asks else ()))}
        asked = weights.without(set(terms) - set(reference.terms))
        signals = Signals(
            names={file.document_id: name_terms(file.name, file.title) for file in files},
            nearest=nearest,
            meant=set(whole),
            likely=reference.likely,
        )
        ranked = rank(list(found.values()), asked, signals)
        first = _first_of(beside, ranked.passages, [hit.found for hit in within], tokens)
        return FoundPassages(
            tuple(dict.fromkeys((*first, *ranked.passages))),
            ranked.quality,
            _least_share(beside, meant),
            asked,
        )

    async def _find_hits(
        self, channel_id: int, terms: Sequence[str], asked: int
    ) -> tuple[TermWeights, list[PassageHit]]:
        stems = {term: stem_of(term) for term in terms}
        weights = TermWeights.of(await self.search.terms(channel_id, stems, without=asked))
        return weights, await self.search.best(channel_id, weights.terms, limit=HIT_LIMIT)

    async def _find_nearest(self, channel_id: int, question: Question) -> dict[int, float]:
        """How near the passages are that are nearest in meaning, by their keys."""
        if self.semantic_index is None or not question.asks:
            return {}
        hits = await self.semantic_index.find_nearest(
            channel_id, question.text, limit=NEAREST_LIMIT
        )
        return {hit.seq: hit.score for hit in hits}


def _beside(question: Question, files: Iterable[ReadFile]) -> Iterator[ReadFile]:
    """The files that stand where the question does; those of its thread if it asks something."""
    places = ("asked", "thread") if question.terms and question.asks else ("asked",)
    known = set[int]()
    for file in files:
        if file.place in places and file.document_id not in known and len(known) < MOST_BESIDE:
            known.add(file.document_id)
            yield file


def _first_of(
    files: Iterable[ReadFile],
    ranked: Sequence[FoundPassage],
    within: Sequence[FoundPassage],
    tokens: int,
) -> Iterator[FoundPassage]:
    """Of each file all that there is, in its order, if it fits; or else what matches best."""
    by_key = {key_of(one): one for one in ranked}
    for file in files:
        own = [one for one in within if one.document_id == file.document_id]
        cost = sum(map(passage_cost, own))
        if cost <= tokens and len(own) == file.passages:
            yield from (by_key.get(key_of(one), one) for one in own)
            tokens -= cost
        else:
            yield from (one for one in ranked if one.document_id == file.document_id)


def _least_share(beside: Sequence[ReadFile], meant: Sequence[int]) -> float:
    if meant or any(file.place == "asked" for file in beside):
        return SURELY
    return LIKELY if beside else 0.0
