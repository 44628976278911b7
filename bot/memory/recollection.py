"""What an answer is given of the past: old messages and parts of documents, in one room.

Each side gets as much as it matches. Where no document matches, messages get what they always get.
"""

import asyncio
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.answer_trace import RecallScore
from bot.domain.documents import FoundPassage
from bot.domain.message_row import MessageRow
from bot.domain.model import Message
from bot.language.terms import extract_terms
from bot.memory.choosing import Findings, Room, choose_latest, latest_before
from bot.memory.passage_ranking import HEADING, LEAST, WEAKEST, fit, passage_cost
from bot.memory.passage_recall import FoundPassages, PassageRecall
from bot.memory.recall import HitSearch, Recall
from bot.prompting.excerpt import format_excerpt, select_fitting

JUDGED = 12  # messages, the best, that tell how well messages match
BETTER = 0.7  # of what messages match: documents that match less are not sent
MOST = 0.75  # of the room that passages take at most, where messages match too


@dataclass(frozen=True, slots=True)
class Recollection:
    """What was found for a question, within its room."""

    messages: Sequence[MessageRow] = ()
    """Best first; matches in the window at the end."""
    latest: Sequence[MessageRow] = ()
    """What was said last before a window that shows little."""
    passages: tuple[FoundPassage, ...] = ()
    scores: Mapping[int, RecallScore] = field(default_factory=dict)
    """Of the messages, by their numbers."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What the searches found for a question, before any message is read."""

    findings: Findings
    passages: FoundPassages | None
    """None where no document was looked for."""

    def wanted(self, room: Room) -> set[int]:
        """The numbers of the messages that may be sent: those have to be read."""
        return {*self.findings.candidates(room).seqs, *latest_before(room)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recollecting:
    """Asks the memory of messages and that of documents."""

    recall: Recall
    passages: PassageRecall

    async def read(
        self, channel_id: int, trigger: Message, room: Room, *, has_documents: bool
    ) -> Recollection:
        """Everything for a question that there is room for."""
        looked = await self.look(
            channel_id, trigger, tokens=room.tokens, has_documents=has_documents
        )
        read = await self.recall.messages.rows(channel_id, looked.wanted(room))
        return self.choose(looked, read, room)

    async def look(
        self,
        channel_id: int,
        trigger: Message,
        *,
        tokens: int,
        has_documents: bool,
        search: HitSearch | None = None,
    ) -> Looked:
        """What is found of messages (as Recall.look has it) and beside that of documents."""
        if not has_documents:
            return Looked(await self.recall.look(channel_id, trigger, search), None)
        return Looked(
            *await asyncio.gather(
                self.recall.look(channel_id, trigger, search),
                self.passages.find(channel_id, trigger, tokens=tokens),
            )
        )

    async def with_passages(
        self, looked: Looked, channel_id: int, *, tokens: int, has_documents: bool
    ) -> Looked:
        """The same, where it turned out meanwhile whether there are documents."""
        if has_documents == (looked.passages is not None):
            return looked
        passages = None
        if has_documents:
            passages = await self.passages.find(channel_id, looked.findings.trigger, tokens=tokens)
        return replace(looked, passages=passages)

    def choose(self, looked: Looked, read: Sequence[MessageRow], room: Room) -> Recollection:
        """What is sent, of messages in their order, among them all that are wanted."""
        findings, passages = looked.findings, looked.passages or FoundPassages()
        window = room.lines
        candidates = findings.candidates(room)
        seqs = candidates.seqs
        rows, scores = findings.choose(
            candidates, [one for one in read if one.seq in seqs], room, self.recall.count
        )
        rows, chosen, left = self._divide(rows, passages, window, room.tokens)
        room = replace(room, tokens=left)
        latest, last = list[MessageRow](), latest_before(room)
        if last and (rows or findings.question.terms):  # a greeting asks for nothing
            latest = choose_latest(
                [one for one in read if one.seq in last], rows, room, self.recall.count
            )
        return Recollection(rows, latest, tuple(chosen), scores)

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
        self, found: list[MessageRow], passages: FoundPassages, window: Container[int], tokens: int
    ) -> tuple[list[MessageRow], list[FoundPassage], int]:
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
        return kept + in_window, chosen, tokens - _cost(chosen)


def share_of_passages(passages: FoundPassages, messages: Sequence[MessageRow]) -> float:
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
