"""What a file is: by its first bytes, then by its name and what was said of it."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

from bot.documents.source import Source
from bot.domain.documents import NotReadable
from bot.text.encodings import decode_text


class Kind(NamedTuple):
    """What people call it, and which module of `kinds` reads it."""

    name: str
    module: str


PDF = Kind("PDF", "pdf")
WORD = Kind("Word", "word")
POWERPOINT = Kind("PowerPoint", "powerpoint")
EXCEL = Kind("Excel", "excel")
OPEN_DOCUMENT = Kind("OpenDocument", "opendocument")
RTF = Kind("RTF", "rtf")
ZIP = Kind("zip", "zipped")
HTML = Kind("web page", "html")
MAIL = Kind("e-mail", "mail")
JSON = Kind("JSON", "json_text")
CSV = Kind("CSV", "csv_rows")
MARKDOWN = Kind("Markdown", "markdown")
CODE = Kind("source code", "plain")
TEXT = Kind("text", "plain")

_BY_ENDING = {
    **dict.fromkeys((".md", ".markdown", ".mdx", ".qmd", ".rmd"), MARKDOWN),
    **dict.fromkeys((".csv", ".tsv", ".tab"), CSV),
    **dict.fromkeys((".json", ".geojson", ".ipynb", ".webmanifest", ".har"), JSON),
    **dict.fromkeys((".htm", ".html", ".xhtml", ".mht"), HTML),
    ".eml": MAIL,
    **dict.fromkeys(
        (
            *(".c", ".cc", ".cpp", ".cs", ".css", ".dart", ".diff", ".ex", ".go", ".h", ".hpp"),
            *(".hs", ".java", ".jl", ".js", ".jsx", ".kt", ".lua", ".m", ".ml", ".patch", ".php"),
            *(".pl", ".ps1", ".py", ".r", ".rb", ".rs", ".scala", ".sh", ".sql", ".swift", ".tf"),
            *(".toml", ".ts", ".tsx", ".vue", ".xml", ".yaml", ".yml", ".zig"),
        ),
        CODE,
    ),
}
_BY_TYPE = {
    "text/markdown": MARKDOWN,
    "text/csv": CSV,
    "text/tab-separated-values": CSV,
    "application/json": JSON,
    "text/html": HTML,
    "application/xhtml+xml": HTML,
    "message/rfc822": MAIL,
}
# What begins with these bytes is no text, and nothing that is read.
_OTHERS = (
    (b"\x89PNG", "it is a picture"),
    (b"\xff\xd8\xff", "it is a picture"),
    (b"GIF8", "it is a picture"),
    (b"BM", "it is a picture"),
    (b"II*\0", "it is a picture"),
    (b"MM\0*", "it is a picture"),
    (b"RIFF", "it is a picture or a recording"),
    (b"ID3", "it is a recording"),
    (b"OggS", "it is a recording"),
    (b"fLaC", "it is a recording"),
    (b"\x1aE\xdf\xa3", "it is a video"),
    (b"\x1f\x8b", "it is packed with gzip; pack it as a zip"),
    (b"7z\xbc\xaf", "it is packed with 7-Zip; pack it as a zip"),
    (b"Rar!", "it is packed with RAR; pack it as a zip"),
    (b"BZh", "it is packed with bzip2; pack it as a zip"),
    (b"\xfd7zXZ", "it is packed with xz; pack it as a zip"),
    (b"\x7fELF", "it is a program"),
    (b"MZ", "it is a program"),
    (b"SQLite format 3", "it is a database"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD = {".doc": ".docx", ".dot": ".docx", ".xls": ".xlsx", ".ppt": ".pptx", ".pps": ".pptx"}
_PACKED = (b"PK\x03\x04", b"PK\x05\x06")
_OFFICE = (("word/", WORD), ("ppt/", POWERPOINT), ("xl/", EXCEL))
_PAGE = re.compile(  # with no way back
    r"\s*+(?:<\?xml[^>]*+>\s*+)?(?:(?><!--.*?-->)\s*+)*+<(?:!doctype html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
_HEADERS = re.compile(r"(?:(?:[!-9;-~]{1,60}+:|[ \t]).*+(?:\r?\n|\Z)){3,}+")
_OF_MAIL = re.compile(
    r"^(?:From|To|Subject|Date|Received|Message-ID|MIME-Version):", re.IGNORECASE | re.MULTILINE
)
_LOOKED_AT = 8_192  # bytes at the beginning
_BEFORE_PDF = 1_024  # bytes that may stand before a PDF's mark
# Files with these names are never pages: a page in their place is one to log in, or an error.
_NOT_A_PAGE = {
    *(".pdf", ".docx", ".docm", ".pptx", ".pptm", ".xlsx", ".xlsm", ".odt", ".ods", ".odp"),
    *(".zip", ".rtf", ".csv", ".json", ".eml"),
}
_CONTROLS = bytes({*range(9), *range(14, 27), *range(28, 32)})
_FEW = 50  # of a text, one byte in so many at most is a control


def recognize(source: Source) -> Kind:
    """What reads it. Raises NotReadable, with what it is where that can be said."""
    data = source.data
    if not data.strip(b"\0 \t\r\n"):
        raise NotReadable("it is empty")
    if b"%PDF-" in data[:_BEFORE_PDF]:
        return PDF
    if data.startswith(_PACKED):
        return _look_inside(data)
    if data.startswith(b"{\\rtf"):
        return RTF
    _refuse_others(source)
    return _of_text(source)


def ending(name: str) -> str:
    """ ".pdf", in small letters; "" where there is none."""
    return PurePosixPath(name.strip().replace("\\", "/")).suffix.lower()


def _look_inside(data: bytes) -> Kind:
    """Office's files and OpenDocument's are zips with certain names in them."""
    try:
        with ZipFile(BytesIO(data)) as packed:
            names = {name.replace("\\", "/").lstrip("/") for name in packed.namelist()}
    except (BadZipFile, ValueError, EOFError) as error:
        raise NotReadable("it is cut off or damaged") from error
    if "content.xml" in names:
        return OPEN_DOCUMENT
    if "[Content_Types].xml" in names:
        for folder, kind in _OFFICE:
            if any(name.startswith(folder) for name in names):
                return kind
    return ZIP


def _refuse_others(source: Source) -> None:
    if source.data.startswith(_OLE):
        raise NotReadable(_of_old(source))
    for mark, what in _OTHERS:
        # Two letters begin texts too; three bytes of no letter do not.
        if source.data.startswith(mark) and (len(mark) > 2 or not _is_text(source.data)):
            raise NotReadable(what)
    if source.data[4:8] == b"ftyp":
        raise NotReadable("it is a video, a recording or a picture")


def _of_old(source: Source) -> str:
    if _ENCRYPTED in source.data:
        return "it is protected by a password"
    new = _OLD.get(ending(source.name), "")
    return f"it is in the format of before 2007; save it as {new or '.docx, .xlsx or .pptx'}"


def _of_text(source: Source) -> Kind:
    if not _is_text(source.data):
        raise NotReadable("it is no document that can be read")
    head, end = decode_text(source.data[:_LOOKED_AT]), ending(source.name)
    if _PAGE.match(head):
        if end in _NOT_A_PAGE:
            raise NotReadable("in its place came a web page: one to log in, or an error")
        return HTML
    named = _BY_ENDING.get(end) or _BY_TYPE.get(source.media_type.partition(";")[0].strip().lower())
    return named or next(_guess(head), TEXT)


def _guess(head: str) -> Iterator[Kind]:
    headers = _HEADERS.match(head)
    if headers and len(_OF_MAIL.findall(headers[0])) >= 2:
        yield MAIL
    if re.match(r"\s*[{\[]\s*[\"{\[\]}]", head):
        yield JSON


def _is_text(data: bytes) -> bool:
    """UTF-16 has a zero beside every letter; else controls are few."""
    head = data[:_LOOKED_AT]
    if b"\0" in head:
        return not set(decode_text(head)[:-2]) & {"\0", "\ufffd"}
    return sum(byte in _CONTROLS for byte in head) * _FEW <= len(head)
