"""What a model answers of fields, checked; pure."""

from collections.abc import Sequence
from typing import Any

from bot.tasks.json_answers import read_object
from bot.text.sanitize import clean

MOST_VALUES, LONGEST_VALUE = 20, 300
_NOTHING = {"", "-", "n/a", "na", "none", "null", "unknown", "not found", "not mentioned"}
"""What models write in place of an empty list."""


class FieldAnswers:
    """Reads the values of each field out of an answer."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys

    def read(self, answer: str) -> list[list[str]]:
        """For each field its values. Raises ValueError, with what is wrong."""
        said = read_object(answer)
        missing = [key for key in self._keys if key not in said]
        if missing:
            raise ValueError(f"there is no {', '.join(missing)[:100]}")
        return [_values(said[key]) for key in self._keys]


def _values(said: Any) -> list[str]:
    """Whatever JSON it is."""
    values = said if isinstance(said, list) else [said]
    texts = [" ".join(_text(one).split())[:LONGEST_VALUE] for one in values[:MOST_VALUES]]
    return [one for one in texts if one.casefold() not in _NOTHING]


def _text(value: Any) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return ""
    return clean(str(value))  # escapes of JSON spell what may not be shown
