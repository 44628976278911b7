"""What a model gives a tool: read kindly, since models write 5 as "5" and one word as a list."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from bot.domain.tool_errors import ToolFailed
from bot.text.sanitize import clean

LONGEST = 4_000  # characters of one argument, where its tool says no less
MOST_ITEMS = 20  # of a list


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one call."""

    values: Mapping[str, Any]

    @classmethod
    def parse(cls, written: str) -> Self:
        """From the JSON that a model wrote. Raises ToolFailed, for the model to write it anew."""
        try:
            values = json.loads(written or "{}")
        except (ValueError, RecursionError):
            raise ToolFailed(reason="The arguments are no JSON. Write a JSON object.") from None
        if not isinstance(values, dict):
            raise ToolFailed(reason="The arguments are a JSON object, with a name for each.")
        return cls(values)

    def text(self, name: str, longest: int = LONGEST) -> str:
        """A text, without the space around it; empty where it was left out. Raises ToolFailed."""
        value = self.values.get(name)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ToolFailed(reason=f"“{name}” is a text.")
        text = clean(str(value)).strip()
        if len(text) > longest:
            raise ToolFailed(reason=f"“{name}” has at most {longest:,} characters.")
        return text

    def required(self, name: str, longest: int = LONGEST) -> str:
        """The same of one that must be there. Raises ToolFailed."""
        text = self.text(name, longest)
        if not text:
            raise ToolFailed(reason=f"“{name}” is missing.")
        return text

    def texts(self, name: str, longest: int = LONGEST) -> Sequence[str]:
        """Several texts, or one that was written without a list. Raises ToolFailed."""
        value = self.values.get(name)
        items = value if isinstance(value, list) else [value]
        if len(items) > MOST_ITEMS:
            raise ToolFailed(reason=f"“{name}” has at most {MOST_ITEMS} entries.")
        texts = (Arguments({name: item}).text(name, longest) for item in items)
        return [text for text in texts if text]

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number; one that is too small or too large is the nearest. Raises ToolFailed."""
        value = self.values.get(name, default)
        try:
            number = default if value in (None, "") else int(float(value))
        except (TypeError, ValueError, OverflowError):
            raise ToolFailed(reason=f"“{name}” is a whole number.") from None
        return min(max(number, least), most)
