"""Fields of a text: what a model found is looked up in the text, and said where it is not there."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from bot.domain.errors import CommandError, ContextOverflow
from bot.limits.charged_calls import ChargedCalls
from bot.prompting.budget import Budget
from bot.prompting.extraction_prompt import build_extraction_prompt, field_keys
from bot.store.channels import ChannelState
from bot.tasks.field_answers import MOST_VALUES, FieldAnswers
from bot.tasks.labels import COMMAS, LONGEST_LABEL, LONGEST_LIST, fold_label, short
from bot.tasks.task_calls import TaskCalls
from bot.tasks.verbatim import Verbatim
from bot.text.chunking import split
from bot.text.quoted import split_unquoted, unquoted
from bot.text.tokens import estimate

MOST_FIELDS, MOST_PARTS = 20, 8
TOO_MANY = f"I look for at most {MOST_FIELDS} fields at once."
PART, SHORTEST = 3_000, 128  # tokens of a text in one prompt, and where a model takes no more


@dataclass(frozen=True, slots=True)
class FoundValue:
    """What a model says that a text says."""

    text: str
    verbatim: bool
    """It stands in the text, apart from capitals, spaces and how numbers are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What was found of each field, in their order."""

    fields: Sequence[tuple[str, Sequence[FoundValue]]]
    read: int
    """Characters of the text that were read."""
    parts: int
    unreadable: int
    """Parts of which the model's answers could not be read."""


def parse_fields(text: str) -> tuple[str, ...]:
    """Read `date, invoice number, "name, first"`. Raises CommandError."""
    if len(text) > LONGEST_LIST:
        raise CommandError(reason=TOO_MANY)
    parts = split_unquoted(text, COMMAS, LONGEST_LIST)
    fields = {fold_label(part): " ".join(unquoted(part).split()) for part in parts if part.strip()}
    if len(fields) > MOST_FIELDS:
        raise CommandError(reason=TOO_MANY)
    for field in fields.values():
        if len(field) > LONGEST_LABEL:
            raise CommandError(reason=f'"{short(field)}" is too long for the name of a field.')
    return tuple(filter(None, fields.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """Asks a channel's model for the fields of a text, in parts where it is long."""

    calls: ChargedCalls
    budget: Budget

    async def extract(
        self, state: ChannelState, fields: Sequence[str], text: str, *, person: str | None = None
    ) -> Extracted:
        """What the text says of each. Raises LimitReached and ModelError."""
        size = min(self.budget.total // 2, PART)
        parts, read = await asyncio.to_thread(divide, text, size)
        found: list[list[str]] = [[] for _ in fields]
        unreadable = 0
        run = _Run(TaskCalls(self.calls), state, fields, person)
        for part in parts:
            try:
                values = await run.find(part, size)
            except ValueError:
                unreadable += 1
                continue
            for known, new in zip(found, values, strict=True):
                known += [one for one in new if one not in known]
        checked = await asyncio.to_thread(_look_up, found, text[:read])
        named = list(zip(fields, checked, strict=True))
        return Extracted(fields=named, read=read, parts=len(parts), unreadable=unreadable)


class _Run:
    """Looking for some fields, for one person."""

    def __init__(
        self, calls: TaskCalls, state: ChannelState, fields: Sequence[str], person: str | None
    ) -> None:
        self._calls = calls
        self._state = state
        self._fields = fields
        self._person = person
        self._answers = FieldAnswers(field_keys(fields))
        self._has_called = False

    async def find(self, text: str, size: int) -> list[list[str]]:
        """The values of each field. Raises ValueError where no answer can be read."""
        further, self._has_called = self._has_called, True
        key = f"nellie:{self._state.id}"
        prompt = build_extraction_prompt(self._fields, text, cache_key=key)
        try:
            return await self._calls.ask(
                self._state, prompt, self._answers.read, self._person, further=further
            )
        except ContextOverflow:
            if size // 2 < SHORTEST:
                raise
            parts, _ = divide(text, size // 2)
            found = [await self.find(part, size // 2) for part in parts]
            return [[*chain(*values)] for values in zip(*found, strict=True)]


def _look_up(found: Sequence[Sequence[str]], text: str) -> list[list[FoundValue]]:
    """In a thread: of a long text it takes a while."""
    verbatim = Verbatim(text)
    return [
        [FoundValue(one, verbatim.holds(one)) for one in values[:MOST_VALUES]] for values in found
    ]


def divide(text: str, tokens: int) -> tuple[list[str], int]:
    """Parts of about so many tokens, and how many of its characters those are."""
    needed = estimate(text)
    if needed <= tokens:
        return [text], len(text)
    limit = max(200, len(text) * tokens // needed)
    read = min(len(text), limit * MOST_PARTS)
    return split(text[:read], limit), read
