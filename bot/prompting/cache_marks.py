"""Where a transcript may be cut for a model server's cache: the same places in every prompt; pure.

Some servers find the beginning of a prompt in their cache only at places that are marked, in the
prompt that was kept as in the one that asks. A transcript grows at its end, so its newest lines are
all marked: the next prompt has the marks of the one before, whichever replica it comes from, unless
more was said in between. For that case a line is marked now and then further back, too.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

NEWEST = 64  # lines at the end that are all marked: eight times what is said between two questions
STEP = 1_000  # tokens from one mark to the next before them
KEPT = 4  # marks of a prompt, the last, up to which a server keeps it
MOST = 76  # marks of a transcript: a server looks at 80, and some stand before it


def find_first_ends(lines: Sequence[str]) -> tuple[int, ...]:
    """Those of a transcript that no prompt has shown yet: few, so that one before it is kept too.

    Nothing of it can be found anywhere. But the next compaction may leave what stands before it.
    """
    return _find_every_end(lines)[-(KEPT - 1) :]


def find_line_ends(text: str) -> tuple[int, ...]:
    """Where the lines of a text end."""
    return _find_every_end(text.split("\n")) if text else ()


def _find_every_end(lines: Sequence[str]) -> tuple[int, ...]:
    return tuple(length + number for number, length in enumerate(accumulate(map(len, lines))))


def find_ends(lines: Sequence[str], starts: Sequence[int], total: int) -> tuple[int, ...]:
    """Where lines end that are marked, in characters of the joined lines.

    `starts` has the tokens before each line, counted from where every prompt counts, and `total`
    those before the line to come.
    """
    if not lines:
        return ()
    newest = max(0, len(lines) - NEWEST)
    ends_in_tokens = [*starts[1:], total]
    steps = range(starts[0] // STEP + 1, starts[newest] // STEP + 1)
    before = (bisect_left(ends_in_tokens, step * STEP) for step in steps)
    numbers = (*dict.fromkeys(before), *range(newest, len(lines)))
    lengths = list(accumulate(map(len, lines)))
    return tuple(lengths[number] + number for number in numbers[-MOST:])
