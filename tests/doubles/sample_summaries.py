"""Segments and compactions, as the tests of the store commit them."""

from datetime import timedelta

from doubles.sample_messages import NOON

from bot.domain.model import Segment, Statement, Usage
from bot.store.summaries import Compacted


def segment(first: int, last: int, text: str = "something") -> Segment:
    statements = (Statement(f"{text} “{first}”", (first, last)), Statement("more", ()))
    return Segment(first, last, statements, ("Ana", "Bob"), NOON, NOON + timedelta(hours=1), 12)


def compacted(*segments: Segment, digest: str | None = "the digest") -> Compacted:
    calls = (Usage("m1", 100, 10, 60), Usage("m1", 50, 5))
    count = sum(one.last - one.first + 1 for one in segments)
    return Compacted(
        segments=segments,
        digest=digest,
        messages=count,
        tokens_before=400,
        model="m1",
        usage=calls,
        flagged=3,
    )
