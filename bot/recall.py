"""Which old messages matter for this trigger: lexical, never requiring a word, best first."""

from dataclasses import dataclass

from bot.conversation import Message
from bot.store.search import TERMS, Search
from bot.words import plain, question_terms

CANDIDATES = 60
NEAR = 3  # messages to either side whose score also speaks for a message
FLOOR = 0.3  # the share of the best score below which nothing is sent


@dataclass(frozen=True, slots=True)
class Recall:
    """The search behind every answer."""

    search: Search

    async def matching(
        self, channel_id: int, trigger: Message, *, limit: int = 40
    ) -> list[Message]:
        """Old messages for a question, best first; none when nothing in the channel matches.

        Leaves out the question itself, and puts what people said before Nellie's own answers and
        before earlier questions to her.
        """
        terms = list(question_terms(trigger.text))[:TERMS]
        found = await self.search.best(trigger.channel, channel_id, terms, limit=CANDIDATES)
        asked = plain(trigger.text)
        scored = {
            message.seq: (score * _weight(message), message)
            for score, message in found
            if message.seq != trigger.seq and plain(message.text) != asked
        }
        return ranked(scored)[:limit]


def ranked(scored: dict[int, tuple[float, Message]]) -> list[Message]:
    """Messages by their own score and the best one near them: talk about a thing clusters."""
    if not scored:
        return []
    lifted = {seq: own + 0.25 * _nearby(scored, seq) for seq, (own, _message) in scored.items()}
    floor = FLOOR * max(lifted.values())
    order = sorted(lifted, key=lambda seq: (-lifted[seq], -seq))
    return [scored[seq][1] for seq in order if lifted[seq] >= floor]


def _nearby(scored: dict[int, tuple[float, Message]], seq: int) -> float:
    near = (at for at in range(seq - NEAR, seq + NEAR + 1) if at != seq and at in scored)
    return max((scored[at][0] for at in near), default=0.0)


def _weight(message: Message) -> float:
    if message.author.nellie:
        return 0.4
    return 0.5 if message.addressed else 1.0
