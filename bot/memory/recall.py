"""Which old messages matter for this trigger, best first: by words, none required, and meaning."""

import asyncio
import sys
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypedDict, Unpack

from bot.domain.answer_trace import RecallScore
from bot.domain.model import Message
from bot.language.hit_scores import SearchHit
from bot.language.question import Question
from bot.language.sayings import Saying
from bot.memory.disentangling import find_conversation
from bot.memory.found import Found
from bot.memory.ranking import (
    drop_repeats,
    explain,
    put_words_first,
    rank,
    score_messages,
    weights_for,
)
from bot.memory.semantic_index import SemanticIndex
from bot.prompting.excerpt import TokenCounter, select_fitting
from bot.store.messages import Messages
from bot.store.search import Search
from bot.text.tokens import estimate

RECENT = 150  # messages before the trigger, among which its conversation goes on
LEAST_RECENT = 1_000  # tokens of what was said last that an answer sees, where there is room
MATCHES_SHARE = 3  # in a running conversation with a short window, one part for what else matches
STATEMENT_SHARE = 10  # of the room, one part for what is said to Nellie and asks nothing
HIT_LIMIT = 400  # messages with a term of the question: the best, whose surroundings are scored too
FEWEST_CANDIDATES = 120  # messages read to choose from; more where there is room for more
SHORT_LINE_TOKENS = 8  # so many lines of this size may fit
NEAREST_LIMIT = 400  # messages nearest in meaning, where there are embeddings
TIME_RANGE_LIMIT = 60  # messages of a time that the question names, though none of its words occur
LONGEST_TIME_RANGE = 10  # days; of a longer time, not every message is an answer
IN_WINDOW_LIMIT = 20  # matches in the window, which are named for models that read no prose
PEOPLE_LIMIT = 200  # of a channel, whose names are known when a question is read for its meaning


class Room(TypedDict, total=False):
    """What there is room for (Recall.find_scored)."""

    tokens: int
    before: int | None
    window: Container[int] | None
    shown: int


class Recalled(NamedTuple):
    """Messages, best first, and why they were found."""

    messages: list[Message]
    scores: dict[int, RecallScore]
    """By their numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """The search behind every answer."""

    search: Search
    messages: Messages
    count: TokenCounter = estimate
    semantic_index: SemanticIndex | None = None

    async def find(self, channel_id: int, trigger: Message, **room: Unpack[Room]) -> list[Message]:
        """Old messages for a question, best first; none when nothing in the channel matches."""
        return (await self.find_scored(channel_id, trigger, **room)).messages

    async def find_scored(
        self,
        channel_id: int,
        trigger: Message,
        *,
        tokens: int = 1_200,
        before: int | None = None,
        window: Container[int] | None = None,
        shown: int = LEAST_RECENT,
    ) -> Recalled:
        """The same, with their scores.

        `tokens` is the room that there is for them, `before` the number of the window's first
        line, `window` those of all its lines: without it, all from there on. `shown` is the
        window's tokens. Leaves out the question itself.
        """
        question = Question.read(trigger)
        saying = await self._read_saying(channel_id, question)
        terms = () if saying and not saying.terms else question.terms  # not who speaks of them
        hits, nearest = await asyncio.gather(
            self._find_hits(channel_id, question, terms, trigger.seq),
            self._find_nearest(channel_id, question),
        )
        # What is asked holds all of its own words: as a hit, it would be better than its answer.
        askings = {trigger.seq, *(hit.seq for hit in hits if question.is_asked_in(hit.text))}
        found = Found(hits, nearest, weights_for(question)).without(askings)
        window_start = trigger.seq if before is None else before
        first = max(1, trigger.seq - RECENT)
        # The window's part of the talk tells who speaks to whom before it.
        recent = range(first, trigger.seq if first < window_start else first)
        said = await self._find_said_by(channel_id, question, saying, hits)
        best = {
            *found.best(max(FEWEST_CANDIDATES, tokens // SHORT_LINE_TOKENS)),
            *found.of_the_time(question),
            *said,
        }
        read = await self.messages.get(trigger.channel, channel_id, list(best.union(recent)))
        conversation = find_conversation(trigger, [one for one in read if one.seq in recent])
        candidates = [one for one in read if one.seq < window_start or one.seq in best]
        scored = list(score_messages(question, trigger, found.scores, conversation, candidates))
        order = rank(scored, found.floor)
        if saying:
            order = put_words_first(question, saying, scored, order, found.floor)
        order = drop_repeats(order)
        if window is None:
            window = range(window_start, sys.maxsize)
        old = [message for message in order if message.seq not in window]
        if shown >= LEAST_RECENT and not question.asks:
            tokens //= STATEMENT_SHARE
        elif shown < LEAST_RECENT and conversation:
            old = self._leave_room(old, conversation, tokens // MATCHES_SHARE)
        matches = found.matches.union(said)  # not those that only stand beside one
        in_window = [one for one in order if one.seq in window and one.seq in matches]
        chosen = select_fitting(old, tokens, self.count) + in_window[:IN_WINDOW_LIMIT]
        return Recalled(chosen, explain(chosen, scored, conversation, found.by_meaning))

    async def fill(
        self,
        channel_id: int,
        trigger: Message,
        found: Sequence[Message],
        *,
        tokens: int,
        before: int,
        window: Container[int] | None = None,
        shown: int,
    ) -> list[Message]:
        """What was said last before a short window, in the room that what was found leaves.

        `shown` is the size of the window: one of LEAST_RECENT tokens needs nothing more. A greeting
        asks for nothing.
        """
        if shown >= LEAST_RECENT or before <= 1 or not (found or Question.read(trigger).terms):
            return []
        first = max(1, before - tokens // SHORT_LINE_TOKENS)
        last = await self.messages.get(trigger.channel, channel_id, list(range(first, before)))
        if window is None:
            window = range(before, sys.maxsize)
        old = [message for message in found if message.seq not in window]
        known = {message.seq for message in old}
        newest = [one for one in reversed(last) if one.seq not in window and one.seq not in known]
        return select_fitting([*old, *newest], tokens, self.count)[len(old) :]

    def _leave_room(
        self, order: Sequence[Message], conversation: Container[int], tokens: int
    ) -> list[Message]:
        """What belongs to the conversation, and of what else matches as much as fits."""
        others = [message for message in order if message.seq not in conversation]
        kept = {message.seq for message in select_fitting(others, tokens, self.count)}
        return [one for one in order if one.seq in conversation or one.seq in kept]

    async def _find_nearest(self, channel_id: int, question: Question) -> list[SearchHit]:
        """The nearest in meaning; none where there are no embeddings, or they take too long."""
        if self.semantic_index is None or not self.semantic_index.is_available:
            return []
        people = await self.messages.authors(channel_id, limit=PEOPLE_LIMIT)
        text = question.without_names(people)
        return await self.semantic_index.find_nearest(channel_id, text, limit=NEAREST_LIMIT)

    async def _read_saying(self, channel_id: int, question: Question) -> Saying | None:
        """Whose words are asked for; who else asks needs no look at the channel's people."""
        if not question.may_ask_for_words:
            return None
        return question.read_saying(await self.messages.authors(channel_id, limit=PEOPLE_LIMIT))

    async def _find_said_by(
        self,
        channel_id: int,
        question: Question,
        saying: Saying | None,
        hits: Sequence[SearchHit],
    ) -> set[int]:
        if saying is None:
            return set()
        among = sorted(_holding(hits).items(), key=lambda pair: -pair[1])
        said = set[int]()
        for span in question.spans:
            said.update(
                await self.search.said_by(
                    channel_id,
                    saying.speakers,
                    span,
                    among=[seq for seq, _ in among],
                    limit=TIME_RANGE_LIMIT,
                )
            )
        return said

    async def _find_hits(
        self, channel_id: int, question: Question, terms: Sequence[str], asked: int
    ) -> list[SearchHit]:
        hits = await self.search.hits(channel_id, terms, limit=HIT_LIMIT, without=asked)
        known = {hit.seq for hit in hits}
        for time_range in question.time_ranges:
            if time_range.days <= LONGEST_TIME_RANGE:
                in_range = await self.search.said_between(
                    channel_id, time_range.start, time_range.end, limit=TIME_RANGE_LIMIT
                )
                hits += [hit for hit in in_range if hit.seq not in known]
        return hits


def _holding(hits: Sequence[SearchHit]) -> dict[int, float]:
    """The hits that hold a term that is looked for, and their scores."""
    return {hit.seq: hit.score for hit in hits if hit.score > 0}
