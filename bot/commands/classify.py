"""/classify: which of some labels a text has; the labels are given, or kept by the channel."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from bot.commands.explaining import explaining
from bot.commands.kept_labels import KeptLabels
from bot.commands.publicly import take_public
from bot.commands.request import Request
from bot.domain.errors import CommandError
from bot.domain.model import Reply
from bot.store.stores import Stores
from bot.tasks.classification import ALONE, Classification, Labelled
from bot.tasks.label_syntax import Sorting, parse_examples, split_sorting, without_doubles
from bot.tasks.labels import LabelSet, parse_labels
from bot.tasks.material import Materials
from bot.tasks.message_sorting import sort_messages
from bot.text.words import split_word

USAGE = (
    "Which labels, and of which text? /classify bug, praise: TEXT, with examples"
    " /classify bug, praise [bug = it crashes; praise = love it]: TEXT. What is kept here:"
    " /classify list."
)

HOW_SURE = "the model does not say how sure it is"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifyCommand:
    """Sorts a text, and keeps labels with examples of them."""

    classification: Classification
    kept: KeptLabels
    materials: Materials

    @classmethod
    def on(cls, stores: Stores, classification: Classification) -> Self:
        """On the stores of a replica."""
        return cls(
            classification=classification,
            kept=KeptLabels(
                sets=stores.label_sets, channels=stores.channels, messages=stores.messages
            ),
            materials=Materials.for_one(stores.messages),
        )

    async def run(self, request: Request) -> Reply:
        """Sort a text, or do with what is kept as the first word says."""
        public, arguments = take_public(request.arguments)
        request = replace(request, arguments=arguments)
        word, _ = split_word(arguments)
        if handler := self.kept.table().get(word.lower()):
            return await handler(request)
        return replace(await self._sort(request), private=not public)

    async def _sort(self, request: Request) -> Reply:
        written = split_sorting(request.arguments)
        if not written.labels:
            raise CommandError(reason=USAGE)
        labels = await self._labels(request, written)
        material = await self.materials.read(replace(request, arguments=written.text))
        person, state = request.person.id, request.state
        with explaining("sort it"):
            if len(material.messages) > 1:
                found = await sort_messages(
                    self.classification, state, labels, material.messages, person
                )
                await self.materials.require_standing(state, material)
                return Reply(f"{material.what}: {found.describe(labels.labels)}")
            [one] = await self.classification.classify(state, labels, material.texts, person=person)
        await self.materials.require_standing(state, material)
        return Reply(tell(one, labels.labels))

    async def _labels(self, request: Request, written: Sorting) -> LabelSet:
        """Those that were written, or kept under the name that was."""
        kept = await self.kept.labels(request, written.labels)
        if kept is None:
            labels = parse_labels(written.labels, not_kept=True)
            return LabelSet(labels, parse_examples(written.examples, labels))
        given = parse_examples(written.examples, kept.labels)
        return replace(kept, examples=without_doubles([*given, *kept.examples]))


def tell(one: Labelled, labels: Sequence[str]) -> str:
    """What a text was sorted into, how sure that is, and what was not read of it."""
    if one.unreadable:
        return "I cannot tell: what the model answered was no label, twice."
    read = f" I read only its beginning, about {ALONE:,} tokens." if one.clipped else ""
    sure = f"{one.confidence:.0%} sure, as the model says" if one.confidence else HOW_SURE
    if one.label is None:
        return f"None of {', '.join(labels)} ({sure}).{read}"
    return f"{one.label} ({sure}).{read}"
