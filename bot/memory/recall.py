"""Which old messages matter for this trigger, best first: by words, none required, and meaning."""

import asyncio
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest

from bot.context import Count, chosen
from bot.conversation import Message
from bot.language.question import Question
from bot.language.ranking import DISCUSSION, FACT, Hit, Mix, lexical
from bot.language.words import plain
from bot.memory.meaning import Meaning
from bot.store.messages import Messages
from bot.store.search import Search
from bot.tokens import estimate

HITS = 400  # messages that hold a term of the question: the best, whose surroundings are weighed
LEAST = 120  # messages read to choose from; more where there is room for more
SHORT = 8  # tokens of a short line: so many of them may fit
LATELY = 150  # messages before the window, among which the conversation goes on
NEAREST = 400  # messages nearest in meaning, where there are embeddings
OF_A_TIME = 60  # messages of a time that the question names, though they hold none of its words
SHOWN = 20  # matches in the window, which are named for models that read no prose
ECHO = 16  # characters from which on a text says nothing new when it is said again; "yes" may
TWICE = 2  # messages with the same text that are sent: of a flood, no more
LONG = 10  # days of a time, beyond which its every message is no answer
WIDER = 0.5  # of the floor, where nearness in meaning spreads the scores
PEOPLE = 200  # of a channel, whose names are known when a question is read for its meaning

# What makes a message count for more, beside its words (those count 0 to about 3).
# Its time, where the question names one, counts what bot.language.spans.Span.fits says.
TALKED = 3.0  # it belongs to the asker's own conversation of just now
BETWEEN = 0.5  # the share of that for what somebody of this conversation said to nobody by name
# What people said goes before her answers and before questions to her.
HERS, ASKED = 0.4, 0.5


@dataclass(frozen=True, slots=True)
class Recall:
    """The search behind every answer."""

    search: Search
    messages: Messages
    count: Count = estimate
    meaning: Meaning | None = None

    async def matching(
        self, channel_id: int, trigger: Message, *, tokens: int = 1_200, before: int | None = None
    ) -> list[Message]:
        """Old messages for a question, best first; none when nothing in the channel matches.

        `tokens` is the room that there is for them, `before` the number from which the window
        shows everything anyway. Leaves out the question itself.
        """
        question = Question.of(trigger)
        hits, near = await asyncio.gather(
            self._hits(channel_id, question), self._near(channel_id, question)
        )
        mix = _mix(question)
        scores = lexical(hits, mix)
        for hit in near:
            scores[hit.seq] = scores.get(hit.seq, 0.0) + mix.meant * hit.score
        best = nlargest(max(LEAST, tokens // SHORT), scores, key=scores.__getitem__)
        edge = trigger.seq if before is None else before
        lately = range(max(1, trigger.seq - LATELY), edge)
        read = await self.messages.get(trigger.channel, channel_id, [*{*best, *lately}])
        floor = mix.floor * (WIDER if near else 1)
        order = unrepeated(ranked(weighed(question, trigger, scores, read), floor))
        matched = {hit.seq for hit in (*hits, *near)}  # not for the talk around it alone
        shown = [one for one in order if one.seq >= edge and one.seq in matched]
        return (
            chosen([message for message in order if message.seq < edge], tokens, self.count)
            + shown[:SHOWN]
        )

    async def _near(self, channel_id: int, question: Question) -> list[Hit]:
        """The nearest in meaning; none where there are no embeddings, or they take too long."""
        if self.meaning is None or not self.meaning.asks:
            return []
        people = await self.messages.authors(channel_id, limit=PEOPLE)
        asked = question.without_names(people)
        return await self.meaning.nearest(channel_id, asked, limit=NEAREST)

    async def _hits(self, channel_id: int, question: Question) -> list[Hit]:
        hits = await self.search.hits(channel_id, question.terms, limit=HITS)
        known = {hit.seq for hit in hits}
        for span in question.spans:
            if span.days <= LONG:
                said = await self.search.said(channel_id, span.start, span.end, limit=OF_A_TIME)
                hits += [hit for hit in said if hit.seq not in known]
        return hits


def ranked(scored: Iterable[tuple[float, Message]], least: float) -> list[Message]:
    """Best first, of equals the newer, down to the least share of the best score."""
    order = sorted(scored, key=lambda one: (-one[0], -one[1].seq))
    floor = least * order[0][0] if order else 0
    return [message for score, message in order if score >= floor and score > 0]


def unrepeated(order: Iterable[Message]) -> list[Message]:
    """Without what the same text has said often enough, better or later."""
    said = Counter[str]()
    kept = []
    for message in order:
        said[message.text] += 1
        if said[message.text] <= TWICE or len(message.text) < ECHO:
            kept.append(message)
    return kept


def weighed(
    question: Question, trigger: Message, found: dict[int, float], read: Sequence[Message]
) -> Iterator[tuple[float, Message]]:
    """(score, message) of all that may be sent: not the question itself, nor its repetitions."""
    mix = _mix(question)
    named = question.named({message.author for message in read})
    with_asker = {message.author.id for message in read if question.answers(message)}
    for message in read:
        if message.seq == trigger.seq or plain(message.text) == question.plain:
            continue
        score = TALKED * _talked(question, trigger, message, with_asker)
        if message.seq in found:
            score += found[message.seq] + question.fits(message.at)
            score += mix.named * (message.author.id in named)
        yield score * _weight(message), message


def _mix(question: Question) -> Mix:
    return DISCUSSION if question.discussed else FACT


def _talked(
    question: Question, trigger: Message, message: Message, with_asker: Container[str]
) -> float:
    """How surely it belongs to the conversation that the trigger goes on with, 0 to 1."""
    near = 1 - (trigger.seq - message.seq) / LATELY
    if near <= 0 or message.author.nellie:
        return 0.0
    if message.author.id == trigger.author.id or question.answers(message):
        return near
    return BETWEEN * near if message.author.id in with_asker else 0.0


def _weight(message: Message) -> float:
    if message.author.nellie:
        return HERS
    return ASKED if message.addressed else 1.0
