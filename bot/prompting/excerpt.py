"""Recalled messages as the prompt shows them: the best that fit, below their times."""

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from bot.domain.model import Message
from bot.prompting.budget import SHORTEST_LINE
from bot.prompting.message_line import display_name, quote, short_thread_id, to_minute
from bot.prompting.template_marks import break_up_marks
from bot.text.tokens import clip, estimate

TokenCounter = Callable[[str], int]
CONVERSATION_GAP = timedelta(hours=3)  # of silence, after which a time is given again
OMISSION = "…"  # stands between two lines whose messages did not follow each other
OMISSION_TOKENS = 2
COUNTS_KEPT, LONGEST_KEPT = 4_096, 500  # lines of so many characters: at most 2 MB, often 400 kB
SHORTEST_LINE_TOKENS = 12  # where less room is left, no further message is tried


def select_fitting(
    messages: Sequence[Message], tokens: int, count: TokenCounter = estimate
) -> list[Message]:
    """Of messages, best first, those that fit as an excerpt; in the same order."""
    selected: list[Message] = []
    seqs, times = set[int](), list[datetime]()
    left, line_limit = tokens, _line_limit(tokens)
    for message in messages:
        cost = _count_tokens(message, line_limit, count)
        neighbours = (message.seq - 1 in seqs) + (message.seq + 1 in seqs)
        if neighbours or _is_near(message.at, times):
            cost += OMISSION_TOKENS * (1 - neighbours)
        else:
            cost += _count_heading_tokens(_format_heading(message), count)
        if cost <= left:
            selected.append(message)
            seqs.add(message.seq)
            insort(times, message.at)
            left -= cost
        elif left < SHORTEST_LINE_TOKENS:
            break
    return selected


def format_excerpt(
    messages: Sequence[Message], tokens: int, count: TokenCounter = estimate
) -> list[str]:
    """The lines of the best messages that fit, in the order in which they were said.

    Those of one conversation stand below its time and, where there is one, the link to its first.
    """
    line_limit = _line_limit(tokens)
    lines: list[str] = []
    last: Message | None = None
    for message in sorted(select_fitting(messages, tokens, count), key=lambda message: message.seq):
        if last is None or abs(message.at - last.at) > CONVERSATION_GAP:
            lines.append(_format_heading(message))
        elif message.seq != last.seq + 1:
            lines.append(OMISSION)
        lines.append(_format_message(message, line_limit))
        last = message
    return lines


def _line_limit(tokens: int) -> int:
    """What one message may take of an excerpt."""
    return max(SHORTEST_LINE, tokens // 3)


def _is_near(at: datetime, times: Sequence[datetime]) -> bool:
    """Whether one of the sorted times belongs to the same conversation."""
    after = bisect_left(times, at)
    closest = times[max(0, after - 1) : after + 1]
    return any(abs(time - at) <= CONVERSATION_GAP for time in closest)


def _format_heading(message: Message) -> str:
    link_id = _link_id(message.link)
    return f"[{to_minute(message.at)}{' ' * bool(link_id)}{link_id}]"


def _format_message(message: Message, limit: int) -> str:
    return _format_line(display_name(message), message.thread, message.text, limit)


def _format_line(name: str, thread: str, text: str, limit: int) -> str:
    mark = f"[#{short_thread_id(thread)}] " if thread else ""
    return clip(f"{mark}{name}: {quote(text)}", limit)


def _count_tokens(message: Message, limit: int, count: TokenCounter) -> int:
    """What a line takes: for one answer it is asked for three times, and often for the next."""
    cached = _count_line if len(message.text) <= LONGEST_KEPT else _count_line.__wrapped__
    return cached(display_name(message), message.thread, message.text, limit, count)


@lru_cache(maxsize=COUNTS_KEPT)
def _count_line(name: str, thread: str, text: str, limit: int, count: TokenCounter) -> int:
    return count(_format_line(name, thread, text, limit) + "\n")


def _count_heading_tokens(heading: str, count: TokenCounter) -> int:
    """What a heading takes: asked for as often as for a line."""
    cached = _count_heading if len(heading) <= LONGEST_KEPT else _count_heading.__wrapped__
    return cached(heading, count)


@lru_cache(maxsize=COUNTS_KEPT)
def _count_heading(heading: str, count: TokenCounter) -> int:
    return count(f"{heading}\n")


def _link_id(link: str) -> str:
    """What tells a link from the others of its channel."""
    return break_up_marks(link.partition("?")[0].rpartition("/")[2])
