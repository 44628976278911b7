"""What a call takes by our own estimate, where no server has counted; pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.text.tokens import estimate

READ = 40_000  # characters of which tokens are counted; of more, as many as there are in proportion
PICTURE = 800  # tokens, of a size that nobody has looked at
_BESIDE = 4  # tokens of a message beside its text
_SMALL = 500  # characters of a text that certainly is no file in letters


def estimate_input(body: Mapping[str, Any]) -> int:
    """Tokens of a request: its messages or input, and the tools that it describes."""
    beside, texts = 0, list[str]()
    for value in (body.get("messages"), body.get("input"), body.get("instructions")):
        for text in _texts(value):
            if _is_data(text):
                beside += PICTURE
            else:
                texts.append(text)
    texts += [str(body[name]) for name in ("tools", "functions") if body.get(name)]
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
    return sum(len(text) for value in given for text in _texts(value))


def _is_number(tokens: list[Any]) -> bool:
    return isinstance(tokens[0], int)


def _texts(value: Any) -> Iterator[str]:
    """All texts in messages, however they are nested."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            pending += () if one and isinstance(one[0], int) else one
        elif isinstance(one, dict):
            pending += [found for name, found in one.items() if name not in ("role", "type", "id")]


def _is_data(text: str) -> bool:
    beginning = text[:_SMALL]
    return len(text) > _SMALL and (
        text.startswith("data:") or (beginning.isascii() and " " not in beginning)
    )
