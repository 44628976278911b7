"""Notes how an answer is made while it is: what is kept of that is numbers alone."""

import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from bot.domain.answer_trace import AnswerTrace, RecallScore, Stage, TracedPassage
from bot.domain.message_row import MessageRow
from bot.domain.model import Prompt
from bot.prompting.part_sizes import count_parts
from bot.store.turn_outcome import ShownWindow

_UNSCORED = RecallScore()


@dataclass(slots=True)
class AnswerTracing:
    """Of the answer that a turn is given, from the moment that it is begun."""

    first_text: float | None = None
    """Seconds from the question until its first text went to the platform."""
    _seconds: dict[Stage, float] = field(default_factory=dict)
    _made: AnswerTrace = field(
        default_factory=lambda: AnswerTrace(waited_ms=0, first_text_ms=None, whole_ms=0)
    )

    def add(self, stage: Stage, seconds: float) -> None:
        """That a stage took so long; another time of it counts, too."""
        self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds

    @contextmanager
    def time(self, stage: Stage) -> Iterator[Callable[[], float]]:
        """Count how long the block takes, however it ends; afterwards that can be asked for."""
        started, took = time.monotonic(), 0.0
        try:
            yield lambda: took
        finally:
            took = time.monotonic() - started
            self.add(stage, took)

    def note_prompt(
        self,
        prompt: Prompt,
        shown: ShownWindow,
        *,
        recalled: Iterable[MessageRow],
        scores: Mapping[int, RecallScore],
        digest: str,
        budget: int,
    ) -> None:
        """What a model was asked last; `digest` is the one that the prompt may have shown."""
        within = set(shown.seqs)
        recalled = sorted(recalled, key=lambda one: one.seq in within)  # else as they were
        self._made = replace(
            self._made,
            parts=count_parts(prompt, window=shown.tokens),
            budget=budget,
            window_from=min(shown.seqs, default=None),
            window_messages=len(shown.seqs),
            digest=fingerprint_digest(digest) if digest else None,
            recalled=[(one.seq, scores.get(one.seq, _UNSCORED)) for one in recalled],
            in_window=sum(one.seq in within for one in recalled),
            passages=[
                TracedPassage(
                    one.document_id, one.passage.number, one.passage.first_page, one.score
                )
                for one in prompt.passages
            ],
        )

    def ended(self, waited: float, age: float) -> AnswerTrace | None:
        """What is kept of it, `age` seconds after its question; None where nothing was made."""
        if self.first_text is None and not self._made.parts:
            return None
        return replace(
            self._made,
            waited_ms=_ms(waited),
            first_text_ms=None if self.first_text is None else _ms(self.first_text),
            whole_ms=_ms(age),
            stages={stage: _ms(seconds) for stage, seconds in self._seconds.items()},
        )


def fingerprint_digest(text: str) -> int:
    """Tells one digest from another, and nothing of what it says."""
    return zlib.crc32(text.encode())


def _ms(seconds: float) -> int:
    return min(round(seconds * 1_000), 2**31 - 1)
