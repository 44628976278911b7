"""What a call takes by our own estimate, where no server has counted; pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.text.tokens import estimate

READ = 40_000  # characters of which tokens are counted; of more, as many as there are in proportion
PICTURE = 800  # tokens, of a size that nobody has looked at
_BESIDE = 4  # tokens of a message beside its text
_FILES = ("url", "image_url", "data", "file_data")
"""Fields that hold pictures, sounds and files, as addresses or in letters."""
_MARKS = ("role", "type", "id")
_LONGEST_MARK = 64  # characters; what is longer is somebody's text
_DESCRIBED = ("tools", "functions", "response_format", "text", "prediction")


def estimate_input(body: Mapping[str, Any]) -> int:
    """Tokens of a request: its messages or input, and the tools that it describes."""
    beside, texts = 0, list[str]()
    for value in (body.get("messages"), body.get("input"), body.get("instructions")):
        for name, text in _texts(value):
            if name in _FILES:
                beside += PICTURE
            elif name not in _MARKS or len(text) > _LONGEST_MARK:
                texts.append(text)
    texts += [str(body[name]) for name in _DESCRIBED if body.get(name)]
    messages = body.get("messages")
    beside += _BESIDE * len(messages) if isinstance(messages, list) else 0
    return beside + count_numbers(body.get("input")) + estimate_texts(texts)


def estimate_texts(texts: Sequence[str]) -> int:
    """Tokens of all texts together, without reading each to its end."""
    whole = sum(map(len, texts))
    if whole <= READ:
        return estimate("".join(texts))
    sample, left = list[str](), READ
    for text in texts:
        sample.append(text[:left])
        left -= len(sample[-1])
        if left <= 0:
            break
    return round(estimate("".join(sample)) * whole / READ)


def count_numbers(value: Any) -> int:
    """Tokens that came as numbers."""
    if not isinstance(value, list) or not value:
        return 0
    if isinstance(value[0], int):
        return len(value)
    return sum(len(one) for one in value if isinstance(one, list) and one[:1] and _is_number(one))


def count_letters(body: Mapping[str, Any]) -> int:
    """Characters of all that is said in a request, files in letters included."""
    given = (body.get("messages"), body.get("input"))
    return sum(len(text) for value in given for _, text in _texts(value))


def _is_number(tokens: list[Any]) -> bool:
    return isinstance(tokens[0], int)


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    """All texts in messages, however they are nested, by the field that they stand in."""
    pending = [("", value)]
    while pending:
        name, one = pending.pop()
        if isinstance(one, str):
            yield name, one
        elif isinstance(one, list):
            pending += () if one and isinstance(one[0], int) else ((name, part) for part in one)
        elif isinstance(one, dict):
            pending += one.items()
