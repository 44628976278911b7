"""The codes in which old RTF has its letters, by page and by font."""

import codecs

_USUAL = "cp1252"
# Character sets of Windows' fonts.
_CHARSETS = {
    0: "cp1252",
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    134: "gbk",
    136: "big5",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
}


def charset_code(number: int) -> str:
    """Of a font's character set."""
    return _CHARSETS.get(number, _USUAL)


def page_code(number: int) -> str:
    """Of a code page; the western one where Python does not know it."""
    try:
        return codecs.lookup(f"cp{number}").name
    except LookupError:
        return _USUAL
