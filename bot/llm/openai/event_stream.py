"""The bytes of a stream -> server-sent events, however they are cut."""

from collections.abc import AsyncIterator, Iterator

# The SDK's own parser is whole; what it makes of events without data is not for us.
from openai._streaming import ServerSentEvent, SSEDecoder, _SSELineDecoder


class EventDecoder(SSEDecoder):
    """The SDK's parser of server-sent events, as the standard has it.

    An event without data is none (a ping, `retry:`, an id), a byte order mark no part of a field. A
    line of JSON that no field begins is read all the same: that is how some servers break off.
    """

    async def read(self, raw: AsyncIterator[bytes]) -> AsyncIterator[ServerSentEvent | None]:
        """The events; None for bytes that complete none, such as a comment: a sign of life."""
        lines, is_between_events = _SSELineDecoder(), True
        async for some in raw:
            if is_between_events and (plain := _plain_events(some)):
                for event in plain:
                    yield event
                continue
            is_between_events = some.endswith(b"\n\n")
            found = False
            for event in self._decode_lines(lines.feed(some)):
                found = True
                yield event
            if not found:
                yield None
        for event in self._decode_lines(iter([*lines.finish(), b""])):
            yield event

    def _decode_lines(self, lines: Iterator[bytes]) -> Iterator[ServerSentEvent]:
        for line in lines:
            text = line.decode("utf-8", "replace").removeprefix("\ufeff")
            if text.startswith(('{"', '[{"')):
                yield ServerSentEvent(data=text)
                continue
            event = self.decode(text)
            if event and event.data.strip():
                yield event


def _plain_events(some: bytes) -> list[ServerSentEvent]:
    """Whole events of one line of JSON each, as nearly all bytes are; empty where they are else."""
    if not some.endswith(b"\n\n") or b"\r" in some:
        return []
    events = some[:-2].split(b"\n\n")
    if any(b"\n" in one or not one.startswith((b"data: {", b"data: [")) for one in events):
        return []
    return [ServerSentEvent(data=one[6:].decode("utf-8", "replace")) for one in events]
