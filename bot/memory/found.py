"""What the searches behind an answer found, and what it scores together; pure."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from bot.language.hit_scores import SearchHit, SignalWeights, score_hits
from bot.language.question import Question

SEMANTIC_FLOOR = 0.5  # of the floor, where nearness in meaning spreads the scores


@dataclass(frozen=True)
class Found:
    """What the searches found, and what it scores together."""

    hits: list[SearchHit]
    nearest: list[SearchHit]
    weights: SignalWeights

    def without(self, seqs: Container[int]) -> "Found":
        """The same as if these messages had not been found."""
        if not any(hit.seq in seqs for hit in (*self.hits, *self.nearest)):  # as of most questions
            return self
        hits, nearest = (
            [hit for hit in some if hit.seq not in seqs] for some in (self.hits, self.nearest)
        )
        return Found(hits, nearest, self.weights)

    @cached_property
    def scores(self) -> dict[int, float]:
        """By message: its own matches, and what matches around it."""
        scores = score_hits(self.hits, self.weights)
        for seq, score in self.by_meaning.items():
            scores[seq] = scores.get(seq, 0.0) + score
        return scores

    @cached_property
    def by_meaning(self) -> dict[int, float]:
        """What of that nearness in meaning counts."""
        return {hit.seq: self.weights.semantic * hit.score for hit in self.nearest}

    @property
    def matches(self) -> set[int]:
        """The messages that were found themselves."""
        return {hit.seq for hit in (*self.hits, *self.nearest)}

    @property
    def floor(self) -> float:
        """The share of the best score below which nothing is sent."""
        return self.weights.floor * (SEMANTIC_FLOOR if self.nearest else 1)

    def of_the_time(self, question: Question) -> Iterator[int]:
        """What was found of the time that a question names, however little its words say."""
        for hit in self.hits if question.time_ranges else ():
            if question.time_score(datetime.fromtimestamp(hit.at, UTC)):
                yield hit.seq

    def best(self, limit: int) -> list[int]:
        """The messages with the highest scores."""
        # For so many of so few, to sort them all takes less than a heap.
        return sorted(self.scores, key=self.scores.__getitem__, reverse=True)[:limit]
