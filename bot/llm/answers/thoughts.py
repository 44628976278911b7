"""What a model writes, without what it only thinks and without the marks of its template. Pure.

Servers are meant to take both out, and many do not: DeepSeek-R1 and QwQ behind vLLM without a
reasoning parser send "thoughts</think>answer", gpt-oss its channels, Mistral [THINK], Kimi
◁think▷, Cohere <|START_THINKING|>; a wrong template lets <|im_end|> and the next turn through.
What stands in code is text, whatever it looks like.
"""

from dataclasses import dataclass

from bot.llm.answers.thought_marks import (
    LONGEST_SPOKEN,
    MARK,
    MAYBE_MARK,
    SPOKEN_CLOSES,
    SPOKEN_OPENS,
)


@dataclass(slots=True)
class _Code:
    """Whether a place is within code: a fence, or backticks in a line."""

    fence: str = ""
    ticks: int = 0
    at_line_start: bool = True

    def __bool__(self) -> bool:
        return bool(self.fence or self.ticks)

    def read(self, run: str) -> None:
        """A run of backticks or tildes."""
        if self.fence:
            if self.at_line_start and run[0] == self.fence[0] and len(run) >= len(self.fence):
                self.fence = ""
        elif self.at_line_start and len(run) >= 3:
            self.fence = run
        elif run[0] == "`":
            self.ticks = 0 if self.ticks == len(run) else self.ticks or len(run)

    def begin_line(self) -> None:
        """Inline code does not go on in the next line."""
        self.ticks, self.at_line_start = 0, True


class AnswerFilter:
    """Takes a text piece by piece, and gives the answer that is in it.

    However the text is cut into pieces, the answer is the same. With `hold` nothing is given before
    the end, because all of it may turn out to have been thoughts: some models begin in the middle
    of them, and only a closing mark says so.
    """

    def __init__(self, *, hold: bool = False) -> None:
        self.thoughts = 0
        """Characters of what was only thought."""
        self.closes_alone = False
        """Thoughts were closed that nothing had opened."""
        self._held: list[str] | None = [] if hold else None
        self._pending = ""
        self._answer: list[str] = []
        self._has_answer = False
        self._code = _Code()
        self._depth = 0
        self._spoken = False
        self._since_close: list[str] | None = None
        """In thoughts within thoughts: what came after those within were closed."""
        self._struck_out = False
        """HTML's <s> was used, so </s> is no end."""
        self._ended = False

    def feed(self, text: str) -> str:
        """The answer in this piece, as far as it is certain."""
        self._pending += text
        return self._read(final=False)

    @property
    def holds_text(self) -> bool:
        """Whether something is held back that people would see."""
        return any(text.strip() for text in self._held or ())

    def give_up(self) -> None:
        """Whatever is held back was thoughts: the text broke off in the middle of them."""
        if self._held is not None:
            self.thoughts += sum(map(len, self._held))
            self._held, self._depth, self._has_answer = None, 1, False

    def release(self) -> str:
        """What is held back, though the text is not over: it has fallen silent."""
        held, self._held = self._held, None
        return "".join(held or ())

    def finish(self) -> str:
        """What is left, now that the text is over."""
        answer = self._read(final=True)
        if self._depth and self._since_close:  # not all were closed: the last mark was the end
            answer += "".join(self._since_close)
            self._since_close = None
        return self.release() + answer

    def _read(self, *, final: bool) -> str:
        if not self._begin_spoken(final=final):
            return ""
        certain = len(self._pending) if final else self._certain_length()
        done = 0
        for mark in MARK.finditer(self._pending):
            if mark.end() > certain or self._ended:
                break
            self._take_text(self._pending[done : mark.start()])
            self._take_mark(str(mark.lastgroup), mark.group())
            done = mark.end()
        if not self._ended:
            self._take_text(self._pending[done : max(done, certain)])
        self._pending = self._pending[max(done, certain) :]
        answer, self._answer = "".join(self._answer), []
        if self._held is None:
            return answer
        self._held.append(answer)
        return ""

    def _certain_length(self) -> int:
        if self._spoken:
            return max(0, len(self._pending) - LONGEST_SPOKEN)
        maybe = MAYBE_MARK.search(self._pending)
        return maybe.start() if maybe else len(self._pending)

    def _begin_spoken(self, *, final: bool) -> bool:
        """Whether it is certain how the text begins."""
        if self._has_answer or self._depth or self._spoken:
            return self._end_spoken()
        beginning = self._pending.lstrip()
        if mark := SPOKEN_OPENS.match(self._pending):
            self.thoughts += len(self._pending[: mark.end()])
            self._pending = self._pending[mark.end() :]
            self._depth, self._spoken = 1, True
            return self._end_spoken()
        whole = ("here is my thought process:", "here's my thought process:", "analysis")
        return final or not any(one.startswith(beginning.lower()) for one in whole if beginning)

    def _end_spoken(self) -> bool:
        if self._spoken and (mark := SPOKEN_CLOSES.search(self._pending)):
            self.thoughts += mark.end()
            self._pending = self._pending[mark.end() :]
            self._depth, self._spoken = 0, False
        return True

    def _take_text(self, text: str) -> None:
        if not text:
            return
        if self._depth:
            self.thoughts += len(text)
            if self._since_close is not None:
                self._since_close.append(text)
            return
        if text.strip():
            self._has_answer = True
            self._code.at_line_start = False
            self._struck_out = self._struck_out or "<s>" in text
        self._answer.append(text)

    def _take_mark(self, kind: str, mark: str) -> None:
        if self._depth:
            self._take_mark_in_thoughts(kind, mark)
        elif kind == "newline":
            self._answer.append(mark)
            self._code.begin_line()
        elif kind == "ticks":
            self._code.read(mark)
            self._take_text(mark)
        elif not self._is_mark(kind, mark):
            self._take_text(mark)
        elif kind in ("opens", "channel"):
            self._depth = 1
        elif kind in ("closes", "final"):
            self._close_alone()
        elif kind == "ends" or self._has_answer:
            self._ended = True

    def _take_mark_in_thoughts(self, kind: str, mark: str) -> None:
        self.thoughts += len(mark)
        if kind == "opens":
            self._depth += 1
        elif kind in ("closes", "final", "begins"):
            self._depth = self._depth - 1 if kind == "closes" else 0
            self._since_close = [] if self._depth else None
            self._code = _Code()
            self._hold_no_more()
        elif kind == "ends":
            if mark.lower() == "<|end|>":  # of a channel
                self._depth = 0
                self._hold_no_more()
            else:
                self._ended = True
        elif self._since_close is not None:
            self._since_close.append(mark)

    def _is_mark(self, kind: str, mark: str) -> bool:
        """Whether it means what it looks like; in code it does not."""
        if kind == "opens":
            return self._code.at_line_start and not self._code
        if mark.lower() == "</s>" and self._struck_out:
            return False
        return not self._code

    def _close_alone(self) -> None:
        """All that was said so far had been thoughts; where it was given already, it stays."""
        self.closes_alone = self.closes_alone or self._has_answer
        if self._held is not None:
            self.thoughts += sum(map(len, (*self._held, *self._answer)))
            self._answer.clear()
            self._held, self._has_answer = None, False

    def _hold_no_more(self) -> None:
        """Thoughts are over, and marked: what follows is the answer."""
        if self._held is not None:
            self._answer[:0] = self._held
            self._held = None


def strip_thoughts(text: str) -> str:
    """The answer that is in a whole text."""
    found = AnswerFilter(hold=True)
    return found.feed(text) + found.finish()
