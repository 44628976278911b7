"""Numbers by value: `1,000`, `1.000`, `1 000`, `١٠٠٠`, `1k` and "a thousand" may all mean 1000."""

import re
from collections.abc import Iterator
from decimal import Decimal

from bot.language.folding import fold_values
from bot.language.number_names import NUMBER_WORDS

_FACTORS = {
    "k": 1_000, "tsd": 1_000, "тыс": 1_000, "тис": 1_000, "хил": 1_000, "mil": 1_000,
    "千": 1_000, "천": 1_000, "万": 10_000, "萬": 10_000, "만": 10_000,
    "mio": 1_000_000, "mln": 1_000_000, "million": 1_000_000,
    "millionen": 1_000_000, "millones": 1_000_000, "milhoes": 1_000_000, "млн": 1_000_000,
    "億": 100_000_000, "亿": 100_000_000, "억": 100_000_000,
    "thousand": 1_000, "tausend": 1_000, "mille": 1_000, "bin": 1_000, "тысяч": 1_000,
    "тысячи": 1_000, "тисяч": 1_000, "ألف": 1_000, "אלף": 1_000, "हजार": 1_000, "nghin": 1_000,
    "लाख": 100_000, "lakh": 100_000,
}  # fmt: skip
_HAN_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {
    "两": 2,
    "兩": 2,
}
_HAN_TENS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "萬": 10_000}

NUMBER = re.compile(
    r"(?<![\d.,])\d{1,3}(?:(?P<gap>[ \u00a0\u2009\u202f'’٬])\d{3})(?:(?P=gap)\d{3})*(?:[.,٫]\d+)?"
    r"(?![\d])|\d+(?:[.,٫٬]\d+)*"
)
_FACTORS = {fold_values(name): factor for name, factor in _FACTORS.items()}
_FACTOR = re.compile(
    rf"[ \u00a0]?({'|'.join(sorted(_FACTORS, key=len, reverse=True))})\.?(?![^\W\d_])"
)
_CLINGING_FACTOR = re.compile("[千천万萬만億亿억]")
_HAN_NUMBER = re.compile(r"[〇一二三四五六七八九十百千万萬两兩]{1,8}")
_WORD = re.compile(r"[^\W\d_]+(?:[\u0900-\u0963\u0966-\u0dff]+[^\W\d_]*)*")
_ENGLISH_OR_GERMAN = "the is to and of we it at der die das und ist ich wir im"
_COMMON_WORDS = frozenset(_ENGLISH_OR_GERMAN.split())
_OTHER_WORDS_THERE = "on due sei bin tu bon sau sex mil cent en fem sept"
_NUMBERS_ELSEWHERE = frozenset(_OTHER_WORDS_THERE.split())
_AND = "and und et y e en i le linh и και ve و ו"
AND = frozenset(_AND.split())


def read_number(text: str) -> set[Decimal]:
    """The values that a number may have as it is written; more than one for `1.000`."""
    bare = re.sub(r"[ \u00a0\u2009\u202f'’٬]", "", fold_values(text)).replace("٫", ".")
    points = [mark for mark in bare if mark in ".,"]
    if not points:
        return {Decimal(bare)}
    whole = Decimal(re.sub(r"[.,]", "", bare))
    groups = re.split(r"[.,]", bare)
    if len(set(points)) == 2 and bare.count(points[-1]) == 1:
        return {Decimal("".join(groups[:-1]) + "." + groups[-1])}
    grouped = len(groups[0]) <= 3 and len(groups[-1]) == 3 and all(len(g) > 1 for g in groups[1:])
    found = {whole} if grouped and groups[0].strip("0") else set[Decimal]()
    if len(groups) == 2:
        found.add(Decimal(".".join(groups)))
    return found or {Decimal(group) for group in groups}


def find_numbers(text: str) -> Iterator[tuple[str, set[Decimal]]]:
    """(as it is written, the values that it may have) of each number in digits.

    One with a factor behind it (`5k`, `5万`) has its product alone.
    """
    for found in NUMBER.finditer(text):
        values = read_number(found.group())
        factor = _CLINGING_FACTOR.match(text, found.end()) or _FACTOR.match(
            fold_values(text[found.end() : found.end() + 12])
        )
        if factor:
            name = factor[factor.lastindex or 0]  # without the stop of `5 mln.`
            values = {value * _FACTORS[name] for value in values}
        yield found.group(), values


def find_number_words(text: str) -> set[Decimal]:
    """The values of what a text says in words: "three", "drei", "twenty two", "on iki", 三十五."""
    found, before = set[int](), set[int]()
    words = _WORD.findall(text)
    is_elsewhere = _COMMON_WORDS.isdisjoint(map(str.lower, words))
    for word in words:
        value = parse_small_number(word)
        if word.lower() in _NUMBERS_ELSEWHERE and not is_elsewhere:
            value = None  # "on" is ten in Turkish, "due" is two in Italian
        if value is not None:
            before = {value, *(one for former in before for one in join_words(former, value))}
            found |= before
        elif fold_values(word) not in AND:
            before = set()
    found.update(read_han(number) for number in _HAN_NUMBER.findall(text))
    return set(map(Decimal, found))


def join_words(before: int, value: int) -> Iterator[int]:
    """What number words that follow each other may be together: 12, 22, 200, 225."""
    if before >= 100 and value < 1000:  # what stands behind the hundreds, or the thousands
        unit = 1000 if before >= 1000 else 100
        rest = before % unit
        joined = [value] if rest == 0 and value < unit else join_words(rest, value)
        yield from (before - rest + one for one in joined)
    elif before % 10 == 0 and 10 <= before < 100 and 0 < value < 10:
        yield before + value
    elif 0 < before < 10 and value == 10:
        yield before + value  # Arabic and Hebrew say the ones first,
        yield before * value  # and Vietnamese and Indonesian count tens so
    elif (before in (60, 80) and 10 <= value < 20) or (before, value) == (4, 20):
        yield before + value if before > 4 else 80  # soixante-dix, quatre-vingt
    if value in (100, 1000) and 0 < before < value:
        yield before * value


def parse_small_number(word: str) -> int | None:
    """A number up to a thousand, in digits or as a word."""
    folded = fold_values(word)
    if folded.isascii() and folded.isdigit():
        return int(folded) if len(folded) < 5 else None
    if _HAN_NUMBER.fullmatch(word):
        return read_han(word)
    return NUMBER_WORDS.get(folded, NUMBER_WORDS.get(folded[:-1]) if len(folded) > 5 else None)


def read_han(text: str) -> int:
    total = digit = 0
    for sign in text:
        if sign in _HAN_DIGITS:
            digit = digit * 10 + _HAN_DIGITS[sign]
        elif sign in "万萬":
            total, digit = max(1, total + digit) * 10_000, 0
        else:
            total, digit = total + max(1, digit) * _HAN_TENS[sign], 0
    return total + digit
