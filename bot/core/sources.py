"""Which messages an answer was made from: it is forgotten together with them."""

from bot.core.answer_stream import Answer
from bot.language.terms import FILLER, extract_terms
from bot.store.search import Search

TOLD_APART = 0.5  # of an answer's own words: fewer that somebody said, and it is in other words


async def find_sources(
    search: Search, channel_id: int, question: str, answer: Answer
) -> tuple[int, ...]:
    """What was found for the question, and the messages of the window whose words it shares.

    An answer in words that nobody used, in another language say, may be made from anything that
    was shown: it rests on all of that. What it shares with a former answer, that may have from
    messages which are shown no more: it rests on what the former one rests on.
    """
    known, shown = answer.rests_on, answer.shown.seqs if answer.shown else ()
    if not shown:
        return known
    words, asked = extract_terms(answer.text).keys(), extract_terms(question).keys()
    own, repeated = words - asked - FILLER, words & asked
    candidates = {*known, *shown}
    holding = await search.holding(channel_id, own or repeated - FILLER, candidates)
    shared = [found for seqs in holding.values() if (found := candidates.intersection(seqs))]
    sharing = set[int]().union(*shared)
    if len(shared) < TOLD_APART * len(own) or not (own or repeated):
        sharing.update(shown)
    return (*known, *sorted({*sharing, *await search.resting(channel_id, sharing)} - {*known}))
