"""PDFs made by hand: as small as they can be, and as wrong as they must be."""

from collections.abc import Sequence

HEAD = b"%PDF-1.7\n"


def pdf(pages: Sequence[bytes], more: Sequence[bytes] = (), root: bytes = b"") -> bytes:
    """A file whose pages draw these; `more` objects follow those of the pages."""
    first = 4
    kids = b" ".join(b"%d 0 R" % (first + 2 * number) for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % root,
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, drawn in enumerate(pages):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F 3 0 R >> >> >>" % (first + 2 * number + 1)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
    return assemble([*objects, *more])


def assemble(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """The objects, numbered from 1, with their table; the first is the root."""
    data, places = bytearray(HEAD), []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, trailer)
    return bytes(data + b"startxref\n%d\n%%%%EOF\n" % table)


def lines(*texts: str, size: float = 11, top: float = 780, gap: float = 14) -> bytes:
    """Lines of text, one below the other."""
    drawn = [b"BT /F %g Tf 60 %g Td" % (size, top)]
    for number, text in enumerate(texts):
        move = b"0 -%g Td " % gap if number else b""
        drawn.append(move + b"(%s) Tj" % text.replace("(", "\\(").replace(")", "\\)").encode())
    return b"\n".join([*drawn, b"ET"])
