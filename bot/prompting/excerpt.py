"""Recalled messages as the prompt shows them: the best that fit, below their times."""

from bisect import bisect_left, insort
from collections.abc import Callable, Container, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from bot.domain.message_row import AnyMessage, MessageRow
from bot.domain.model import Message
from bot.prompting.budget import SHORTEST_LINE
from bot.prompting.message_line import quote, short_thread_id, show_name, to_minute
from bot.prompting.template_marks import break_up_marks
from bot.text.tokens import clip, estimate_again

TokenCounter = Callable[[str], int]
CONVERSATION_GAP = timedelta(hours=3)  # of silence, after which a time is given again
OMISSION = "…"  # stands between two lines whose messages did not follow each other
OMISSION_TOKENS = 2
LINES_KEPT, LONGEST_KEPT = 1_024, 500  # of so many characters: at most 1 MB, often 200 kB
SHORTEST_LINE_TOKENS = 12  # where less room is left, no further message is tried


def select_fitting(
    messages: Sequence[AnyMessage], tokens: int, count: TokenCounter = estimate_again
) -> list[AnyMessage]:
    """Of messages, best first, those that fit as an excerpt; in the same order."""
    selected: list[AnyMessage] = []
    seqs, times = set[int](), list[datetime]()
    left, line_limit = tokens, _line_limit(tokens)
    for message in messages:
        cost = _to_line(message, line_limit, count).tokens
        if cost <= left + OMISSION_TOKENS:  # else nothing above it can make it fit
            cost += _count_above(message, seqs, times, count)
        if cost <= left:
            selected.append(message)
            seqs.add(message.seq)
            insort(times, message.at)
            left -= cost
        elif left < SHORTEST_LINE_TOKENS:
            break
    return selected


def format_excerpt(
    messages: Sequence[Message | MessageRow], tokens: int, count: TokenCounter = estimate_again
) -> list[str]:
    """The lines of the best messages that fit, in the order in which they were said.

    Those of one conversation stand below its time and, where there is one, the link to its first.
    """
    limit = _line_limit(tokens)
    lines = _lay_out(messages, limit, count)
    # What recall has chosen fits, unless documents have taken some of its room.
    if sum(line.tokens for line in lines) > tokens:
        lines = _lay_out(select_fitting(messages, tokens, count), limit, count)
    return [line.text for line in lines]


def _lay_out(
    messages: Sequence[Message | MessageRow], limit: int, count: TokenCounter
) -> list["_Line"]:
    """All of them, in the order in which they were said, and what stands above them."""
    lines: list[_Line] = []
    last_seq, last_at = 0, datetime.min.replace(tzinfo=UTC)
    for message in sorted(messages, key=attrgetter("seq")):
        seq, at = message.seq, message.at
        if abs(at - last_at) > CONVERSATION_GAP:
            lines.append(_to_heading(message, count))
        elif seq != last_seq + 1:
            lines.append(_OMITTED)
        lines.append(_to_line(message, limit, count))
        last_seq, last_at = seq, at
    return lines


def _line_limit(tokens: int) -> int:
    """What one message may take of an excerpt."""
    return max(SHORTEST_LINE, tokens // 3)


def _count_above(
    message: Message | MessageRow,
    seqs: Container[int],
    times: Sequence[datetime],
    count: TokenCounter,
) -> int:
    """What stands above a line, beside others of these numbers and (sorted) times.

    Between two neighbours, an omission is no longer needed.
    """
    neighbours = (message.seq - 1 in seqs) + (message.seq + 1 in seqs)
    if neighbours or _is_near(message.at, times):
        return OMISSION_TOKENS * (1 - neighbours)
    return _to_heading(message, count).tokens


def _is_near(at: datetime, times: Sequence[datetime]) -> bool:
    """Whether one of the sorted times belongs to the same conversation."""
    after = bisect_left(times, at)
    if after < len(times) and times[after] - at <= CONVERSATION_GAP:
        return True
    return after > 0 and at - times[after - 1] <= CONVERSATION_GAP


class _Line(NamedTuple):
    """One of an excerpt, with what it takes."""

    text: str
    tokens: int


_OMITTED = _Line(OMISSION, OMISSION_TOKENS)


def _to_line(message: Message | MessageRow, limit: int, count: TokenCounter) -> _Line:
    """A message's: for one answer it is asked for four times, and often for the next."""
    author, thread, text = message.author, message.thread, message.text
    make = _make_line if len(text) <= LONGEST_KEPT else _make_line.__wrapped__
    return make(author.name, author.nellie, author.bot, thread, text, limit, count)


@lru_cache(maxsize=LINES_KEPT)
def _make_line(
    name: str, nellie: bool, bot: bool, thread: str, text: str, limit: int, count: TokenCounter
) -> _Line:
    mark = f"[#{short_thread_id(thread)}] " if thread else ""
    name = show_name(name, nellie=nellie, bot=bot)
    line = clip(f"{mark}{name}: {quote(text)}", limit)
    return _Line(line, count(f"{line}\n"))


def _to_heading(message: Message | MessageRow, count: TokenCounter) -> _Line:
    """What stands above a conversation: asked for as often as a line."""
    link = message.link
    make = _make_heading if len(link) <= LONGEST_KEPT else _make_heading.__wrapped__
    return make(message.at, link, count)


@lru_cache(maxsize=LINES_KEPT)
def _make_heading(at: datetime, link: str, count: TokenCounter) -> _Line:
    link_id = _link_id(link)
    heading = f"[{to_minute(at)}{' ' * bool(link_id)}{link_id}]"
    return _Line(heading, count(f"{heading}\n"))


def _link_id(link: str) -> str:
    """What tells a link from the others of its channel."""
    return break_up_marks(link.partition("?")[0].rpartition("/")[2])
