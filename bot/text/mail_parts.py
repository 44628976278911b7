"""The parts of a mail, and its headers as people see them; pure."""

from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import Message as Mail

LONGEST_HEADER = 10_000  # characters that are read: decoding takes far longer for twice as many


def header(mail: Mail, name: str) -> str:
    """A header as people see it; as it is where it is garbled."""
    value = str(mail.get(name) or "")[:LONGEST_HEADER]
    try:
        return " ".join(str(make_header(decode_header(value))).split())
    except (ValueError, LookupError):
        return " ".join(value.split())


def texts(mail: Mail) -> Iterator[Mail]:
    """The parts with text that are not attached."""
    for part in mail.walk():
        if part.get_content_maintype() == "text" and not file_name(part):
            yield part


def file_name(part: Mail) -> str:
    """The name under which it is attached; "" where it is not."""
    try:
        name = part.get_filename()
    except (ValueError, LookupError, TypeError):
        return ""
    if name is None and part.get_content_disposition() != "attachment":
        return ""
    try:
        return str(make_header(decode_header(name or "")))
    except (ValueError, LookupError):
        return name or ""


def decoded(part: Mail) -> str:
    """Its text, in the code that it names, or another one that fits."""
    try:
        raw = part.get_payload(decode=True)
    except (ValueError, LookupError):
        raw = None
    if not isinstance(raw, bytes):
        return ""
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            return raw.decode(charset)
        except (LookupError, UnicodeError):
            continue
    return raw.decode("latin-1")
