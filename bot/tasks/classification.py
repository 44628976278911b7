"""Sorting texts into labels: checked against the list, and abstaining where nothing fits."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace

from bot.domain.errors import ContextOverflow
from bot.domain.model import Prompt, Purpose
from bot.limits.charged_calls import ChargedCalls
from bot.prompting.budget import Budget
from bot.prompting.task_prompts import build_labels_prompt
from bot.store.channels import ChannelState
from bot.tasks.label_answers import LabelAnswers
from bot.tasks.label_answers import Labelled as Labelled
from bot.tasks.labels import LabelExample, LabelSet
from bot.tasks.task_calls import TaskCalls
from bot.text.tokens import clip, estimate

ALONE, TOGETHER = 3_000, 300  # tokens of a text that is asked about alone, or beside others
SHORTEST = 64  # the same, where a model takes no more
EXAMPLE = 120  # tokens of an example
MOST_CHOICES = 900  # in the schema of one call: OpenAI takes 1,000
PER_TEXT = 12  # tokens beside each text

ABSTAINED = Labelled(None, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """Asks a channel's model; no answer of it is believed before it was checked."""

    calls: ChargedCalls
    budget: Budget
    at_once: int = 10
    """Texts in one call at most: what one of them says may move the label of another."""

    async def classify(
        self,
        state: ChannelState,
        labels: LabelSet,
        texts: Sequence[str],
        *,
        person: str | None = None,
        purpose: Purpose = "task",
    ) -> list[Labelled]:
        """One for each text. Raises LimitReached and ModelError."""
        found: list[Labelled] = []
        batches = self.in_batches(state, labels, texts, person=person, purpose=purpose)
        async with aclosing(batches):
            async for batch in batches:
                found += batch
        return found

    async def in_batches(
        self,
        state: ChannelState,
        labels: LabelSet,
        texts: Sequence[str],
        *,
        person: str | None = None,
        purpose: Purpose = "task",
    ) -> AsyncGenerator[list[Labelled]]:
        """The same in the order of the texts, as it comes: one that fails takes none back."""
        room = self.budget.total // 2
        examples = choose_examples(labels.examples, room // 2)
        room -= sum(map(_tokens, examples))
        run = _Run(
            TaskCalls(self.calls),
            state,
            replace(labels, examples=tuple(examples)),
            person=person,
            purpose=purpose,
        )
        most = max(1, min(self.at_once, MOST_CHOICES // (len(labels.labels) + 1)))
        wanted = ALONE if min(len(texts), most) == 1 else TOGETHER
        limit = max(SHORTEST, min(room - PER_TEXT, wanted))
        # Of long texts, counting takes a while: in a thread, all others go on.
        batches = await asyncio.to_thread(lambda: list(_divide(texts, most, room, limit)))
        for batch in batches:
            yield await run.label(batch, limit)


class _Run:
    """Sorting with one set of labels, for one person."""

    def __init__(
        self,
        calls: TaskCalls,
        state: ChannelState,
        labels: LabelSet,
        *,
        person: str | None,
        purpose: Purpose,
    ) -> None:
        self._calls = calls
        self._state = state
        self._labels = labels
        self._person = person
        self._purpose = purpose
        self._has_called = False

    async def label(self, texts: Sequence[str], limit: int) -> list[Labelled]:
        """One for each; of what is empty, nothing is asked."""
        full = [text for text in texts if text.strip()]
        found = iter(await self._label(full, limit) if full else ())
        return [next(found) if text.strip() else ABSTAINED for text in texts]

    async def _label(self, texts: Sequence[str], limit: int) -> list[Labelled]:
        shown = await asyncio.to_thread(lambda: [clip(text, limit) for text in texts])
        answers = LabelAnswers(self._labels.labels, len(texts))
        further, self._has_called = self._has_called, True
        try:
            with suppress(ValueError):  # what could be read of it is there
                await self._calls.ask(
                    self._state, self._prompt(shown), answers.read, self._person, further=further
                )
        except ContextOverflow:
            if len(texts) == 1 and limit // 2 < SHORTEST:
                raise
            half = len(texts) // 2
            parts = (texts[:half], texts[half:]) if half else (texts,)
            less = limit if half else limit // 2
            return [one for part in parts for one in await self._label(part, less)]
        pairs = zip(answers.found, shown, texts, strict=True)
        return [replace(one, clipped=text != whole) for one, text, whole in pairs]

    def _prompt(self, texts: Sequence[str]) -> Prompt:
        return build_labels_prompt(
            self._labels.labels,
            texts,
            examples=[(one.label, one.text) for one in self._labels.examples],
            cache_key=f"nellie:{self._state.id}",
            purpose=self._purpose,
        )


def choose_examples(examples: Sequence[LabelExample], room: int) -> list[LabelExample]:
    """As many of each label, as far as they fit into so many tokens."""
    counts, ranked = dict[str, int](), list[tuple[int, LabelExample]]()
    for one in examples:
        counts[one.label] = counts.get(one.label, 0) + 1
        ranked.append((counts[one.label], replace(one, text=clip(one.text, EXAMPLE))))
    chosen: list[LabelExample] = []
    for _, one in sorted(ranked, key=lambda pair: pair[0]):
        room -= _tokens(one)
        if room < 0:
            break
        chosen.append(one)
    return chosen


def _tokens(example: LabelExample) -> int:
    return estimate(example.text) + PER_TEXT


def _divide(texts: Sequence[str], most: int, room: int, limit: int) -> Iterator[list[str]]:
    """In their order, as many in each part as fit."""
    part: list[str] = []
    left = room
    for text in texts:
        tokens = estimate(clip(text, limit)) + PER_TEXT
        if part and (len(part) == most or tokens > left):
            yield part
            part, left = [], room
        part.append(text)
        left -= tokens
    if part:
        yield part
