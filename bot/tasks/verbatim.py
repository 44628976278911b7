"""Whether words stand in a text, however spaces, capitals and numbers are written; pure."""

import re
import unicodedata

from bot.language.numbers import NUMBER, read_number

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
    before, after = _edge(wanted[0]), _edge(wanted[-1])
    pattern = f"{before and f'(?<!{before})'}{re.escape(wanted)}{after and f'(?!{after})'}"
    return re.search(pattern, text) is not None


def _edge(sign: str) -> str:
    """What may not stand beside it, or else it is a part of something longer."""
    if sign.isdecimal():
        return r"\d"
    return "[a-zß-öø-ɏ]" if re.fullmatch("[a-zß-öø-ɏ]", sign) else ""
