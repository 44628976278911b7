"""Which old messages matter for this trigger, best first: by words, none required, and meaning."""

import asyncio
from collections.abc import Awaitable, Callable, Container, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypedDict, Unpack

from bot.domain.message_row import in_channel
from bot.domain.model import Message
from bot.language.hit_scores import SearchHit
from bot.language.question import Question
from bot.language.sayings import Saying
from bot.memory.choosing import Chosen, Findings, Room
from bot.memory.found import Found
from bot.memory.ranking import weights_for
from bot.memory.semantic_index import SemanticIndex
from bot.prompting.excerpt import TokenCounter
from bot.store.messages import Messages
from bot.store.search import HIT_LIMIT, Search
from bot.text.tokens import estimate_again

NEAREST_LIMIT = 400  # messages nearest in meaning, where there are embeddings
TIME_RANGE_LIMIT = 60  # messages of a time that the question names, though none of its words occur
LONGEST_TIME_RANGE = 10  # days; of a longer time, not every message is an answer
PEOPLE_LIMIT = 200  # of a channel, whose names are known when a question is read for its meaning

HitSearch = Callable[[Sequence[str]], Awaitable[list[SearchHit]]]
"""What holds some terms; what it gives belongs to whoever asks."""


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
    count: TokenCounter = estimate_again
    semantic_index: SemanticIndex | None = None

    async def find(
        self, channel_id: int, trigger: Message, **room: Unpack[RoomOptions]
    ) -> list[Message]:
        """Old messages for a question, best first; none when nothing in the channel matches."""
        chosen = await self.find_scored(channel_id, trigger, **room)
        return in_channel(chosen.rows, trigger.channel)

    async def find_scored(
        self, channel_id: int, trigger: Message, **room: Unpack[RoomOptions]
    ) -> Chosen:
        """The same, with their scores. Leaves out the question itself."""
        findings, given = await self.look(channel_id, trigger), Room(**room)
        candidates = findings.candidates(given)
        read = await self.messages.rows(channel_id, candidates.seqs)
        return findings.choose(candidates, read, given, self.count)

    async def look(
        self, channel_id: int, trigger: Message, search: HitSearch | None = None
    ) -> Findings:
        """What the searches find for a question; of the messages themselves, nothing is read.

        Most questions cost one trip, which `search` may save. One that names a time, or is looked
        for by its meaning, costs what else runs beside that; one that asks for somebody's words a
        trip more, for those depend on who is here.
        """
        question = Question.read(trigger)
        if search is None:
            search = partial(self.hits, channel_id, without=trigger.seq)
        saying, nearest = None, list[SearchHit]()
        if question.may_ask_for_words or question.time_ranges or self._has_meaning:
            # First what waits for an embedder: where connections are few, they stand in line.
            (saying, nearest), hits, of_times = await asyncio.gather(
                self._find_by_people(channel_id, question),
                search(question.terms),
                self._find_of_times(channel_id, question),
            )
            if saying and not saying.terms:
                hits = []  # what is looked for is not who speaks of them
            hits = _joined(hits, of_times)
        else:
            hits = await search(question.terms)
        return Findings(
            trigger=trigger,
            question=question,
            saying=saying,
            found=Found(hits, nearest, weights_for(question)),
            said=await self._find_said_by(channel_id, question, saying, hits) if saying else (),
        )

    async def hits(
        self, channel_id: int, terms: Sequence[str], *, without: int = 0
    ) -> list[SearchHit]:
        """What holds these terms, best first."""
        return await self.search.hits(channel_id, terms, limit=HIT_LIMIT, without=without)

    @property
    def _has_meaning(self) -> bool:
        """Whether there are embeddings, and they can be asked for."""
        return self.semantic_index is not None and self.semantic_index.is_available

    async def _find_by_people(
        self, channel_id: int, question: Question
    ) -> tuple[Saying | None, list[SearchHit]]:
        """Whose words are asked for, and what is nearest in meaning, whoever is named.

        Who asks for neither needs no look at the channel's people.
        """
        if not (question.may_ask_for_words or self._has_meaning):
            return None, []
        people = await self.messages.authors(channel_id, limit=PEOPLE_LIMIT)
        saying = question.read_saying(people) if question.may_ask_for_words else None
        if self.semantic_index is None or not self._has_meaning:
            return saying, []
        text = question.without_names(people)
        return saying, await self.semantic_index.find_nearest(channel_id, text, limit=NEAREST_LIMIT)

    async def _find_said_by(
        self, channel_id: int, question: Question, saying: Saying, hits: Sequence[SearchHit]
    ) -> set[int]:
        among = sorted(_holding(hits).items(), key=lambda pair: -pair[1])
        said = await asyncio.gather(
            *(
                self.search.said_by(
                    channel_id,
                    saying.speakers,
                    span,
                    among=[seq for seq, _ in among],
                    limit=TIME_RANGE_LIMIT,
                )
                for span in question.spans
            )
        )
        return {seq for seqs in said for seq in seqs}

    async def _find_of_times(self, channel_id: int, question: Question) -> list[SearchHit]:
        """What was said in the times that a question names, none of which is long."""
        found = await asyncio.gather(
            *(
                self.search.said_between(channel_id, one.start, one.end, limit=TIME_RANGE_LIMIT)
                for one in question.time_ranges
                if one.days <= LONGEST_TIME_RANGE
            )
        )
        return [hit for hits in found for hit in hits]


def _joined(hits: list[SearchHit], others: Sequence[SearchHit]) -> list[SearchHit]:
    """Hits, and what else was found."""
    known = {hit.seq for hit in hits}
    return [*hits, *(hit for hit in others if hit.seq not in known)]


def _holding(hits: Sequence[SearchHit]) -> dict[int, float]:
    """The hits that hold a term that is looked for, and their scores."""
    return {hit.seq: hit.score for hit in hits if hit.score > 0}
