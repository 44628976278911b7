"""What one stream of Chat Completions says, piece by piece, and how its model is seen to think."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.domain.model import Chunk, Usage
from bot.llm.answers.calls import Calls
from bot.llm.answers.characters import WholeCharacters
from bot.llm.answers.pieces import DONE, Piece
from bot.llm.answers.stop_texts import StopTexts
from bot.llm.answers.thoughts import AnswerFilter
from bot.llm.answers.usage import count_unseen_thoughts, read_usage

_THINKERS = re.compile(r"(?<![a-z])(?:r1|qwq|magistral|think|reason)", re.IGNORECASE)


@dataclass(slots=True)
class ThinkingHabits:
    """What a model's answers have shown of how it thinks."""

    closes_alone: bool | None = None
    """It begins in the middle of its thoughts; None until one answer was seen."""
    thinks: bool = False
    """It thinks before it answers."""
    may_think: bool = False
    """Its name says that it might."""

    @classmethod
    def by_name(cls, name: str) -> "ThinkingHabits":
        """Those of a model of this name, of which no answer was seen yet."""
        return cls(may_think=_THINKERS.search(name) is not None)


class AnswerReading:
    """Reads one answer: feed `read` with its pieces, and call `finish` at the end.

    A stop text that ended it is no part of it; some servers (transformers, TGI) leave it there.
    """

    def __init__(
        self,
        model: str,
        habits: ThinkingHabits,
        stops: Sequence[str] = (),
        tools: Collection[str] = (),
    ) -> None:
        self.finish_reason = ""
        self.usage: Usage | None = None
        self.is_empty = True
        """No event has come."""
        self._model = model
        self._habits = habits
        self.holds_back = habits.closes_alone is not False
        """Nothing is given before it is known that it was no thought."""
        self._filter = AnswerFilter(hold=self.holds_back)
        self._stops = StopTexts(stops)
        self._has_text = self._has_thoughts = False
        self.calls = Calls(tools)
        """The tools that it calls."""
        self._characters = WholeCharacters()
        self.has_begun = False
        """Some text has come, a thought or not."""

    @property
    def ran_out(self) -> bool:
        """All its tokens were used up before a word: it thought, seen or unseen."""
        return self.finish_reason == "length" and not (self._has_text or self.calls)

    @property
    def is_whole(self) -> bool:
        """It has words or calls, and was said to be over: what breaks after that does no harm."""
        return bool(self.finish_reason) and (self._has_text or bool(self.calls))

    def show_at_once(self) -> None:
        """Hold nothing back: who asks may stop it at any moment, and keeps what was said."""
        self.holds_back = False
        self._filter.release()

    def read(self, piece: Piece | None) -> Chunk:
        """A chunk for every piece: one without text is a sign of life. None is a silence."""
        if piece is None:  # who begins in its thoughts may be thinking
            habits = self._habits
            waits = habits.closes_alone or habits.may_think or not self._filter.holds_text
            return Chunk() if waits else self._give(self._filter.release())
        self.is_empty = False
        self.usage = read_usage(self._model, piece.usage) or self.usage
        if piece.finish == DONE:
            self.finish_reason = self.finish_reason or "stop"
        else:
            self.finish_reason = piece.finish or self.finish_reason
        self.calls.feed(piece.calls)
        before = self._filter.thoughts
        self.has_begun = self.has_begun or bool(piece.text)
        text = self._filter.feed(self._stops.feed(self._characters.feed(piece.text)))
        thought = piece.thought + self._filter.thoughts - before
        if piece.thought:  # its server tells thoughts and answer apart
            text += self._filter.release()
        unseen = 0 if self._has_thoughts else count_unseen_thoughts(piece.usage)
        return self._give(text, thought or unseen)

    def finish(self) -> Chunk:
        """What was still held back; its habits are noted."""
        habits, before = self._habits, self._filter.thoughts
        rest = self._filter.feed(self._stops.feed(self._characters.finish()))
        rest += self._filter.feed(self._stops.finish(stopped=self.finish_reason == "stop"))
        if habits.closes_alone and self.finish_reason != "stop":
            self._filter.give_up()
        rest += self._filter.finish()
        chunk = self._give(rest, self._filter.thoughts - before)
        habits.thinks = habits.thinks or self._has_thoughts or self.ran_out
        if self._filter.closes_alone:
            habits.closes_alone = True
        elif habits.closes_alone is None and self._has_text:
            habits.closes_alone = False
        return chunk

    def _give(self, text: str, thought: int = 0) -> Chunk:
        self._has_text = self._has_text or bool(text.strip())
        self._has_thoughts = self._has_thoughts or thought > 0
        return Chunk(text=text, thought=thought)
