"""Of what was found for a question: which messages are read, and which of them are sent; pure."""

import sys
from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from bot.domain.answer_trace import RecallScore
from bot.domain.message_row import MessageRow
from bot.domain.model import Message
from bot.language.question import Question
from bot.language.sayings import Saying
from bot.memory.disentangling import find_conversation
from bot.memory.found import Found
from bot.memory.ranking import drop_repeats, explain, put_words_first, rank, score_messages
from bot.prompting.excerpt import TokenCounter, select_fitting
from bot.text.tokens import estimate_again

RECENT = 150  # messages before the trigger, among which its conversation goes on
LEAST_RECENT = 1_000  # tokens of what was said last that an answer sees, where there is room
MATCHES_SHARE = 3  # in a running conversation with a short window, one part for what else matches
STATEMENT_SHARE = 10  # of the room, one part for what is said to Nellie and asks nothing
FEWEST_CANDIDATES = 120  # messages read to choose from; more where there is room for more
SHORT_LINE_TOKENS = 8  # so many lines of this size may fit
IN_WINDOW_LIMIT = 20  # matches in the window, which are named for models that read no prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What there is room for, and what the window shows already."""

    tokens: int = 1_200
    before: int | None = None
    """The number of the window's first line; None where there is no window."""
    window: Container[int] | None = None
    """The numbers of all its lines; None for all from `before` on."""
    shown: int = LEAST_RECENT
    """The window's tokens."""

    @property
    def lines(self) -> Container[int]:
        """The numbers of all lines of the window."""
        return range(self.before or 0, sys.maxsize) if self.window is None else self.window

    @property
    def shows_little(self) -> bool:
        """Whether something is to be added to the window."""
        return self.shown < LEAST_RECENT


class Candidates(NamedTuple):
    """The numbers of the messages that are chosen from."""

    best: Collection[int]
    recent: range
    """Among these the question's conversation goes on."""

    @property
    def seqs(self) -> set[int]:
        """All of them."""
        return {*self.best, *self.recent}


class Chosen(NamedTuple):
    """Messages that are sent, best first, and why they were found."""

    rows: list[MessageRow]
    scores: dict[int, RecallScore]
    """By their numbers."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What the searches found for one question."""

    trigger: Message
    question: Question
    saying: Saying | None
    found: Found
    said: Collection[int] = ()
    """What those said whose words are asked for."""
    _candidates: dict[tuple[int, int | None], Candidates] = field(default_factory=dict)

    @cached_property
    def without_askings(self) -> Found:
        """What was found but the question itself, and what asks the same.

        That holds all of its words: as a hit, it would be better than its answer.
        """
        asked_in = self.question.is_asked_in
        askings = {hit.seq for hit in self.found.hits if hit.text and asked_in(hit.text)}
        return self.found.without({self.trigger.seq, *askings})

    def candidates(self, room: Room) -> Candidates:
        """Which messages have to be read."""
        known = self._candidates.get((room.tokens, room.before))
        if known is not None:
            return known
        best = {
            *self.without_askings.best(max(FEWEST_CANDIDATES, room.tokens // SHORT_LINE_TOKENS)),
            *self.without_askings.of_the_time(self.question),
            *self.said,
        }
        first = max(1, self.trigger.seq - RECENT)
        # The window's part of the talk tells who speaks to whom before it.
        last = self.trigger.seq if first < self._window_start(room) else first
        known = self._candidates[room.tokens, room.before] = Candidates(best, range(first, last))
        return known

    def choose(
        self,
        candidates: Candidates,
        read: Sequence[MessageRow],
        room: Room,
        count: TokenCounter = estimate_again,
    ) -> Chosen:
        """The messages that are sent, of those that were read; without the question itself."""
        matches, (best, recent) = self.without_askings, candidates
        conversation = find_conversation(self.trigger, (one for one in read if one.seq in recent))
        start = self._window_start(room)
        worth = [one for one in read if one.seq in best or (one.seq in recent and one.seq < start)]
        scored = score_messages(self.question, self.trigger, matches.scores, conversation, worth)
        order = rank(scored, matches.floor)
        if self.saying:
            order = put_words_first(self.question, self.saying, scored, order, matches.floor)
        order = drop_repeats(order)
        window = range(start, sys.maxsize) if room.window is None else room.window
        old = [message for message in order if message.seq not in window]
        tokens = room.tokens
        if room.shows_little and conversation:
            old = _leave_room(old, conversation, tokens // MATCHES_SHARE, count)
        elif not (room.shows_little or self.question.asks):
            tokens //= STATEMENT_SHARE
        in_window = [one for one in order if one.seq in window]
        if in_window:
            found = matches.matches.union(self.said)  # not those that only stand beside one
            in_window = [one for one in in_window if one.seq in found][:IN_WINDOW_LIMIT]
        chosen = select_fitting(old, tokens, count) + in_window
        return Chosen(chosen, explain(chosen, scored, conversation, matches.by_meaning))

    def _window_start(self, room: Room) -> int:
        return self.trigger.seq if room.before is None else room.before


def latest_before(room: Room) -> range:
    """The numbers of what was said last before a short window, as far as there is room for it.

    A window of LEAST_RECENT tokens needs nothing more.
    """
    if not room.shows_little or room.before is None or room.before <= 1:
        return range(0)
    return range(max(1, room.before - room.tokens // SHORT_LINE_TOKENS), room.before)


def choose_latest(
    last: Iterable[MessageRow],
    found: Sequence[MessageRow],
    room: Room,
    count: TokenCounter = estimate_again,
) -> list[MessageRow]:
    """Of what was said last, oldest first: what fits into the room that what was found leaves."""
    window = room.lines
    old = [message for message in found if message.seq not in window]
    known = {message.seq for message in old}
    newest = [one for one in last if one.seq not in window and one.seq not in known]
    return select_fitting([*old, *newest[::-1]], room.tokens, count)[len(old) :]


def _leave_room(
    order: Sequence[MessageRow], conversation: Container[int], tokens: int, count: TokenCounter
) -> list[MessageRow]:
    """What belongs to the conversation, and of what else matches as much as fits."""
    others = [message for message in order if message.seq not in conversation]
    kept = {message.seq for message in select_fitting(others, tokens, count)}
    return [one for one in order if one.seq in conversation or one.seq in kept]
