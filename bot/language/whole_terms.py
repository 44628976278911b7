"""What is found as a whole: 1,000 as 1000, C++, versions, paths, addresses, hashes and emoji."""

import re
from collections.abc import Iterator, Sequence
from hashlib import blake2s

from bot.language.folding import to_ascii_digits
from bot.language.numbers import NUMBER
from bot.language.particulars import ParticularKind, find_particulars

LONGEST = 40  # characters of a term

# These say nothing by their parts: a C# is no C++, and 1,000 is not the 1 of an address.
_WHOLE_ONLY: frozenset[ParticularKind] = frozenset(
    ("email", "ip", "mac", "uuid", "hash", "version", "symbol")
)
_WITH_PARTS: frozenset[ParticularKind] = frozenset(("url", "path", "file", "identifier", "flag"))
_PICTURE = (
    "(?!\u266f)[\u2190-\u22ff\u2300-\u243f\u25a0-\u2bff\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa"
    "\U0001f400-\U0001faff]"
)
_TONE = "[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]"
_EMOJI = re.compile(
    rf"[\U0001f1e6-\U0001f1ff]{{2}}|{_PICTURE}{_TONE}*(?:\u200d{_PICTURE}{_TONE}*){{0,6}}"
)
_TONES = re.compile(_TONE)
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # as Japanese keys write them
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_POWER = re.compile(
    rf"(?<![\w^.,])([0-9]{{1,20}})(?:\^([-−]?[0-9]{{1,5}})|(⁻?[{_RAISED}]{{1,5}}))(?![\w^])"
)
_LOWERED = str.maketrans(f"{_RAISED}⁻−", "0123456789--")
_WRITTEN_NUMBER = re.compile(r"[0-9][.,\u00a0\u2009\u202f'’٬٫ ][0-9]|(?![0-9])\d")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:([.,\u00a0\u2009\u202f'’٬ ])[0-9]{2,3})+")
_LAKHS = re.compile(r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}")


def find_whole_terms(text: str) -> Iterator[tuple[str, int, int, bool]]:
    """(term, start, end, whether its parts say nothing) of what is one thing only as a whole."""
    text = text.replace("`", " ")
    if not text.isascii():
        text = text.translate(_HALF_WIDTH)  # as long as it was
    taken = list[tuple[int, int]]()
    for part in find_particulars(text):
        if part.kind in _WHOLE_ONLY or (part.kind in _WITH_PARTS and _is_worth_it(part.text)):
            taken.append((part.start, part.end))
            single = part.kind == "version" and "." not in part.text
            term = part.text.lower() if single else part.value
            yield _shorten(term), part.start, part.end, part.kind in _WHOLE_ONLY
    for found in _POWER.finditer(text) if "^" in text or not text.isascii() else ():
        yield _to_power(found), *found.span(), True
    yield from _find_numbers(text, taken)
    for emoji in () if text.isascii() else _EMOJI.finditer(text):
        yield _shorten(_TONES.sub("", emoji.group())), *emoji.span(), True


def _find_numbers(
    text: str, taken: Sequence[tuple[int, int]]
) -> Iterator[tuple[str, int, int, bool]]:
    for found in NUMBER.finditer(text) if _WRITTEN_NUMBER.search(text) else ():
        if not any(found.start() < end and start < found.end() for start, end in taken):
            for term in _read_number(text, found):
                yield term, *found.span(), True


def _to_power(found: re.Match[str]) -> str:
    """10⁶ and 10^6 are the same, and no 106."""
    return f"{found[1]}^{(found[2] or found[3]).translate(_LOWERED)}"


def _is_worth_it(text: str) -> bool:
    """Whether it has parts, so that the whole is another term."""
    return any(mark in text for mark in "./\\-:") or any(sign.isdigit() for sign in text)


def _read_number(text: str, found: re.Match[str]) -> Iterator[str]:
    """A number without what parts its thousands; both ways where `1.000` may be either."""
    written = to_ascii_digits(found.group())
    marks = [mark for mark in written if not mark.isdigit()]
    digits = re.sub(r"[^0-9]", "", written)
    if not marks:
        yield from [written] if written != found.group() else []
    elif _LAKHS.fullmatch(written):
        yield digits
    elif _GROUPED.fullmatch(written) and len(set(marks)) == 1 and _in_threes(written):
        if marks[0] != " " or _stands_alone(text, found):
            yield digits
        if marks == ["."]:
            yield written
    elif marks in ([","], ["٫"]):
        yield written.replace(marks[0], ".")
    elif len(set(marks)) == 2 and marks.count(marks[-1]) == 1:
        whole, _, fraction = written.rpartition(marks[-1])
        yield from _with_fraction(re.sub(r"[^0-9]", "", whole), fraction)


def _with_fraction(whole: str, fraction: str) -> Iterator[str]:
    yield f"{whole}.{fraction}"
    if not fraction.strip("0"):  # 1,000.00 is 1000
        yield whole


def _stands_alone(text: str, found: re.Match[str]) -> bool:
    """Whether no other digits are beside it, as in a telephone number."""
    before, after = text[max(0, found.start() - 2) : found.start()], text[found.end() :][:2]
    return not (re.search(r"[0-9] ?$", before) or re.match(r" ?[0-9]", after))


def _in_threes(written: str) -> bool:
    return all(len(group) == 3 for group in re.split(r"[^0-9]", written)[1:])


def _shorten(term: str) -> str:
    """A term that fits: what is longer keeps its beginning and gets a sum of all of it."""
    term = term.replace("\0", "")
    if len(term) <= LONGEST:
        return term
    checksum = blake2s(term.encode(errors="replace"), digest_size=8).hexdigest()
    return f"{term[: LONGEST - 17]}~{checksum}"
