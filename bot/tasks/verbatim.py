"""Whether words stand in a text, however spaces, capitals and numbers are written; pure."""

import re
import unicodedata

from bot.language.numbers import NUMBER, read_number

_JOINED = re.compile(r"\d\d|[a-zß-öø-ɏ]{2}")
_MOST_TRIES = 1_000  # places at which a value is looked at
_LONGEST_NUMBER = 40  # characters; what is longer is compared as it is written


class Verbatim:
    """A text in which values are looked up."""

    def __init__(self, text: str) -> None:
        self._forms = _forms(text)

    def holds(self, value: str) -> bool:
        """Whether it stands there: whole words and whole numbers, not a part of them."""
        pairs = zip(_forms(value), self._forms, strict=True)
        return any(wanted and _stands(wanted, text) for wanted, text in pairs)


def _forms(text: str) -> tuple[str, str]:
    """As it is written, and with each number as its value."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return folded, NUMBER.sub(_value, folded)


def _value(found: re.Match[str]) -> str:
    """The largest that it may mean: `1.200` is 1200 here, wherever it stands."""
    written = found.group()
    if len(written) > _LONGEST_NUMBER:
        return written
    return f"{max(read_number(written)).normalize():f}"


def _stands(wanted: str, text: str) -> bool:
    at = -1
    for _ in range(_MOST_TRIES):
        at = text.find(wanted, at + 1)
        if at < 0:
            break
        end = at + len(wanted)
        before, after = text[at - 1 : at], text[end : end + 1]
        if not (_are_one(before, wanted[0]) or _are_one(wanted[-1], after)):
            return True
    return False


def _are_one(left: str, right: str) -> bool:
    """Whether these two belong to one number or word; of scripts without spaces, nobody knows."""
    return bool(_JOINED.fullmatch(left + right))
