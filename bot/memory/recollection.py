"""What an answer is given of the past: old messages and parts of documents, in one room.

Each side gets as much as it matches. Where no document matches, messages get what they always get.
"""

import asyncio
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.answer_trace import RecallScore
from bot.domain.documents import FoundPassage
from bot.domain.model import Message
from bot.language.terms import extract_terms
from bot.memory.passage_ranking import HEADING, LEAST, WEAKEST, fit, passage_cost
from bot.memory.passage_recall import FoundPassages, PassageRecall
from bot.memory.recall import Recall
from bot.prompting.excerpt import format_excerpt, select_fitting

JUDGED = 12  # messages, the best, that tell how well messages match
BETTER = 0.7  # of what messages match: documents that match less are not sent
MOST = 0.75  # of the room that passages take at most, where messages match too


@dataclass(frozen=True, slots=True)
class Recollection:
    """What was found for a question, within its room."""

    messages: Sequence[Message] = ()
    """Best first; matches in the window at the end."""
    latest: Sequence[Message] = ()
    """What was said last before a window that shows little."""
    passages: tuple[FoundPassage, ...] = ()
    scores: Mapping[int, RecallScore] = field(default_factory=dict)
    """Of the messages, by their numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recollecting:
    """Asks the memory of messages and that of documents."""

    recall: Recall
    passages: PassageRecall

    async def read(
        self,
        channel_id: int,
        trigger: Message,
        *,
        tokens: int,
        before: int,
        window: Container[int],
        shown: int,
        has_documents: bool,
    ) -> Recollection:
        """Everything for a question, as Recall.find and Recall.fill take it."""
        (messages, scores), passages = await asyncio.gather(
            self.recall.find_scored(
                channel_id, trigger, tokens=tokens, before=before, window=window, shown=shown
            ),
            self._find_passages(channel_id, trigger, tokens, has_documents),
        )
        messages, chosen, left = self._divide(messages, passages, window, tokens)
        latest = await self.recall.fill(
            channel_id, trigger, messages, tokens=left, before=before, window=window, shown=shown
        )
        return Recollection(messages, latest, tuple(chosen), scores)

    async def search(
        self, channel_id: int, trigger: Message, *, tokens: int, has_documents: bool
    ) -> Recollection:
        """What a question would be given that is asked by itself, wherever the window begins."""
        (messages, scores), passages = await asyncio.gather(
            self.recall.find_scored(channel_id, trigger, tokens=tokens),
            self._find_passages(channel_id, trigger, tokens, has_documents),
        )
        messages, chosen, _ = self._divide(messages, passages, (), tokens)
        return Recollection(messages, (), tuple(chosen), scores)

    async def _find_passages(
        self, channel_id: int, trigger: Message, tokens: int, has_documents: bool
    ) -> FoundPassages:
        if not has_documents:
            return FoundPassages()
        return await self.passages.find(channel_id, trigger, tokens=tokens)

    def _divide(
        self, found: list[Message], passages: FoundPassages, window: Container[int], tokens: int
    ) -> tuple[list[Message], list[FoundPassage], int]:
        """Messages and passages that fit together, and the tokens that are left for messages."""
        old = [message for message in found if message.seq not in window]
        share = share_of_passages(passages, found)
        chosen = fit(passages.passages, int(share * tokens))
        if not chosen:
            return found, [], tokens
        left = tokens - _cost(chosen)
        kept = select_fitting(old, left, self.recall.count)
        used = self.recall.count("\n".join(format_excerpt(kept, left, self.recall.count)))
        chosen = fit(passages.passages, max(tokens - used, tokens - left))
        in_window = [message for message in found if message.seq in window]
        return [*kept, *in_window], chosen, tokens - _cost(chosen)


def share_of_passages(passages: FoundPassages, messages: Sequence[Message]) -> float:
    """Which part of the room passages may take, by how well each side matches.

    None where messages match better than documents do, which match little.
    """
    if not passages.passages:
        return 0.0
    others = max(
        (passages.weights.share(extract_terms(message.text)) for message in messages[:JUDGED]),
        default=0.0,
    )
    if not passages.least_share and passages.quality < max(LEAST, BETTER * min(WEAKEST, others)):
        return 0.0
    if not others:
        return 1.0
    own = passages.quality**2
    return max(passages.least_share, min(MOST, own / (own + others**2)))


def _cost(passages: Sequence[FoundPassage]) -> int:
    return HEADING + sum(map(passage_cost, passages))
