"""What a server of embeddings sends -> vectors of length 1; whatever is none is named. Pure."""

import base64
import binascii
import math
import sys
from array import array
from collections.abc import Sequence
from typing import Any

LARGEST_VECTOR = 16_000  # numbers of one vector that Postgres keeps

Vector = list[float]


class NoVectors(Exception):
    """What was sent are no vectors of these texts; its text says why, as part of a sentence."""


def read_vectors(answer: Any, texts: int) -> list[Vector]:
    """The vectors in the order of their texts. Raises NoVectors."""
    found = _entries(answer)
    if len(found) != texts:
        raise NoVectors(f"it sent {len(found):,} vectors for {texts:,} texts")
    vectors = [_numbers(entry) for entry in _in_order(found)]
    sizes = sorted({len(vector) for vector in vectors})
    if len(sizes) > 1:
        raise NoVectors(f"it sent vectors of {sizes[0]:,} and of {sizes[-1]:,} numbers together")
    return [normalize(vector) for vector in vectors]


def count_tokens(answer: Any) -> int:
    """The tokens that it says it read; 0 where it says nothing."""
    usage = answer.get("usage") if isinstance(answer, dict) else None
    for name in ("prompt_tokens", "total_tokens"):
        number = usage.get(name) if isinstance(usage, dict) else None
        if isinstance(number, int) and number > 0:
            return number
    return 0


def shorten(vector: Vector, size: int) -> Vector:
    """The beginning of a vector, as long as the whole was."""
    return normalize(vector[:size])


def normalize(vector: Vector) -> Vector:
    """The same direction, of length 1. Raises NoVectors where there is none."""
    if len(vector) > LARGEST_VECTOR:
        raise NoVectors(f"its vectors have {len(vector):,} numbers, and 16,000 can be kept")
    length = math.hypot(*vector)
    if not math.isfinite(length):
        raise NoVectors("a vector that it sent holds what is no number")
    if not length:
        raise NoVectors("a vector that it sent is empty or all zeros")
    return [number / length for number in vector]


def _entries(answer: Any) -> Sequence[Any]:
    """OpenAI's list, or one as the servers' own protocols have it (Ollama's, TEI's)."""
    found = answer
    if isinstance(answer, dict):
        found = answer.get("data", answer.get("embeddings"))
    if not isinstance(found, list):
        raise NoVectors("it sent what holds no vectors")
    return found


def _in_order(found: Sequence[Any]) -> Sequence[Any]:
    """They may come in any order; a server that does not number them keeps to that of the texts."""
    if not any(isinstance(entry, dict) and "index" in entry for entry in found):
        return found
    by_index = {
        entry["index"]: entry
        for entry in found
        if isinstance(entry, dict) and isinstance(entry.get("index"), int)
    }
    if by_index.keys() != set(range(len(found))):
        raise NoVectors("the numbers of its vectors are not those of the texts")
    return [by_index[number] for number in range(len(found))]


def _numbers(entry: Any) -> Vector:
    value = entry.get("embedding") if isinstance(entry, dict) else entry
    if isinstance(value, dict):  # by type, where several were asked for
        value = value.get("float")
    if isinstance(value, str):
        return _decode(value)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    if not isinstance(value, list):
        raise NoVectors("one of its vectors is missing")
    if any(isinstance(number, list) for number in value):
        raise NoVectors("it sent a vector for each token: start it with pooling (--pooling mean)")
    if not all(isinstance(number, int | float) and number is not True for number in value):
        raise NoVectors("a vector that it sent holds what is no number")
    return [float(number) for number in value]


def _decode(text: str) -> Vector:
    """Numbers of four bytes, the smallest first, as base64."""
    try:
        numbers = array("f", base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise NoVectors("a vector that it sent holds what is no number") from None
    if sys.byteorder == "big":
        numbers.byteswap()
    return list(numbers)
