"""Bytes of a text file -> text, in the code in which the tools of people's systems write. Pure."""

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_WESTERN = "cp1252"
_FEW = 6  # of a western text, one byte in so many at most is no ASCII
_BINARY = {*range(9), *range(14, 27), *range(28, 32)}


def decode_text(content: bytes) -> str:
    """By its mark, else as UTF-16 or UTF-8, else as western Windows; never raises."""
    for mark, code in _MARKS:
        if content.startswith(mark):
            return content.decode(code, errors="replace")
    code = _guess(content)
    return content.decode(code, errors="replace")


def is_sure(content: bytes) -> bool:
    """Whether the code is known; else it is one of those that only their letters tell apart."""
    if content.startswith(tuple(mark for mark, _ in _MARKS)) or b"\0" in content:
        return True
    return _guess(content) == _WESTERN or "\ufffd" not in content.decode(errors="replace")


def _guess(content: bytes) -> str:
    if b"\0" in content:
        for code, zeros in (("utf-16-le", content[1::2]), ("utf-16-be", content[::2])):
            if zeros.count(0) * 2 > len(zeros):
                return code
        return "utf-8"
    try:
        content.decode()
    except UnicodeDecodeError:
        return _WESTERN if _looks_western(content) else "utf-8"
    return "utf-8"


def _looks_western(content: bytes) -> bool:
    """Letters with accents here and there, and nothing that UTF-8 could read as such."""
    high = sum(byte > 0x7F for byte in content)
    sound = content.decode(errors="ignore")
    read = len(sound) - sum(one.isascii() for one in sound)
    return high * _FEW <= len(content) and not read and not set(content) & _BINARY


NAMED_IN_UTF8 = 0x800  # the bit by which an entry of a zip file says so


def read_zip_name(name: str, *, says_utf8: bool) -> str:
    """A name as a zip file holds it; most programs write UTF-8, whether they say so or not."""
    if says_utf8 or name.isascii():
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name
