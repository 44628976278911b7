"""Server-sent events as TGI streams them: the same however the bytes are cut."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.llm.tgi.events import read_events

STREAM = (
    "\ufeffdata: one\n\n:keepalive\n\nevent: message\r\ndata:two\r\n\r\n"
    "data: first line\ndata: second\nid: 7\n\nretry: 3000\n\ndata:\n\ndata: zwölf 🎉\n\ndata: last"
).encode()
EVENTS = ["one", "two", "first line\nsecond", "zwölf 🎉", "last"]


def read(*pieces: bytes) -> list[str]:
    async def stream() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def collect() -> list[str]:
        return [event async for event in read_events(stream())]

    return asyncio.run(collect())


@given(st.sets(st.integers(1, len(STREAM) - 1)))
def test_any_pieces_give_the_same_events(cuts: set[int]) -> None:
    ends = [*sorted(cuts), len(STREAM)]
    pieces = [STREAM[start:end] for start, end in zip([0, *ends], ends, strict=False)]

    assert list(filter(None, read(*pieces))) == EVENTS


@pytest.mark.parametrize("comment", [b":\n\n", b": ping\n\n", b"retry: 5\n\n", b"event: ping\n\n"])
def test_a_comment_is_a_sign_of_life_and_no_event(comment: bytes) -> None:
    assert read(comment) == [""]
