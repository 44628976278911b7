"""XML as a stream of events. Nothing is defined in it, fetched for it, or nested without end."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal
from xml.parsers import expat

from bot.domain.documents import NotReadable

DEEPEST = 500  # elements in one another; Word nests some thirty
_RELATION = "/relationships"

_NOTHING: Mapping[str, str] = {}

Event = tuple[Literal["start", "end", "text"], str, Mapping[str, str]]
"""What happens; the element's name or the text; the element's attributes."""


def read_xml(pieces: Iterable[bytes]) -> Iterator[Event]:
    """Names without their namespaces, but for attributes that name a relationship ("r:id").

    Raises NotReadable for a document type, with which entities would come; ExpatError.
    """
    reader = _Reader()
    for piece in pieces:
        yield from reader.read(piece)
    yield from reader.read(b"", last=True)


class _Reader:
    def __init__(self) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        self._parser = parser
        self._events: list[Event] = []
        self._names: dict[str, str] = {}
        self._depth = 0

    def read(self, piece: bytes, *, last: bool = False) -> list[Event]:
        self._parser.Parse(piece, last)
        events, self._events = self._events, []
        return events

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotReadable("its parts are nested too deeply")
        if attributes:
            attributes = {self._attribute(key): value for key, value in attributes.items()}
        self._events.append(("start", self._local(name), attributes))

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._events.append(("end", self._local(name), _NOTHING))

    def _text(self, text: str) -> None:
        self._events.append(("text", text, _NOTHING))

    def _local(self, name: str) -> str:
        found = self._names.get(name)
        if found is None:
            found = self._names[name] = name.rpartition(" ")[2]
        return found

    def _attribute(self, name: str) -> str:
        if " " not in name:
            return name
        space, _, local = name.rpartition(" ")
        return f"r:{local}" if space.endswith(_RELATION) else local

    def _refuse(self, *declaration: object) -> None:
        raise NotReadable("it defines entities of its own, which is how files do harm")
