"""Segments: where a window is cut into blocks, what stands for a block, and the digest. Pure."""

import math
from collections.abc import Container, Sequence

from bot.domain.model import Message, Segment, Statement
from bot.language.terms import extract_terms
from bot.prompting.message_line import display_name
from bot.text.tokens import clip, estimate

_Line = tuple[int, str, Statement]
"""The place of its segment, the day, and what is said."""

SHORTEST_BLOCK = 1_500  # tokens below which a block is not cut, whatever the topic


def split_into_blocks(messages: Sequence[Message], size: int) -> list[list[Message]]:
    """Split into as few blocks of at most `size` tokens as can be, where talk breaks off.

    It breaks off at the longest silence and where the words before and after differ most, as in
    TextTiling; no block is shorter than SHORTEST_BLOCK for that alone.
    """
    blocks: list[list[Message]] = []
    rest = list(messages)
    while rest:
        end = _find_block_end(rest, size)
        blocks.append(rest[:end])
        rest = rest[end:]
    return blocks


def build_segment(block: Sequence[Message], statements: Sequence[Statement]) -> Segment:
    """The segment for a block. By numbers, others may lie between its messages: late ones."""
    seqs = sorted(message.seq for message in block)
    return Segment(
        first=seqs[0],
        last=seqs[-1],
        statements=tuple(statements),
        participants=tuple(sorted({display_name(message) for message in block})),
        began=min(message.at for message in block),
        ended=max(message.at for message in block),
        tokens=sum(estimate(format_statement(statement)) for statement in statements),
        seqs=tuple(seqs),
    )


def format_statement(statement: Statement) -> str:
    """A statement as a line of the digest."""
    kind = "" if statement.kind == "fact" else f"{statement.kind}: "
    return f"- {kind}{statement.text}"


def build_digest(
    segments: Sequence[Segment], size: int, *, former: str = "", low: int | None = None
) -> str:
    """What of segments fits into so many tokens, oldest first, under the days it is from.

    As long as there is room, it is the `former` digest with what is newer below it: then a model
    server has its beginning in the cache. Else it is selected anew, of older segments up to `low`
    tokens: the newest segment comes first, then what was decided and what is open, then facts, the
    newer ones first. Nothing in it is further from what was said than a segment is, and it costs no
    call of a model.
    """
    lines = [
        (position, f"{segment.ended:%Y-%m-%d}", statement)
        for position, segment in enumerate(segments)
        for statement in segment.statements
    ]
    if former and (grown := _grow(lines, former, size)):
        return grown
    newest = max((position for position, _, _ in lines), default=0)

    def rank(number: int) -> tuple[bool, bool, int, int]:
        position, _, statement = lines[number]
        return position < newest, statement.kind == "fact", -position, number

    order = sorted(range(len(lines)), key=rank)
    kept, used, days = set[int](), 0, set[str]()
    for number in order:
        position, day, _ = lines[number]
        used += _count_tokens(lines[number], days)
        if used > (size if position == newest or low is None else low):
            break
        kept.add(number)
        days.add(day)
    if not kept and order:
        return clip(format_statement(lines[order[0]][2]), max(16, size))
    return _group_by_day([lines[number][1:] for number in sorted(kept)])


def _grow(lines: Sequence[_Line], former: str, size: int) -> str:
    """The former digest with all that is newer below it; empty where that is not all, or no fit."""
    said = set(former.splitlines())
    kept = [line for line in lines if format_statement(line[2]) in said]
    if not kept:
        return ""
    kept += [line for line in lines if line[0] > kept[-1][0]]
    days = set[str]()
    used = 0
    for line in kept:
        used += _count_tokens(line, days)
        days.add(line[1])
    text = _group_by_day([line[1:] for line in kept])
    return text if used <= size and text.startswith(former) else ""


def _count_tokens(line: _Line, days: Container[str]) -> int:
    """What a statement takes, with its day where that is none of these."""
    _, day, statement = line
    heading = 0 if day in days else estimate(day) + 1
    return estimate(format_statement(statement)) + 1 + heading


def _find_block_end(messages: Sequence[Message], size: int) -> int:
    """Where the first block ends, so that the others need no more blocks than they must."""
    total = sum(message.tokens for message in messages)
    spare = -(-total // size) * size - total  # what the blocks together may leave empty
    least = max(min(SHORTEST_BLOCK, size // 2), size - spare)
    ends, tokens = [1], 0
    for end, message in enumerate(messages, 1):
        tokens += message.tokens
        if tokens > size:
            break
        if tokens >= least or end == len(messages):
            ends.append(end)
    if ends[-1] == len(messages):
        return len(messages)
    return max(ends[1:] or ends, key=lambda end: (_score_cut(messages, end), end))


def _score_cut(messages: Sequence[Message], at: int) -> float:
    """How much speaks for a cut before this message: silence, and other words than before."""
    minutes = (messages[at].at - messages[at - 1].at).total_seconds() / 60
    before = _vocabulary(messages[max(0, at - 5) : at])
    after = _vocabulary(messages[at : at + 5])
    shared = len(before & after) / max(1, min(len(before), len(after)))
    return math.log1p(max(0.0, minutes)) + 2 * (1 - shared)


def _vocabulary(messages: Sequence[Message]) -> set[str]:
    return {term for message in messages for term in extract_terms(message.text[:500])}


def _group_by_day(lines: Sequence[tuple[str, Statement]]) -> str:
    parts: list[str] = []
    last_day = ""
    for day, statement in lines:
        if day != last_day:
            parts.append(day)
        parts.append(format_statement(statement))
        last_day = day
    return "\n".join(parts)
