"""When each stage of an answer was reached, from what can be seen outside of Nellie."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from benchmarks.loopback_platform import END, Mention

STAGES = ("received", "committed", "asked", "shown", "whole")
"""The database begins to store it; it is stored; the model's server has the first byte of the
request; the first text is seen; all of it is."""


@dataclass(frozen=True, slots=True)
class Stages:
    """Milliseconds from a mention to each of its STAGES."""

    received: float
    committed: float
    asked: float
    shown: float
    whole: float
    model: float
    """Milliseconds that the model took of it."""

    def took(self, stage: str) -> float:
        """Since the stage before it."""
        before = dict(zip(STAGES[1:], STAGES, strict=False)).get(stage)
        return float(getattr(self, stage) - (getattr(self, before) if before else 0))


async def read_stages(connection: asyncpg.Connection, mentions: Sequence[Mention]) -> list[Stages]:
    """Of mentions that were answered. A row's transaction says when the database had what."""
    rows = await connection.fetch(_STORED, [one.question for one in mentions])
    stored = {row["text"]: row for row in rows}
    ahead = time.time() - time.monotonic()  # of the two clocks
    found = []
    for mention in mentions:
        row, began = stored[mention.question], mention.at + ahead
        asked, said = _model_times(mention)
        found.append(
            Stages(
                received=(row["began"] - began) * 1000,
                committed=(row["committed"] - began) * 1000,
                asked=(asked - mention.at) * 1000,
                shown=(mention.first - mention.at) * 1000,
                whole=(mention.whole - mention.at) * 1000,
                model=(said - asked) * 1000,
            )
        )
    return found


def _model_times(mention: Mention) -> tuple[float, float]:
    """When the model was asked, and when it had said all: its answer says so."""
    text = next(text for _, text in mention.seen if END in text)
    words = text.partition(END)[0].split()
    return float(words[0]), float(words[-1])


_STORED = """
SELECT m.text, extract(epoch FROM t.created_at)::float8 AS began,
extract(epoch FROM pg_xact_commit_timestamp(m.xmin))::float8 AS committed
FROM message m JOIN turn t ON t.channel_id = m.channel_id AND t.trigger_seq = m.seq
WHERE m.text = ANY($1)
"""
