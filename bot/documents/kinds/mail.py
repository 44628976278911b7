"""E-mail (.eml): who wrote to whom and when, what, and what is attached."""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message as Mail

from bot.documents.blocks import Block
from bot.documents.inner_files import read_inner
from bot.documents.kinds.html import read_page
from bot.documents.source import Source
from bot.text.mail_parts import decoded, file_name, header, texts

_SHOWN = ("From", "To", "Cc", "Date", "Subject")


def read(source: Source) -> Iterator[Block]:
    """With what it quotes: a mail that is handed on is mostly that."""
    mail = message_from_bytes(source.data)
    source.title = header(mail, "Subject")
    lines = [f"{name}: {value}" for name in _SHOWN if (value := header(mail, name))]
    yield Block("\n".join(lines))
    yield from _written(source, mail)
    for part in mail.walk():
        if (name := file_name(part)) and isinstance(data := part.get_payload(decode=True), bytes):
            yield from read_inner(source, name, data, part.get_content_type())


def _written(source: Source, mail: Mail) -> Iterator[Block]:
    """Its plain text; its page where it has none."""
    parts = list(texts(mail))
    plain = [part for part in parts if part.get_content_type() == "text/plain"]
    for part in plain or parts:
        text = decoded(part).replace("\r\n", "\n")
        if part.get_content_type() == "text/html":
            yield from read_page(source, text)
        else:
            yield from (Block(piece) for piece in text.split("\n\n") if piece.strip())
