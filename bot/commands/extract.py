"""/extract: what a text says of some fields, as a table; what it does not say is told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from bot.commands.explaining import explaining
from bot.commands.publicly import take_public
from bot.commands.request import Request
from bot.domain.errors import CommandError
from bot.domain.model import Reply
from bot.store.stores import Stores
from bot.tasks.extraction import Extracted, Extraction, FoundValue, parse_fields
from bot.tasks.label_syntax import COLONS
from bot.tasks.labels import LONGEST_LIST
from bot.tasks.material import Materials
from bot.text.quoted import find_unquoted

USAGE = "What do you look for, and in which text? /extract date, amount, who pays: TEXT"
MISSING, NOT_THERE = "(not in the text)", "(not found word for word)"
WIDEST = 24  # of a field's name before its value


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractCommand:
    """Looks for fields in a text, or in what somebody said."""

    extraction: Extraction
    materials: Materials

    @classmethod
    def on(cls, stores: Stores, extraction: Extraction) -> Self:
        """On the stores of a replica."""
        return cls(extraction=extraction, materials=Materials.for_one(stores.messages))

    async def run(self, request: Request) -> Reply:
        """Say what a text says of the fields."""
        public, arguments = take_public(request.arguments)
        end = find_unquoted(arguments[:LONGEST_LIST], COLONS)
        written, text = (arguments, "") if end < 0 else (arguments[:end], arguments[end + 1 :])
        fields = parse_fields(written)
        if not fields:
            raise CommandError(reason=USAGE)
        material = await self.materials.read(replace(request, arguments=text))
        state, whole = request.state, "\n\n".join(material.texts)
        with explaining("look for that"):
            found = await self.extraction.extract(state, fields, whole, person=request.person.id)
        await self.materials.require_standing(state, material)
        return Reply(tell(found, len(whole)), private=not public)


def tell(found: Extracted, length: int) -> str:
    """The table, and what of the text was not read."""
    if found.unreadable == found.parts:
        return "I cannot tell: what the model answered could not be read, twice."
    width = min(WIDEST, max(len(name) for name, _ in found.fields))
    lines = [f"{name:{width}}  {_values(values)}" for name, values in found.fields]
    notes = []
    if found.read < length:
        notes.append(f"I read the first {found.read:,} of {length:,} characters.")
    if found.unreadable:
        notes.append(f"Of {found.unreadable} of {found.parts} parts I could not read the answer.")
    return "\n".join(["```", *lines, "```", *notes])


def _values(values: Sequence[FoundValue]) -> str:
    told = [one.text if one.verbatim else f"{one.text} {NOT_THERE}" for one in values]
    return "; ".join(told).replace("`", "'") or MISSING
