"""Documents among the lines of our own format: what was read, and where it was posted.

A line with `posts` begins one, lines with `passage` follow it. What was posted with messages names
them by their ids, and comes after them.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from bot.domain.archives import ArchivedDocument, FilePlace
from bot.domain.documents import DocumentText, Passage, PostedFile
from bot.domain.model import Author
from bot.text.json_fields import (
    parse_json,
    parse_time,
    read_field,
    read_nonempty,
    replace_unstorable,
)

MOST_PASSAGES = 50_000  # of one document; ten times as many as are read of a file
_SHA256 = re.compile("[0-9a-f]{64}")
_BEGINS, _GOES_ON = "posts", "passage"


def is_document_line(entry: object) -> bool:
    """Whether a line is of a document, and of no message."""
    return (
        isinstance(entry, dict) and "sha256" in entry and bool({_BEGINS, _GOES_ON} & entry.keys())
    )


def to_file(file: PostedFile) -> dict[str, object]:
    """A file as lines have it: without its address, which may hold a key and expires."""
    fields = asdict(replace(file, address=""))
    return {name: value for name, value in fields.items() if value}


def parse_file(entry: object) -> PostedFile:
    """The same, read. Raises ValueError."""
    return PostedFile(
        id=read_nonempty(entry, "id"),
        name=read_field(entry, "name", str, ""),
        media_type=read_field(entry, "media_type", str, ""),
        size=read_field(entry, "size", int, 0),
        alt=read_field(entry, "alt", str, ""),
    )


def to_document_line(sha256: str, text: DocumentText, places: Iterable[FilePlace]) -> str:
    """The line that begins a document; its passages are lines of their own."""
    entry = {
        "sha256": sha256,
        "kind": text.kind,
        "title": text.title,
        "pages": text.pages,
        "notes": text.notes,
        _BEGINS: [_to_place(place) for place in places],
    }
    return json.dumps(entry, ensure_ascii=False)


def to_passage_line(sha256: str, passage: Passage) -> str:
    """A passage; what is empty is left out."""
    fields = asdict(passage)
    number = fields.pop("number")
    kept = {name: value for name, value in fields.items() if value}
    return json.dumps({"sha256": sha256, _GOES_ON: number, **kept}, ensure_ascii=False)


def read_documents(lines: Iterable[bytes]) -> Iterator[ArchivedDocument | ValueError]:
    """Every document among lines of any kind; what is wrong with one stands in its place."""
    document: ArchivedDocument | None = None
    passages: list[Passage] = []
    for raw in lines:
        try:
            entry: Any = parse_json(raw) if b'"sha256"' in raw else None
            if not is_document_line(entry):
                continue
            if _BEGINS in entry:
                yield from _whole(document, passages)
                document, passages = None, []
                document = _parse_document(entry)
            elif document and read_field(entry, "sha256", str) == document.sha256:
                passages.append(_parse_passage(entry, len(passages) + 1))
        except (ValueError, OverflowError) as error:
            yield ValueError(str(error)[:200])
    yield from _whole(document, passages)


def _whole(document: ArchivedDocument | None, passages: list[Passage]) -> list[ArchivedDocument]:
    if document is None:
        return []
    return [replace(document, text=replace(document.text, passages=tuple(passages)))]


def _to_place(place: FilePlace) -> dict[str, object]:
    entry = {
        "message": place.message_id,
        "file": to_file(place.file),
        "origin": "" if place.origin == "post" else place.origin,
        "author": {"id": place.author.id, "name": place.author.name} if place.author.id else None,
        "at": None if place.message_id else place.at.isoformat(),
    }
    return {name: value for name, value in entry.items() if value}


def _parse_document(entry: Mapping[str, Any]) -> ArchivedDocument:
    text = DocumentText(
        kind=read_field(entry, "kind", str, ""),
        passages=(),
        title=read_field(entry, "title", str, ""),
        pages=_parse_small(entry, "pages"),
        notes=tuple(map(replace_unstorable, map(str, read_field(entry, "notes", list, [])))),
    )
    places = tuple(map(_parse_place, read_field(entry, _BEGINS, list)))
    sha256 = read_nonempty(entry, "sha256")
    if not _SHA256.fullmatch(sha256):
        raise ValueError("its sha256 is none")
    return ArchivedDocument(sha256, text, places)


def _parse_place(entry: object) -> FilePlace:
    message_id = read_field(entry, "message", str, "")
    origin = read_field(entry, "origin", str, "post")
    if origin not in ("post", "link", "operator") or (origin == "post") != bool(message_id):
        raise ValueError("it was posted in no way that there is")
    author = read_field(entry, "author", dict, {})
    at = read_field(entry, "at", str, "")
    if not (message_id or at):
        raise ValueError("it has no at")
    return FilePlace(
        message_id=message_id,
        file=parse_file(read_field(entry, "file", dict)),
        origin=origin,  # type: ignore[arg-type]  # it is one of these
        author=Author(read_field(author, "id", str, ""), read_field(author, "name", str, "")),
        at=parse_time(at or "1970-01-01T00:00:00+00:00"),
    )


def _parse_passage(entry: Mapping[str, Any], number: int) -> Passage:
    if number > MOST_PASSAGES:
        raise ValueError(f"it has more than {MOST_PASSAGES:,} passages")
    return Passage(
        number=number,
        text=read_field(entry, "text", str, ""),
        heading=read_field(entry, "heading", str, ""),
        first_page=_parse_small(entry, "first_page"),
        last_page=_parse_small(entry, "last_page"),
    )


def _parse_small(entry: Mapping[str, Any], key: str) -> int:
    number = read_field(entry, key, int, 0)
    if not 0 <= number < 2**31:
        raise ValueError(f"its {key} is no number of a page")
    return number
