"""Times of day as people write them: 14:30, 2:30 pm, 14h30, 14 Uhr, 14時30分, 오후 2시."""

import re
from collections.abc import Iterator

from bot.language.numbers import parse_small_number

# Folded. Marks of the second half of the day, of the first, and of an hour.
_LATE = (
    r"\bp\.? ?m\b\.?|午後|下午|晚上|오후|저녁|مساء|\bchieu\b|\btoi\b|вечера|вечора|\baksam"
    r"|μ\.μ|da tarde|de la tarde|abends|nachmittags"
)
_EARLY = (
    r"\ba\.? ?m\b\.?|午前|上午|早上|오전|صباحا|\bsang\b|утра|ранку|\bsabah\b|π\.μ|da manha"
    r"|de la manana|morgens"
)
_HOUR_MARK = (
    r"uhr\b|h\b|hrs?\b|o'clock|ч\b|час\w*|годин\w*|時|时|点|點|시|gio\b|horas?\b|heures?\b|बजे|baje"
)
_HOUR_WORD = (
    r"\b(?:at|um|saat|klo|kl|a las|as|στισ|o|о|в|at about|by|alle|ore|om|الساعة|בשעה|luc|ab|bis"
    r"|gegen|until|before|after|from|vers|a|до|к|после)\s"
)
_CLOCK = re.compile(
    rf"(?P<before>(?:{_LATE}|{_EARLY})\s?)?(?<![\d.,:/])(?<!\d-)(?P<hour>\d{{1,2}})"
    r"(?:(?::|(?:時|时|点|點|시|h|gio)\s?)(?P<minute>\d\d)(?!\d)(?:[:]\d\d)?[分분]?)?"
    rf"(?:\s?(?:{_HOUR_MARK}))?(?:\s?(?P<after>{_LATE}|{_EARLY}))?(?![\d])"
)
_MARKED = re.compile(rf"(?<![\d.,:/-])(\d{{1,2}})\s?(?:{_HOUR_MARK})")
_DOTTED = re.compile(r"(?<![\d.,:/-])(\d{1,2})\.(\d\d)(?![\d.,])")
_AFTER_WORD = re.compile(rf"(?:{_HOUR_WORD})(\d{{1,2}}|[^\W\d_]{{2,12}})(?![\d:.,/%]|-\d)")
_IS_LATE = re.compile(_LATE)
_HAN_HOUR = re.compile(r"([一二三四五六七八九十两兩]{1,3})[点點時时]")
_MINUTES_PAST = {
    "half past": 30,
    "quarter past": 15,
    "quarter to": -15,
    "halb": -30,
    "viertel nach": 15,
    "viertel vor": -15,
}
_PART_OF_HOUR = re.compile(rf"\b({'|'.join(_MINUTES_PAST)}) (\w{{1,12}})")
_HALF = re.compile(r"半|반|et demie|y media|e meia|e mezza|половин|bucuk|ونصف|וחצי|ruoi|और आधा|साढ़े")
_NAMED = {
    r"\bnoon\b|mittag|\bmidi\b|mediodia|meio-dia|полдень|полудень|正午|정오": (12, 0),
    r"midnight|mitternacht|minuit|medianoche|полноч|опівноч|자정": (0, 0),
}
Clock = tuple[int, int]


def find_clocks(text: str, *, generous: bool = False) -> set[Clock]:
    """The times of day that a folded text may mean; `generous` also reads "at 2", 2h and 14.30."""
    found = {clock for _, _, clocks in find_clock_spans(text) for clock in clocks}
    return found | _find_loose_clocks(text, found) if generous else found


def _find_loose_clocks(text: str, sure: set[Clock]) -> set[Clock]:
    """Times of day by an hour alone, in words, or with a dot."""
    found = set[Clock]()
    for hour in (*_AFTER_WORD.findall(text), *_MARKED.findall(text), *_HAN_HOUR.findall(text)):
        found |= _both_halves(parse_small_number(hour), 0)
    for dotted in _DOTTED.finditer(text):
        found |= _both_halves(int(dotted[1]), int(dotted[2]))
    for part, hour in _PART_OF_HOUR.findall(text):
        found |= _both_halves(parse_small_number(hour), _MINUTES_PAST[part])
    found |= {clock for words, clock in _NAMED.items() if re.search(words, text)}
    if _HALF.search(text):
        found |= {(hour, 30) for hour, minute in found | sure if not minute}
    return found


def find_clock_spans(text: str) -> Iterator[tuple[int, int, set[Clock]]]:
    """(start, end, what it may mean) of each time of day in a folded text."""
    for one in _CLOCK.finditer(text):
        half = one["before"] or one["after"]
        if not (one["minute"] or half):
            continue
        hour, minute = int(one["hour"]), int(one["minute"] or 0)
        if half and hour <= 12:
            late = _IS_LATE.match(half.strip()) is not None
            clocks = {(hour % 12 + 12 * late, minute)}
        else:
            clocks = _both_halves(hour, minute)
        if clocks:
            yield one.start("hour"), one.end(), clocks


def _both_halves(hour: int | None, minute: int) -> set[Clock]:
    """It, and where it does not say which half of the day, its twin."""
    if hour is None or hour > 24 or minute > 59:
        return set()
    hour, minute = (hour, minute) if minute >= 0 else (hour - 1, minute + 60)
    return {(hour % 24, minute)} | ({((hour + 12) % 24, minute)} if hour <= 12 else set())
