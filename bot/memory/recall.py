"""Which old messages matter for this trigger, best first: by words, none required, and meaning."""

import asyncio
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

from bot.domain.model import Message
from bot.language.hit_scores import SearchHit
from bot.language.question import Question
from bot.language.sayings import Saying
from bot.memory.choosing import Findings, Recalled, Room, choose_latest, latest_before
from bot.memory.found import Found
from bot.memory.ranking import weights_for
from bot.memory.semantic_index import SemanticIndex
from bot.prompting.excerpt import TokenCounter
from bot.store.messages import Messages
from bot.store.search import Search
from bot.text.tokens import estimate

HIT_LIMIT = 400  # messages with a term of the question: the best, whose surroundings are scored too
NEAREST_LIMIT = 400  # messages nearest in meaning, where there are embeddings
TIME_RANGE_LIMIT = 60  # messages of a time that the question names, though none of its words occur
LONGEST_TIME_RANGE = 10  # days; of a longer time, not every message is an answer
PEOPLE_LIMIT = 200  # of a channel, whose names are known when a question is read for its meaning


class RoomOptions(TypedDict, total=False):
    """What there is room for, as a Room takes it."""

    tokens: int
    before: int | None
    window: Container[int] | None
    shown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """The search behind every answer."""

    search: Search
    messages: Messages
    count: TokenCounter = estimate
    semantic_index: SemanticIndex | None = None

    async def find(
        self, channel_id: int, trigger: Message, **room: Unpack[RoomOptions]
    ) -> list[Message]:
        """Old messages for a question, best first; none when nothing in the channel matches."""
        return (await self.find_scored(channel_id, trigger, **room)).messages

    async def find_scored(
        self, channel_id: int, trigger: Message, **room: Unpack[RoomOptions]
    ) -> Recalled:
        """The same, with their scores. Leaves out the question itself."""
        findings, given = await self.look(channel_id, trigger), Room(**room)
        candidates = findings.candidates(given)
        read = await self.messages.get(trigger.channel, channel_id, list(candidates.seqs))
        return findings.choose(candidates, read, given, self.count)

    async def look(self, channel_id: int, trigger: Message) -> Findings:
        """What the searches find for a question; of the messages themselves, nothing is read."""
        question = Question.read(trigger)
        saying = await self._read_saying(channel_id, question)
        terms = () if saying and not saying.terms else question.terms  # not who speaks of them
        hits, nearest = await asyncio.gather(
            self._find_hits(channel_id, question, terms, trigger.seq),
            self._find_nearest(channel_id, question),
        )
        return Findings(
            trigger=trigger,
            question=question,
            saying=saying,
            found=Found(hits, nearest, weights_for(question)),
            said=await self._find_said_by(channel_id, question, saying, hits),
        )

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

        A greeting asks for nothing.
        """
        room = Room(tokens=tokens, before=before, window=window, shown=shown)
        seqs = latest_before(room)
        if not seqs or not (found or Question.read(trigger).terms):
            return []
        last = await self.messages.get(trigger.channel, channel_id, list(seqs))
        return choose_latest(last, found, room, self.count)

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
