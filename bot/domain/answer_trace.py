"""What is kept of how an answer was made: numbers alone, no word of anybody's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

PromptPart = Literal[
    "instructions",
    "digest",
    "window",
    "sent",
    "conversation",
    "recalled",
    "passages",
    "question",
    "pictures",
    "begun",
    "tools",
    "results",
]
"""What a prompt is made of, in its order: `sent` is what a program says was said before, `begun`
an answer that is gone on with, `tools` their descriptions, `results` what they were called with
and what came of it."""

Stage = Literal["queue", "files", "gather", "recall", "pictures", "model", "tools", "deliver"]
"""What an answer's time goes to: others' questions, files that are still being read, reading
memory (`recall` is a part of that), fetching pictures, models, tools, and showing the rest of it
once its last word is known."""


class RecallScore(NamedTuple):
    """Why a message was recalled, as far as that is a number."""

    words: float = 0.0
    """Its words and those around it, its time, and that its author is named."""
    meaning: float = 0.0
    """That it is near in meaning."""
    conversation: float = 0.0
    """That it belongs to the conversation that the question goes on with."""

    @property
    def total(self) -> float:
        """By which the best go first."""
        return self.words + self.meaning + self.conversation


@dataclass(frozen=True, slots=True)
class TracedPassage:
    """A part of a document that a prompt showed."""

    document_id: int
    number: int
    page: int
    """0 where its document has none."""
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTrace:
    """How an answer was made, the last time that it was."""

    waited_ms: int
    """From its question until a replica took it up."""
    first_text_ms: int | None
    """From its question until its first text went to the platform; None where there was none."""
    whole_ms: int
    """From its question to its end."""
    stages: Mapping[Stage, int] = field(default_factory=dict)
    """Milliseconds of each Stage, from when a replica took it up."""
    parts: Mapping[PromptPart, int] = field(default_factory=dict)
    """The tokens (our estimate) of each PromptPart of the last prompt."""
    budget: int = 0
    """The tokens that the prompt might take."""
    window_from: int | None = None
    """The lowest number of what the window showed."""
    window_messages: int = 0
    digest: int | None = None
    """A fingerprint of the digest that the prompt showed."""
    recalled: Sequence[tuple[int, RecallScore]] = ()
    """Numbers of messages, the best first."""
    in_window: int = 0
    """So many of those, the last ones, stood in the window."""
    passages: Sequence[TracedPassage] = ()
    """As they were numbered for the model."""
