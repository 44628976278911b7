"""What was learned of each model's context window: one owner, corrected as answers succeed."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from bot.domain.model import Prompt
from bot.prompting.budget import Budget

SHRINK = 0.75  # of a prompt that a model refused as too long, what its next prompts may take
GROW = 1 / SHRINK  # how a budget grows again where growing was wrong before
GROW_FAST = 4.0  # how it grows as long as growing was never wrong
SMALLEST_SHARE = 0.02  # of the common budget: below that nothing is left to leave out
PATIENCE, MOST_PATIENCE = 2, 64  # prompts to be accepted before a model is given more again


@dataclass(slots=True)
class _Learned:
    """What one model's answers and refusals have shown; sizes are shares of the common budget.

    Most prompts are shorter than they might be. So that a model accepted one says little of longer
    ones: only a prompt that is clearly longer than a refused one shows that the refusal was a
    mistake, or that the model's window is another one now.
    """

    share: float = 1.0
    """What the model's prompts may take now."""
    base: float = 1.0
    """What they may take after growing was wrong."""
    stated: float = 1.0
    """What fits into the context window that the model's own server states."""
    refused: float = inf
    """The shortest prompt that the model refused."""
    patience: int = PATIENCE
    """How many prompts are to be accepted before the share grows."""
    accepted: int = 0
    """How many were, since the share last changed."""

    def refuse(self, size: float) -> None:
        """A prompt of this size was too long.

        Where the share had grown, growing was wrong: the next attempt waits twice as long, so that
        a real limit is not met over and over.
        """
        if self.share > self.base:
            self.patience = min(MOST_PATIENCE, 2 * self.patience)
        if size <= self.base:
            self.base = max(SMALLEST_SHARE, SHRINK * size)
        self.refused = min(self.refused, size)
        self.share = min(self.stated, self.base)
        self.accepted = 0

    def accept(self, size: float) -> None:
        """A prompt of this size was answered; after enough of them, the share grows."""
        if SHRINK * size >= self.refused:
            self.refused, self.base, self.patience = inf, self.share, PATIENCE
        self.accepted += 1
        if self.accepted >= self.patience and self.share < self.stated:
            factor = GROW_FAST if self.patience == PATIENCE else GROW
            self.share = min(self.stated, self.share * factor)
            self.accepted = 0


class ModelBudgets:
    """The budget for each model's prompts.

    A model that refuses a prompt as too long gets less; one that accepts what it is given gets
    more again, step by step, up to what its server says it can take. A name may stand for several
    models that are tried in order ("a,b"): then the prompt has to fit each of them.
    """

    def __init__(self, common: Budget) -> None:
        self._common = common
        self._learned: dict[str, _Learned] = {}

    def for_model(self, name: str) -> Budget:
        """The budget for a prompt to this model, or to each of these."""
        return self._common.scale(self._share(name))

    def is_limited(self, name: str) -> bool:
        """Whether this model, or one of these, has less than the common budget."""
        return self._share(name) < 1

    def refused(self, model: str, prompt_tokens: int, context_window: int | None = None) -> None:
        """A model found a prompt of so many tokens (our estimate) too long.

        `context_window` is what its server states, in the model's own tokens.
        """
        learned = self._learned.setdefault(model, _Learned())
        if context_window:
            learned.stated = self._common.share_within(context_window)
        learned.refuse(min(self._size(prompt_tokens), learned.share))

    def states(self, model: str, context_window: int | None) -> None:
        """What a model's server says of its window by now; it may have come back with another."""
        learned = self._learned.get(model)
        if learned and context_window:
            learned.stated = self._common.share_within(context_window)
            learned.share = min(learned.share, learned.stated)

    def answered(self, models: Iterable[str], prompt: Prompt) -> None:
        """These models answered a prompt. It is measured only where one was refused before."""
        if once_refusing := [model for model in models if model in self._learned]:
            self.accepted(once_refusing, prompt.tokens)

    def accepted(self, models: Iterable[str], prompt_tokens: int) -> None:
        """These models answered a prompt: what was learned of them may have been a mistake."""
        for model in models:
            if learned := self._learned.get(model):
                learned.accept(self._size(prompt_tokens))

    def _share(self, name: str) -> float:
        learned = (self._learned.get(model) for model in name.split(","))
        return min((one.share for one in learned if one), default=1.0)

    def _size(self, prompt_tokens: int) -> float:
        return prompt_tokens / self._common.total
