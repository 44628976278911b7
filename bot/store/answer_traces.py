"""How answers were made: written with the ends of their turns (turns.sql), read one at a time."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from bot.domain.answer_trace import AnswerTrace, RecallScore, TracedPassage
from bot.store.database import Database
from bot.store.hot_connections import Row
from bot.store.sql_files import load

_SQL = load("answer_traces")

DIGITS = 3  # of a score, behind the point


class AnswerTraces:
    """The answer_trace table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, channel_id: int, turn_id: int) -> AnswerTrace | None:
        """How the answer of a turn was made; None where that was not noted."""
        values = {"channel": channel_id, "turn": turn_id}
        rows = await self._database.fetch(_SQL.get, values)
        return _to_trace(rows[0]) if rows else None


def to_row(trace: AnswerTrace) -> dict[str, Any]:
    """Its columns, for JSON."""
    scores = [score for _, score in trace.recalled]
    return {
        "waited_ms": trace.waited_ms,
        "first_text_ms": trace.first_text_ms,
        "whole_ms": trace.whole_ms,
        "stages": dict(trace.stages),
        "parts": dict(trace.parts),
        "budget": trace.budget,
        "window_from": trace.window_from,
        "window_messages": trace.window_messages,
        "digest": trace.digest,
        "in_window": trace.in_window,
        "recalled": [seq for seq, _ in trace.recalled],
        "by_words": _written([one.words for one in scores]),
        "by_meaning": _written([one.meaning for one in scores]),
        "by_conversation": _written([one.conversation for one in scores]),
        "documents": [one.document_id for one in trace.passages],
        "passages": [one.number for one in trace.passages],
        "pages": [one.page for one in trace.passages],
        "passage_scores": [_rounded(one.score) for one in trace.passages],
    }


def _written(scores: Sequence[float]) -> list[float]:
    """Nothing where each is 0: most channels have no embeddings, most questions no conversation."""
    if not any(scores):
        return []
    rounded = [_rounded(score) for score in scores]
    return rounded if any(rounded) else []


def _rounded(score: float) -> float:
    """A plugin's embedder may give anything; JSON has no word for what is no number."""
    return round(score, DIGITS) if isfinite(score) else 0.0


def _to_trace(row: Row) -> AnswerTrace:
    recalled = row.recalled or ()
    none = [0.0] * len(recalled)
    scores = zip(
        row.by_words or none, row.by_meaning or none, row.by_conversation or none, strict=True
    )
    passages = zip(
        row.documents or (),
        row.passages or (),
        row.pages or (),
        row.passage_scores or (),
        strict=True,
    )
    return AnswerTrace(
        waited_ms=row.waited_ms,
        first_text_ms=row.first_text_ms,
        whole_ms=row.whole_ms,
        stages=row.stages,
        parts=row.parts,
        budget=row.budget,
        window_from=row.window_from,
        window_messages=row.window_messages,
        digest=row.digest,
        in_window=row.in_window,
        recalled=[(seq, RecallScore(*score)) for seq, score in zip(recalled, scores, strict=True)],
        passages=[TracedPassage(*one) for one in passages],
    )
