"""Two readings of the same message: which of them says more. Pure."""

import re

_WORD = re.compile("[^\\W_]+|[\u2600-\u27bf\U0001f000-\U0001faff]")


_ENTITY = re.compile("&(?:lt|gt|amp);")


def fuller(first: str, second: str) -> str:
    """The one whose words hold those of the other; both, where each has words of its own."""
    first_words, second_words = _words(first), _words(second)
    if second_words <= first_words and (first.strip() or not second.strip()):
        return first
    if first_words <= second_words:
        return second
    return f"{first}\n{second}"


def _words(text: str) -> set[str]:
    return set(_WORD.findall(_ENTITY.sub(" ", text).casefold()))
