"""What a text holds that is one thing only as a whole: links, addresses, paths, versions, code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Literal

from bot.language.folding import UNSPACED, fold_values

ParticularKind = Literal[
    "url", "code", "email", "ip", "mac", "uuid", "hash", "path", "file", "version", "mention",
    "tag", "flag", "identifier", "symbol",
]  # fmt: skip

_LETTER = rf"(?:(?![{UNSPACED}])\w)"  # or digit, of a script that puts spaces between words
_HEX = "[0-9a-fA-F]"
_EDGE, _END = r"(?<![0-9A-Za-z_])", r"(?![0-9A-Za-z_])"
_START = rf"(?<!{_LETTER})"
_PATH_STEP = rf"(?:{_LETTER}|[.@+%~-]){{1,80}}"
_LABEL = rf"{_LETTER}(?:{_LETTER}|-){{0,62}}"

# In this order: what one has taken is no longer there for the next.
_KINDS: dict[ParticularKind, str] = {
    "url": rf"(?i:{_EDGE}(?:[a-z][a-z0-9+.-]{{1,15}}://|www\.))(?:(?![{UNSPACED}])[^\s<>\"`|])+",
    "email": rf"{_START}(?<![.+@-])(?:{_LETTER}|[.+%-]){{1,64}}@(?:{_LABEL}\.){{1,6}}{_LABEL}",
    "mac": rf"{_EDGE}{_HEX}{{2}}(?:[:-]{_HEX}{{2}}){{5}}(?![0-9A-Za-z_:])",
    "ip": rf"(?<![0-9A-Za-z_:.])(?:(?={_HEX}{{0,4}}:{_HEX}{{0,4}}:)[0-9a-fA-F:.]{{2,45}}"
    rf"(?<![.])|(?:\d{{1,3}}\.){{3}}\d{{1,3}})(?:/\d{{1,3}})?(?!\.?\d|[A-Za-z_])",
    "uuid": rf"{_EDGE}{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}{_END}",
    "hash": rf"{_EDGE}(?:(?=[a-fA-F]*\d)(?=\d*[a-fA-F]){_HEX}{{7,128}}|[a-fA-F]{{8,128}}){_END}",
    "path": rf"{_START}(?<![/.~@-])(?:[A-Za-z]:\\(?:{_PATH_STEP}\\?)*"
    rf"|(?:~|\.{{1,2}})?/{_PATH_STEP}(?:/{_PATH_STEP})*/?"
    rf"|{_PATH_STEP}(?:/{_PATH_STEP}){{1,20}}\.[A-Za-z]\w{{0,7}}{_END})",
    "version": rf"{_EDGE}(?:v\d{{1,5}}(?:\.\d{{1,8}}){{0,6}}|\d{{1,5}}(?:\.\d{{1,8}}){{2,6}})"
    r"(?:-?(?:rc|alpha|beta|post|dev|a|b)\.?\d{1,4})?(?![0-9A-Za-z_]|\.\d)",
    "file": rf"{_START}(?<![@./\\-])(?:{_LABEL}\.){{1,8}}[^\W\d_](?:{_LETTER}){{0,23}}"
    rf"(?:[/:?]{_PATH_STEP}(?:[/?&=#]{_PATH_STEP})*/?)?",
    "mention": rf"{_START}(?<![@.])@{_LETTER}(?:{_LETTER}|[.-](?=\w)){{0,63}}",
    "tag": rf"{_START}(?<![#&])#(?=[^\W\d_]){_LETTER}(?:{_LETTER}|-(?=\w)){{0,63}}",
    "flag": r"(?<![\w-])--[a-zA-Z][\w-]{1,40}",
    "symbol": r"(?<![\w.])(?:\w{1,12}\+\+(?![^\W\d])|[A-Za-z][#♯](?!\w)"
    r"|\.[A-Za-z][A-Za-z0-9]{1,11}\b)",
    "identifier": rf"{_EDGE}(?:[A-Za-z]{{1,16}}[-_]?\d{{1,12}}[A-Za-z0-9]{{0,8}}"
    rf"|[A-Za-z0-9]{{1,24}}(?:_[A-Za-z0-9]{{1,24}}){{1,6}}){_END}",
}
_ANY = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()))
_CODE = re.compile(r"(`{1,3})(?!`)[^`]{1,2000}\1")
_TOKEN = re.compile(r"\S+")
_HINT = re.compile(r"[\d@#♯+\\_]|--|[./:]\S|[a-fA-F]{8}")
_CLOSING = ".,;:!?…'\"*>]}»”’。、，！？；：）」』"
_DAY_MONTH_YEAR = re.compile(r"(?:\d{1,2}\.\d{1,2}\.(?:19|20)\d\d|(?:19|20)\d\d\.\d{1,2}\.\d{1,2})")
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+")


@dataclass(frozen=True, slots=True)
class Particular:
    """A piece of text that means something only as a whole."""

    kind: ParticularKind
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the text goes on."""
        return self.start + len(self.text)

    @property
    def value(self) -> str:
        """What two writings of the same thing have in common."""
        return _value(self.kind, self.text)


def find_particulars(text: str) -> Iterator[Particular]:
    """All of a text, from left to right; none within another."""
    if not _HINT.search(text) and "`" not in text:
        return
    at = 0
    for code in _CODE.finditer(text) if "`" in text else ():
        yield from _find_in_words(text, at, code.start())
        yield Particular("code", code.group(), code.start())
        at = code.end()
    yield from _find_in_words(text, at, len(text))


def _find_in_words(text: str, start: int, end: int) -> Iterator[Particular]:
    """Those in a part of a text; none but code has a space in it."""
    for word in _TOKEN.finditer(text, start, end):
        if _HINT.search(word.group()):
            yield from _find_in_word(text, *word.span())


def _find_in_word(text: str, at: int, end: int) -> Iterator[Particular]:
    while found := _ANY.search(text, at, end):
        kind, part = _kind_of(found), _without_closing(found.group())
        at = found.start() + max(1, len(part))
        if kind is not None and part and _is_one(kind, part):
            yield Particular(kind, part, found.start())
        elif kind == "file":  # a sentence that begins without a space, or an abbreviation
            at = found.start() + part.find(".") + 1
        else:
            at = found.end() if kind == "version" else at


def blank_particulars(text: str) -> str:
    """The text at the same length, with spaces in place of them."""
    for part in find_particulars(text):
        text = blank(text, part.start, part.end)
    return text


def blank(text: str, start: int, end: int) -> str:
    """The text at the same length, with spaces in place of a part of it."""
    return text[:start] + " " * (end - start) + text[end:]


def _kind_of(found: re.Match[str]) -> ParticularKind | None:
    return next((kind for kind in _KINDS if found[kind] is not None), None)


def _without_closing(text: str) -> str:
    """Without the marks that end a sentence, a quote or a bracket around it."""
    while text and (
        text[-1] in _CLOSING or (text[-1] == ")" and text.count(")") > text.count("("))
    ):
        text = text[:-1]
    return text


def _is_one(kind: ParticularKind, text: str) -> bool:
    if kind == "ip":
        return _address(text) is not None
    if kind == "version":
        return not (_DAY_MONTH_YEAR.fullmatch(text) or _GROUPED.fullmatch(text))
    return kind != "file" or _is_file_or_domain(text)


def _is_file_or_domain(text: str) -> bool:
    """Not `e.g`, `z.B` or a sentence that begins.Without a space."""
    name = re.split(r"[/:?]", text, maxsplit=1)[0]
    *_, base, ending = name.split(".")
    if len(name) < len(text):
        return True
    if ending.istitle() and len(ending) > 1 and not ending.isascii():
        return False
    if ending[:1].isupper() and ending[1:].islower() and not base[:1].isupper():
        return False
    return (len(base) > 1 and len(name) > 3) or len(ending) > 2


def _address(text: str) -> str | None:
    address, _, prefix = text.partition("/")
    try:
        return str(ip_address(address)) + (f"/{prefix}" if prefix else "")
    except ValueError:
        return None


@lru_cache(maxsize=1 << 10)
def _value(kind: ParticularKind, text: str) -> str:
    if kind == "ip":
        return _address(text) or text
    text = fold_values(text).replace("♯", "#")
    if kind == "url":
        return re.sub(r"^[a-z0-9+.-]+://(?:www\.)?|^www\.", "", text).rstrip("/")
    if kind == "version":
        return text.removeprefix("v")
    if kind == "code":
        return " ".join(text.strip("`").split())
    if kind == "mac":
        return text.replace("-", ":")
    return text.rstrip("/") or text
