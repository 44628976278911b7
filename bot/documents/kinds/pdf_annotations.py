"""What was filled into a PDF's form, and what was written beside its text."""

from collections.abc import Iterator
from ctypes import POINTER, c_ushort, cast, create_string_buffer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

_MOST = 1_000  # of one page
_LONGEST = 20_000  # bytes of one
_EMPTY = {"", "Off"}


def read_annotations(page: "PdfPage") -> Iterator[str]:
    """Each on a line of its own."""
    from pypdfium2 import raw

    for index in range(min(raw.FPDFPage_GetAnnotCount(page), _MOST)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            if text := _say(annotation, raw.FPDFAnnot_GetSubtype(annotation)):
                yield text
        finally:
            raw.FPDFPage_CloseAnnot(annotation)


def _say(annotation: Any, kind: int) -> str:
    from pypdfium2 import raw

    if kind == raw.FPDF_ANNOT_WIDGET:
        value = _read(annotation, b"V")
        name = _read(annotation, b"TU") or _read(annotation, b"T")
        return "" if value in _EMPTY else f"{name}: {value}" if name else value
    if kind in (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP):
        return ""
    said, author = _read(annotation, b"Contents"), _read(annotation, b"T")
    return f"[comment{f' by {author}' if author else ''}: {said}]" if said else ""


def _read(annotation: Any, key: bytes) -> str:
    from pypdfium2 import raw

    size = min(raw.FPDFAnnot_GetStringValue(annotation, key, None, 0), _LONGEST)
    if size <= 2:  # only the end of a text
        return ""
    buffer = create_string_buffer(size)
    written = raw.FPDFAnnot_GetStringValue(annotation, key, cast(buffer, POINTER(c_ushort)), size)
    return buffer.raw[: min(written, size) - 2].decode("utf-16-le", "replace").strip()
