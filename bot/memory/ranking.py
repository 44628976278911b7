"""Which of the candidates that recall found matter most: by words, time, names and talk; pure."""

from collections.abc import Iterable, Mapping, Sequence

from bot.domain.answer_trace import RecallScore
from bot.domain.message_row import MessageRow
from bot.domain.model import Author, Message
from bot.language.hit_scores import DISCUSSION_WEIGHTS, FACT_WEIGHTS, SignalWeights
from bot.language.question import Question
from bot.language.sayings import Saying

SHORTEST_REPEAT = 16  # characters from which on a repeated text says nothing new; "yes" may
REPEAT_LIMIT = 2  # messages with the same text that are sent: of a flood, no more

WORDS_LIMIT = 4  # of what somebody said about a matter, so many go before all else

# What makes a message count for more, beside its words (those count 0 to about 3).
# Its time, where the question names one, counts what TimeRange.score says.
CONVERSATION_WEIGHT = 3.0  # it surely belongs to the conversation that the trigger goes on with
# What people said goes before Nellie's answers and before questions to Nellie.
NELLIE_FACTOR, ADDRESSED_FACTOR = 0.4, 0.5


def rank(scored: Iterable[tuple[float, MessageRow]], floor: float) -> list[MessageRow]:
    """Best first, of equals the newer, down to this share of the best score."""
    order = sorted(scored, reverse=True)  # rows begin with their numbers: by those they compare
    lowest = floor * order[0][0] if order else 0
    return [message for score, message in order if score >= lowest and score > 0]


def put_words_first(
    question: Question,
    saying: Saying,
    scored: Sequence[tuple[float, MessageRow]],
    order: Sequence[MessageRow],
    floor: float,
) -> list[MessageRow]:
    """The order, where somebody's words are asked for: those go before what others said.

    First what they said about the matter, at the time, best first; or, where they are asked for no
    matter, or said nothing that matches, the newest.
    """
    said = [pair for pair in scored if pair[1].author.id in saying.speakers]
    said = [pair for pair in said if question.is_in_time(pair[1].at)] or said
    about = [pair for pair in said if saying.is_matched_by(pair[1].text)]
    first = rank(about, floor)[:WORDS_LIMIT]
    if saying.terms and not about:
        ids = {message.id for _, message in said}
        first = [one for one in order if one.id in ids][:WORDS_LIMIT]
    if not first:
        newest = (message for _, message in about or said)
        first = sorted(newest, key=lambda one: (not one.addressed, one.at, one.seq), reverse=True)
    known = {one.seq for one in first}
    return [*first, *(one for one in order if one.seq not in known)]


def drop_repeats(order: Iterable[MessageRow]) -> list[MessageRow]:
    """Without what the same text has said often enough, better or later."""
    times: dict[str, int] = {}
    kept = []
    for message in order:
        text = message.text
        times[text] = said = times.get(text, 0) + 1
        if said <= REPEAT_LIMIT or len(text) < SHORTEST_REPEAT:
            kept.append(message)
    return kept


def score_messages(
    question: Question,
    trigger: Message,
    scores: Mapping[int, float],
    conversation: Mapping[int, float],
    candidates: Sequence[MessageRow],
) -> list[tuple[float, MessageRow]]:
    """(score, message) of all that may be sent: not the question itself, nor its repetitions.

    `conversation` says how surely messages belong to the trigger's own (bot.memory.disentangling).
    """
    weight = weights_for(question).named
    people = {message.author.id: message.author for message in candidates}
    named = question.find_named(people.values())
    is_asked_in, names_times = question.is_asked_in, bool(question.time_ranges)
    scored = list[tuple[float, MessageRow]]()
    for message in candidates:
        seq, _, author, text, at, _, _, addressed, _, _, _ = message  # sooner than one by one
        if seq == trigger.seq or is_asked_in(text):
            continue
        score = scores.get(seq, 0.0)
        if seq in scores:
            if names_times:
                score += question.time_score(at)
            if author.id in named:
                score += weight
            score *= _author_factor(author, addressed=addressed)
        if seq in conversation:
            score += CONVERSATION_WEIGHT * conversation[seq]
        scored.append((score, message))
    return scored


def explain(
    messages: Sequence[MessageRow],
    scored: Iterable[tuple[float, MessageRow]],
    conversation: Mapping[int, float],
    by_meaning: Mapping[int, float],
) -> dict[int, RecallScore]:
    """What the scores of these messages are made of, by their numbers."""
    totals = {message.seq: score for score, message in scored}
    if not conversation and not by_meaning:  # as of most: then its words are all
        return {one.seq: RecallScore(max(0.0, totals.get(one.seq, 0.0))) for one in messages}
    scores: dict[int, RecallScore] = {}
    for message in messages:
        factor = _author_factor(message.author, addressed=message.addressed)
        talk = CONVERSATION_WEIGHT * conversation.get(message.seq, 0.0)
        meaning = by_meaning.get(message.seq, 0.0) * factor
        words = totals.get(message.seq, 0.0) - talk - meaning
        scores[message.seq] = RecallScore(max(0.0, words), meaning, talk)
    return scores


def weights_for(question: Question) -> SignalWeights:
    return DISCUSSION_WEIGHTS if question.about_discussion else FACT_WEIGHTS


def _author_factor(author: Author, *, addressed: bool) -> float:
    if author.nellie:
        return NELLIE_FACTOR
    return ADDRESSED_FACTOR if addressed else 1.0
