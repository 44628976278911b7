"""How many tokens each part of a prompt may take."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.prompting import fixed_text
from bot.text.tokens import estimate

MESSAGE_LIMIT = 1_000  # tokens that one message may take in the window; the rest is left out
SHORTEST_LINE = 64  # tokens that hold a line's time and author, and something of its text
TOKENIZER_RESERVE = 1.35  # real tokenizers count up to a third more than our estimate
SMALLEST_TOTAL = 450  # tokens of a prompt below which there is nothing left to leave out

_WANTED = {"system": 1_200, "digest": 600, "conversation": 1_500}
_FIXED = 80 + sum(map(estimate, fixed_text.IN_EVERY_PROMPT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many tokens (our estimate) each part of a prompt may take."""

    total: int
    high: int
    """The window's high mark: over it, compaction is due, and blocks leave the prompt."""
    low: int
    """The window's low mark: compaction leaves this much of it."""
    system: int
    digest: int
    conversation: int
    recall: int
    trigger: int
    answer: int
    overrun: int = 0
    """What the window may show over its high mark before a block leaves the prompt."""

    @classmethod
    def fit(
        cls, *, high: int, low: int, recall: int, answer: int, context_window: int | None = None
    ) -> "Budget":
        """The wanted sizes, scaled down together to fit a model's context window (its tokens)."""
        sizes = {"high": high, "low": low, "recall": recall, **_WANTED}
        total = (sum(sizes.values()) - low + _FIXED) * 4 // 3
        if context_window is not None:
            answer = min(answer, context_window // 5)
            total = min(total, int((context_window - answer) / TOKENIZER_RESERVE))
        return cls._divide(total, answer, sizes)

    @classmethod
    def _divide(cls, total: int, answer: int, sizes: Mapping[str, int]) -> "Budget":
        """A quarter for the trigger, what is the same in every prompt, and the rest in shares."""
        rest = total - total // 4 - _FIXED
        share = min(1.0, rest / (sum(sizes.values()) - sizes["low"]))
        parts = {name: int(size * share) for name, size in sizes.items()}
        return cls(total=total, trigger=total // 4, answer=answer, **parts)

    def scale(self, share: float) -> "Budget":
        """The same proportions in less room."""
        if share >= 1:
            return self
        names = ("high", "low", "recall", *_WANTED)
        sizes = {name: getattr(self, name) for name in names}
        total = max(SMALLEST_TOTAL, int(self.total * share))
        return self._divide(total, min(self.answer, total // 2), sizes)

    def share_within(self, context_window: int) -> float:
        """The share of this budget that a context window of so many tokens holds."""
        room = max(context_window - self.answer, context_window // 2)
        return min(1.0, room / TOKENIZER_RESERVE / self.total)

    def most_within(self, context_window: int) -> int:
        """What a prompt may take in a context window of so many tokens, in our estimate."""
        return int((context_window - self.answer) / TOKENIZER_RESERVE)

    def beside(self, question: int) -> "Budget":
        """For a question of so many tokens: what it leaves of its own room, the window may overrun.

        So compaction can begin at the high mark and be late a little, without a prompt between that
        has lost its beginning, and with it all that a model server has in its cache.
        """
        return replace(self, overrun=max(0, min(self.most_overrun, self.trigger - question)))

    @property
    def most_overrun(self) -> int:
        """What the window shows over its high mark at most."""
        return self.block // 6

    @property
    def block(self) -> int:
        """What leaves the prompt at once when compaction lags."""
        return self.high - self.low

    @property
    def message(self) -> int:
        """What one message may take in the window."""
        return max(SHORTEST_LINE, min(MESSAGE_LIMIT, self.block // 4))
