"""Number words that can only be numbers: "three", "zwanzig", двадцать пять, 三台. Pure."""

import re
from collections.abc import Iterator

from bot.language.folding import fold_values
from bot.language.number_names import NUMBER_WORDS
from bot.language.numbers import AND, join_words, read_han

# Number words that are, in some language, another word too: "ten", "dort", "on", "sept", "très".
_OFTEN_NO_NUMBER = """
    ten third fourth fifth sixth seventh eighth ninth tenth hundred thousand dritte vierte funfte
    sechste siebte achte neunte zehnte elf hundert tausend troisieme tres neuf sept cent mille mil
    once tercer ciento terceiro dez otto sei onze elli kirk bin yuz on uc dort bes alti yedi sex tio
    fem sto piec третии тысяча тысячи тысяч тисяча тисячі тисяч χιλια χιλιαδες מאה אלף שבע ست مئة
    مائة ألف آلاف الثالثة الرابعة الخامسة السادسة السابعة الثامنة التاسعة العاشرة सौ नौ हजार हज़ार
    ba bon tu nam lam sau bay tam chin muoi muoimot muoihai muoilam haimuoi bamuoi bonmuoi nammuoi
    tram nghin ngan cents fire lima enam seks seize atti atten tyve belas puluh ratus
"""
# Those of them that are certain where they are written with all their marks.
_CERTAIN_AS_WRITTEN = """
    üç dört beş kırk bốn sáu bảy tám mười pięć três fünfte zwölf åtti
"""
# What makes another number of the words beside it, in ways that are not read here.
_LARGER_BEFORE = re.compile(
    r"(?:ty|nta|nte|vingt|hundred|thousand|hundert|tausend|cent[os]*|mill?e?|дцать|десят|сто|сот"
    r"|тысяч[аи]?|тисяч[аі]?|ηντα|ακοσια|dziesiat|tio|tig|sto|yuz|bin|सौ|हजार|مئة|ألف|מאה|אלף)"
    r"[\s-]+(?:(?:and|y|e|et|en|och|kai|και|ve|i)\s+)?$",
    re.IGNORECASE,
)
_LARGER_BEHIND = re.compile(
    r"[\s-]+(?:mill?i?[oõ]|billi|mil[jy]|mio|mln|мил|млн|тыс|тис|εκατ|χιλ|ملي|ألف|آلاف|מיל|אלף|लाख"
    r"|करोड|हजार|lakh|crore|dozen|hundred|thousand|tausend|mille?\b|bin\b)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?P<number>[一二三四五六七八九十百千万萬两兩]*[三四五六七八九][一二三四五六七八九十百千万萬]*|[二两]?十)"
    r"(?:台|臺|個|个|人|名|件|回|枚|冊|册|円|元|块|塊|次|天|歳|岁|条|箱|倍|本(?!木))"
)
_WORD = re.compile(r"[^\W\d_]+(?:[\u0900-\u0963\u0966-\u0dff]+[^\W\d_]*)*")
_NEXT_TWO = re.compile(rf"\s+({_WORD.pattern})\s+({_WORD.pattern})")
_NEXT_WITH_AND = re.compile(r"\s+[وו](\w+)")
_NO_NUMBER = frozenset(map(fold_values, _OFTEN_NO_NUMBER.split()))
_CERTAIN = {word: fold_values(word) for word in _CERTAIN_AS_WRITTEN.split()}
_TELLING = re.compile(rf"\b(?:{'|'.join(_CERTAIN)})\b", re.IGNORECASE)


def find_certain_number_words(
    text: str, written: str = ""
) -> Iterator[tuple[int, int, frozenset[int]]]:
    """(start, end, what it may be) of what can only be a number word, of three or more.

    `written` is the text before it was folded: some words are told by their marks alone.
    """
    certain = {_CERTAIN[found.lower()] for found in _TELLING.findall(written)}
    run: list[tuple[int, int, int]] = []
    for word in _WORD.finditer(text):
        folded = fold_values(word.group())
        value = NUMBER_WORDS.get(folded)
        joins = bool(run) and not text[run[-1][1] : word.start()].strip(" -")
        if run and not (joins and value is not None):
            yield from _as_one(text, run)
            run = []
        if value is not None and (run or folded in certain or folded not in _NO_NUMBER):
            run.append((*word.span(), value))
    yield from _as_one(text, run)
    for counted in _COUNTED.finditer(text):
        yield *counted.span("number"), frozenset({read_han(counted["number"])})


def _as_one(
    text: str, run: list[tuple[int, int, int]]
) -> Iterator[tuple[int, int, frozenset[int]]]:
    """The number that words in a row are together; none where that is not certain."""
    if not run:
        return
    start, end, values = run[0][0], run[-1][1], {run[0][2]}
    for _, _, following in run[1:]:
        values = {one for value in values for one in join_words(value, following)}
    is_part = _LARGER_BEFORE.search(text[:start]) or _LARGER_BEHIND.match(text, end)
    if min(values, default=0) > 2 and not (is_part or _goes_on(text, end)):
        yield start, end, frozenset(values)


def _goes_on(text: str, end: int) -> bool:
    """Whether "and" and another number follow: treinta y cinco."""
    if (two := _NEXT_TWO.match(text, end)) and fold_values(two[1]) in AND:
        return fold_values(two[2]) in NUMBER_WORDS
    clinging = _NEXT_WITH_AND.match(text, end)
    return clinging is not None and fold_values(clinging[1]) in NUMBER_WORDS
