"""How a model is to generate: the settings that people write as `temperature=0.2 seed=7`; pure."""

from collections.abc import Callable, Mapping
from typing import Any

Generation = Mapping[str, Any]
"""By OpenAI's own names; `max_answer` is ours, of tokens."""

MOST_STOPS, LONGEST_STOP = 4, 40
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_VERBOSITIES = ("low", "medium", "high")
_SHORT_NAMES = {"effort": "reasoning_effort", "max": "max_answer"}


def parse_generation(text: str) -> dict[str, Any]:
    """Read `name=value` pairs; a name without a value means that it is not set.

    Raises ValueError with a sentence for people.
    """
    found: dict[str, Any] = {}
    for pair in text.split():
        name, separator, value = pair.partition("=")
        name = _SHORT_NAMES.get(name.casefold(), name.casefold())
        if not separator or name not in _READERS:
            known = ", ".join(_READERS)
            raise ValueError(f'I do not understand "{pair}": write name=value, with one of {known}')
        found[name] = _READERS[name](name, value) if value else None
    return found


def format_generation(generation: Generation) -> str:
    """The same as people write it."""
    return " ".join(f"{name}={_write(value)}" for name, value in generation.items())


def merge(*generations: Generation) -> dict[str, Any]:
    """Later ones go before earlier ones; what one takes back (None) is not set."""
    merged = {name: value for one in generations for name, value in one.items()}
    return {name: value for name, value in merged.items() if value is not None}


def _write(value: Any) -> str:
    return "|".join(value) if isinstance(value, list) else str(value)


def _number(low: float, high: float) -> Callable[[str, str], float]:
    def read(name: str, value: str) -> float:
        try:
            number = float(value) if value.isascii() else low - 1
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise ValueError(f"{name} is a number from {low:g} to {high:g}, not {value}")
        return number

    return read


def _whole(low: int, high: int) -> Callable[[str, str], int]:
    def read(name: str, value: str) -> int:
        digits = value.isascii() and value.isdecimal() and len(value) <= len(str(high))
        if not digits or not low <= int(value) <= high:
            raise ValueError(f"{name} is a whole number from {low:,} to {high:,}, not {value}")
        return int(value)

    return read


def _one_of(*words: str) -> Callable[[str, str], str]:
    def read(name: str, value: str) -> str:
        if value.casefold() not in words:
            raise ValueError(f"{name} is one of {', '.join(words)}, not {value}")
        return value.casefold()

    return read


def _stops(name: str, value: str) -> list[str]:
    stops = [stop for stop in value.split("|") if stop]
    if len(stops) > MOST_STOPS or any(len(stop) > LONGEST_STOP for stop in stops):
        raise ValueError(f"{name} has at most {MOST_STOPS} texts of {LONGEST_STOP} characters")
    return stops


_READERS: dict[str, Callable[[str, str], Any]] = {
    "temperature": _number(0, 2),
    "top_p": _number(0.01, 1),
    "max_answer": _whole(16, 1_000_000),
    "stop": _stops,
    "seed": _whole(0, 2**31 - 1),
    "reasoning_effort": _one_of(*_EFFORTS),
    "verbosity": _one_of(*_VERBOSITIES),
    "frequency_penalty": _number(-2, 2),
    "presence_penalty": _number(-2, 2),
}
