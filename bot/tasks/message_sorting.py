"""Sorting many messages: the newest of them, as far as that goes, and said how far it went."""

from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from bot.domain.errors import CommandError, LimitReached, ModelError
from bot.domain.model import Message
from bot.store.channels import ChannelState
from bot.tasks.classification import Classification, Labelled
from bot.tasks.labels import LabelSet
from bot.tasks.material import has_words
from bot.text.plurals import counted

MOST = 300  # messages, the newest
GIVEN_UP = 2  # batches of which nothing could be read
NOBODY = "Nobody said anything in words there: bots and files are not counted."


@dataclass(frozen=True, slots=True)
class SortedMessages:
    """Messages with their labels."""

    pairs: Sequence[tuple[Message, Labelled]]
    of: int
    """How many there were."""
    stopped: str = ""
    """Why it ended before all were sorted, as a sentence."""
    counts: Counter[str | None] = field(default_factory=Counter)

    def describe(self, labels: Sequence[str]) -> str:
        """ "6 positive, 2 negative, and 3 I cannot tell", and how many were read."""
        parts = [f"{self.counts[label]:,} {label}" for label in labels if self.counts[label]]
        if abstained := self.counts[None]:
            parts.append(f"{'and ' if parts else ''}{abstained:,} I cannot tell")
        return f"{', '.join(parts)}. {self._how_far()}"

    def _how_far(self) -> str:
        if len(self.pairs) == self.of:
            return "I read all of them."
        read = f"I read the newest {len(self.pairs):,} of {counted(self.of, 'message')}"
        return f"{read}, and stopped there: {self.stopped}" if self.stopped else f"{read}."


async def sort_messages(
    classification: Classification,
    state: ChannelState,
    labels: LabelSet,
    messages: Sequence[Message],
    person: str,
) -> SortedMessages:
    """The newest that people said in words, the oldest of them first.

    Raises CommandError where there is none, LimitReached and ModelError where none was sorted.
    """
    said = [one for one in messages if is_said(one)]
    if not said:
        raise CommandError(reason=NOBODY)
    newest, found, stopped = said[: -MOST - 1 : -1], list[Labelled](), ""
    texts = [one.text for one in newest]
    batches = classification.in_batches(state, labels, texts, person=person)
    try:
        async with aclosing(batches):
            async for batch in batches:
                found += batch
                if _is_rubbish(found, batch):
                    stopped = "what the model answers cannot be read."
                    break
    except (LimitReached, ModelError) as error:
        if not found:
            raise
        stopped = str(error)
    pairs = list(zip(newest, found, strict=False))[::-1]
    return SortedMessages(pairs, len(said), stopped, Counter(one.label for one in found))


def is_said(message: Message) -> bool:
    """Whether a person said something in it."""
    return not message.author.nellie and not message.author.bot and has_words(message)


def _is_rubbish(found: Sequence[Labelled], batch: Sequence[Labelled]) -> bool:
    return len(found) >= GIVEN_UP * len(batch) and all(one.unreadable for one in found)
