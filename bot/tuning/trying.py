"""Tries texts on an example: its prompt is laid out with them, asked, and the answer scored."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.domain.errors import ModelError
from bot.domain.generation import Generation
from bot.domain.model import Message, Prompt, Usage
from bot.memory.segments import build_digest, build_segment
from bot.memory.summary_parsing import parse_summary
from bot.prompting.budget import Budget
from bot.prompting.past_prompt import build_past_prompt
from bot.prompting.prompt import build_digest_text, build_system_text
from bot.prompting.summary_prompt import build_summary_prompt
from bot.text.sanitize import clean
from bot.tuning.asking import Ask
from bot.tuning.examples import Example
from bot.tuning.metric import Metric, Scored
from bot.tuning.parts import Texts

SHORTEST = 4  # messages of a window of which half is summarized


@dataclass(frozen=True, slots=True)
class Tried:
    """An example with what was answered."""

    example: Example
    answer: str
    scored: Scored
    error: str = ""
    """Why the model gave no answer."""
    usage: tuple[Usage, ...] = ()
    """Of the answer, without that of a summary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trying:
    """One model, whose answers are scored by one metric."""

    ask: Ask
    budget: Budget
    metric: Metric
    generation: Generation = field(default_factory=dict)
    """How the channel says that its model is to generate."""
    summarizes: bool = False
    """The older half of each window is summarized first, so that summaries count."""
    _digests: dict[tuple[str, str], str] = field(default_factory=dict)

    async def run(self, texts: Texts, example: Example) -> Tried:
        """Answer it with these texts. A model that fails is a 0."""
        try:
            digest, said = await self._summarized(texts["summary"], example)
            answer = await self.ask(self.prompt(texts, example, said, digest))
        except ModelError as error:
            reason = clean(str(error))
            return Tried(example, "", Scored(0.0, {}, ("The model gave no answer.",)), reason)
        return Tried(example, answer.text, self.metric(example, answer.text), usage=answer.usage)

    def prompt(
        self, texts: Texts, example: Example, said: Sequence[Message], digest: str = ""
    ) -> Prompt:
        """As the channel's are laid out."""
        prompt = build_past_prompt(
            said,
            example.question,
            system=build_system_text(texts["persona"], self.budget, texts["rules"]),
            budget=self.budget,
            recalled=example.recalled,
            digest=build_digest_text(digest, self.budget),
        )
        return replace(prompt, generation=self.generation)

    async def _summarized(self, wanted: str, example: Example) -> tuple[str, Sequence[Message]]:
        """The digest of the older half of what was said, and the rest; all of it where that is off.

        What a model says of it is believed as it always is, so it may come to nothing.
        """
        half = len(example.said) // 2
        if not self.summarizes or len(example.said) < SHORTEST:
            return "", example.said
        key = (wanted, example.name)
        if key not in self._digests:
            self._digests[key] = await self._digest(wanted, example.said[:half])
        return self._digests[key], example.said[half:]

    async def _digest(self, wanted: str, block: Sequence[Message]) -> str:
        prompt = build_summary_prompt(block, self.budget.total // 2, "", wanted=wanted)
        answer = await self.ask(prompt)
        try:
            parsed = parse_summary(answer.text, block, limit=prompt.max_output, model="")
        except ModelError:
            return ""
        return build_digest([build_segment(block, parsed.statements)], self.budget.digest)
