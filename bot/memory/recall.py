"""Which old messages matter for this trigger, best first: by words, none required, and meaning."""

import asyncio
from collections.abc import Container
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest

from bot.domain.model import Message
from bot.language.hit_scores import (
    SearchHit,
    SignalWeights,
    score_hits,
)
from bot.language.question import Question
from bot.memory.ranking import RECENT, drop_repeats, rank, score_messages, weights_for
from bot.memory.semantic_index import SemanticIndex
from bot.prompting.excerpt import TokenCounter, select_fitting
from bot.store.messages import Messages
from bot.store.search import Search
from bot.text.tokens import estimate

HIT_LIMIT = 400  # messages with a term of the question: the best, whose surroundings are scored too
FEWEST_CANDIDATES = 120  # messages read to choose from; more where there is room for more
SHORT_LINE_TOKENS = 8  # so many lines of this size may fit
NEAREST_LIMIT = 400  # messages nearest in meaning, where there are embeddings
TIME_RANGE_LIMIT = 60  # messages of a time that the question names, though none of its words occur
LONGEST_TIME_RANGE = 10  # days; of a longer time, not every message is an answer
IN_WINDOW_LIMIT = 20  # matches in the window, which are named for models that read no prose
SEMANTIC_FLOOR = 0.5  # of the floor, where nearness in meaning spreads the scores
PEOPLE_LIMIT = 200  # of a channel, whose names are known when a question is read for its meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """The search behind every answer."""

    search: Search
    messages: Messages
    count: TokenCounter = estimate
    semantic_index: SemanticIndex | None = None

    async def find(
        self, channel_id: int, trigger: Message, *, tokens: int = 1_200, before: int | None = None
    ) -> list[Message]:
        """Old messages for a question, best first; none when nothing in the channel matches.

        `tokens` is the room that there is for them, `before` the number from which the window
        shows everything anyway. Leaves out the question itself.
        """
        question = Question.read(trigger)
        hits, nearest = await asyncio.gather(
            self._find_hits(channel_id, question), self._find_nearest(channel_id, question)
        )
        # What is asked holds all of its own words: as a hit, it would be better than its answer.
        askings = {trigger.seq, *(hit.seq for hit in hits if question.is_asked_in(hit.text))}
        found = _Found(hits, nearest, weights_for(question)).without(askings)
        window_start = trigger.seq if before is None else before
        recent = range(max(1, trigger.seq - RECENT), window_start)
        limit = max(FEWEST_CANDIDATES, tokens // SHORT_LINE_TOKENS)
        candidates = await self.messages.get(
            trigger.channel, channel_id, list({*found.best(limit), *recent})
        )
        scored = score_messages(question, trigger, found.scores, candidates)
        order = drop_repeats(rank(scored, found.floor))
        old = [message for message in order if message.seq < window_start]
        # Not those that only stand beside a match.
        in_window = [one for one in order if one.seq >= window_start and one.seq in found.matches]
        return select_fitting(old, tokens, self.count) + in_window[:IN_WINDOW_LIMIT]

    async def _find_nearest(self, channel_id: int, question: Question) -> list[SearchHit]:
        """The nearest in meaning; none where there are no embeddings, or they take too long."""
        if self.semantic_index is None or not self.semantic_index.is_available:
            return []
        people = await self.messages.authors(channel_id, limit=PEOPLE_LIMIT)
        text = question.without_names(people)
        return await self.semantic_index.find_nearest(channel_id, text, limit=NEAREST_LIMIT)

    async def _find_hits(self, channel_id: int, question: Question) -> list[SearchHit]:
        hits = await self.search.hits(channel_id, question.terms, limit=HIT_LIMIT)
        known = {hit.seq for hit in hits}
        for time_range in question.time_ranges:
            if time_range.days <= LONGEST_TIME_RANGE:
                in_range = await self.search.said_between(
                    channel_id, time_range.start, time_range.end, limit=TIME_RANGE_LIMIT
                )
                hits += [hit for hit in in_range if hit.seq not in known]
        return hits


@dataclass(frozen=True)
class _Found:
    """What the searches found, and what it scores together."""

    hits: list[SearchHit]
    nearest: list[SearchHit]
    weights: SignalWeights

    def without(self, seqs: Container[int]) -> "_Found":
        """The same as if these messages had not been found."""
        hits, nearest = (
            [hit for hit in some if hit.seq not in seqs] for some in (self.hits, self.nearest)
        )
        return _Found(hits, nearest, self.weights)

    @cached_property
    def scores(self) -> dict[int, float]:
        """By message: its own matches, and what matches around it."""
        scores = score_hits(self.hits, self.weights)
        for hit in self.nearest:
            scores[hit.seq] = scores.get(hit.seq, 0.0) + self.weights.semantic * hit.score
        return scores

    @property
    def matches(self) -> set[int]:
        """The messages that were found themselves."""
        return {hit.seq for hit in (*self.hits, *self.nearest)}

    @property
    def floor(self) -> float:
        """The share of the best score below which nothing is sent."""
        return self.weights.floor * (SEMANTIC_FLOOR if self.nearest else 1)

    def best(self, limit: int) -> list[int]:
        """The messages with the highest scores."""
        return nlargest(limit, self.scores, key=self.scores.__getitem__)
