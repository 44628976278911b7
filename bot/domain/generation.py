"""How a model is to generate: the settings that people write as `temperature=0.2 seed=7`; pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Generation = Mapping[str, Any]
"""By OpenAI's own names; `max_answer` (tokens) and `system` (more for its prompt) are ours."""

MOST_STOPS, LONGEST_STOP = 4, 40
LONGEST_SYSTEM = 1_000  # characters that the system prompt may be given besides
SHOWN = 40  # characters of what was wrong that are quoted
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_VERBOSITIES = ("low", "medium", "high")
_SHORT_NAMES = {"effort": "reasoning_effort", "max": "max_answer"}
_QUOTES = {'"': '"', "'": "'", "“": "”", "„": "“", "«": "»"}
_QUOTED = r"""(?:"[^"]*"|'[^']*'|“[^”]*”|„[^“]*“|«[^»]*»)"""
_WORD = re.compile(rf"[^\s=]+=(?:{_QUOTED}(?!\S)|\S*)|\S+")
_SECTION = re.compile(rf"(?:{_QUOTED}|[^;])+")


def split_words(text: str) -> list[str]:
    """The words of a text; what stands in quotes behind a `=` is part of its word."""
    return _WORD.findall(text)


def parse_generation(text: str) -> dict[str, Any]:
    """Read `name=value` pairs; a name without a value means that it is not set.

    Raises ValueError with a sentence for people.
    """
    found: dict[str, Any] = {}
    for pair in split_words(text):
        name, separator, value = pair.partition("=")
        name = _SHORT_NAMES.get(name.casefold(), name.casefold())
        if not separator or name not in _READERS:
            known = ", ".join(_READERS)
            raise ValueError(
                f'I do not understand "{_short(pair)}": write name=value, with one of {known}'
            )
        value = _unquoted(value)
        found[name] = _READERS[name](name, value) if value else None
    return found


def parse_generations(text: str) -> dict[str, dict[str, Any]]:
    """The same for several models: `temperature=0.7; openai/gpt-6-luna: temperature=0.2`.

    By the model's name in small letters; what stands before any name, by "", is for all of them.
    """
    found: dict[str, dict[str, Any]] = {}
    for section in _SECTION.findall(text):
        first, _, rest = section.strip().partition(" ")
        is_named = first.endswith(":") and "=" not in first
        model = first[:-1].casefold() if is_named else ""
        read = parse_generation(rest if is_named else section)
        found[model] = {**found.get(model, {}), **read}
    return found


def format_generation(generation: Generation) -> str:
    """The same as people write it."""
    return " ".join(f"{name}={write_value(value)}" for name, value in generation.items())


def merge(*generations: Generation) -> dict[str, Any]:
    """Later ones go before earlier ones; what one takes back (None) is not set."""
    merged = {name: value for one in generations for name, value in one.items()}
    return {name: value for name, value in merged.items() if value is not None}


def write_value(value: Any) -> str:
    """A value as people write it."""
    written = "|".join(value) if isinstance(value, list) else str(value)
    if not re.search(r"[\s;]", written):
        return written
    opens = _free_quote(written)
    return f"{opens}{written}{_QUOTES.get(opens, '')}"


def _free_quote(text: str) -> str:
    """A quote that does not stand in the text; empty where all of them do."""
    return next((one for one in _QUOTES if one not in text and _QUOTES[one] not in text), "")


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and _QUOTES.get(value[0]) == value[-1]
    return value[1:-1].strip() if is_quoted else value


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _number(low: float, high: float) -> Callable[[str, str], float]:
    def read(name: str, value: str) -> float:
        try:
            number = float(value) if value.isascii() else low - 1
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise ValueError(f"{name} is a number from {low:g} to {high:g}, not {_short(value)}")
        return number

    return read


def _whole(low: int, high: int) -> Callable[[str, str], int]:
    def read(name: str, value: str) -> int:
        digits = value.isascii() and value.isdecimal() and len(value) <= len(str(high))
        if not digits or not low <= int(value) <= high:
            given = _short(value)
            raise ValueError(f"{name} is a whole number from {low:,} to {high:,}, not {given}")
        return int(value)

    return read


def _one_of(*words: str) -> Callable[[str, str], str]:
    def read(name: str, value: str) -> str:
        if value.casefold() not in words:
            raise ValueError(f"{name} is one of {', '.join(words)}, not {_short(value)}")
        return value.casefold()

    return read


def _stops(name: str, value: str) -> list[str]:
    stops = [stop for stop in value.split("|") if stop]
    if not stops or len(stops) > MOST_STOPS or any(len(stop) > LONGEST_STOP for stop in stops):
        raise ValueError(f"{name} has 1 to {MOST_STOPS} texts of {LONGEST_STOP} characters at most")
    return stops


def _system(name: str, value: str) -> str:
    if len(value) > LONGEST_SYSTEM:
        raise ValueError(f"{name} has at most {LONGEST_SYSTEM:,} characters, not {len(value):,}")
    if not _free_quote(value):
        raise ValueError(f"{name} has quotes of too many kinds in it")
    return value


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
    "system": _system,
}
