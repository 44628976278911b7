"""Which month a time in words names: by its name, or by its number, as 8月 and tháng 8. Pure."""

import re

from bot.language.calendar_lookup import MONTHS
from bot.language.numbers import parse_small_number

# Not 8か月 and 8个月, which are so many, nor the 8月12日 that is a day.
NUMBERED = re.compile(
    r"(?<![\d〇一二三四五六七八九十])(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])[月월](?!曜)份?"
    r"|(?<!\d )\bthang (1[0-2]|0?[1-9])\b(?! \d)"
)
_NEVER_ALONE = {"may", "march"}  # more often they are verbs


def find_month_name(words: str) -> tuple[int, int, int] | None:
    """(month, start, end) of the first one in a text, as read_words left it."""
    if numbered := NUMBERED.search(words):
        number = parse_small_number(numbered[1] or numbered[2])
        return (number, *numbered.span()) if number and number <= 12 else None
    named = next(MONTHS.find(words), None)
    if named is None or {word for word in words.split() if len(word) > 1} <= _NEVER_ALONE:
        return None
    return named.value, named.start, named.end
