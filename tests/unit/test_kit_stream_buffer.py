"""A stream buffer reads text as it comes, and hands it over when it is asked for."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.kit import stream_buffer
from adapters.kit.stream_buffer import buffer_stream


class Source:
    """Text that comes when the test says so."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[str | Exception | None] = asyncio.Queue()
        self.closed = False

    def send(self, *pieces: str | Exception | None) -> None:
        """None ends the text; an exception breaks it off."""
        for piece in pieces:
            self._pieces.put_nowait(piece)

    async def stream(self) -> AsyncIterator[str]:
        try:
            while (piece := await self._pieces.get()) is not None:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            self.closed = True


@pytest.fixture
def source() -> Source:
    return Source()


async def test_take_returns_what_is_new(source: Source) -> None:
    async with buffer_stream(source.stream()) as buffer:
        source.send("Hello")
        assert await buffer.wait_for_more()
        assert buffer.take() == "Hello"
        assert buffer.take() == ""

        source.send(" world", None)
        assert await buffer.wait_for_end()
        assert buffer.take() == " world"

        assert buffer.complete
        assert buffer.text == "Hello world"


async def test_waits_no_longer_than_it_is_told(source: Source) -> None:
    async with buffer_stream(source.stream()) as buffer:
        assert not await buffer.wait_for_words(0.01)
        assert not await buffer.wait_for_more(0.01)
        assert not await buffer.wait_for_end(0.01)

        source.send("abc")
        assert await buffer.wait_for_more(5)
        assert not buffer.ended


@pytest.mark.parametrize(
    "text",
    ["It is on Monday. And", "Am Montag!\n", "「月曜日です。」次", "- a list\n", 'He said "no." T'],
)
async def test_the_first_text_is_shown_with_its_first_sentence(
    source: Source, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(stream_buffer, "WORTH_WAITING", 60)
    async with buffer_stream(source.stream()) as buffer, asyncio.timeout(5):
        source.send(text)

        await buffer.wait_for_first_text()

        assert buffer.text == text


@pytest.mark.parametrize("text", ["Version 3.11 of", "It", "https://example.org/a.b"])
async def test_half_a_sentence_is_waited_with_for_a_moment(
    source: Source, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    async with buffer_stream(source.stream()) as buffer, asyncio.timeout(5):
        source.send(text)
        await buffer.wait_for_first_text()  # ends, though no sentence does

        monkeypatch.setattr(stream_buffer, "WORTH_WAITING", 60)
        waiting = asyncio.create_task(buffer.wait_for_first_text())
        await asyncio.sleep(stream_buffer.BURST * 2)
        assert not waiting.done()
        source.send(". ")
        await waiting


async def test_an_answer_that_comes_at_once_is_waited_for_to_its_end(source: Source) -> None:
    async with buffer_stream(source.stream()) as buffer:
        source.send("One. ", "Two. ", "Three.", None)

        await buffer.wait_for_first_text()

        assert buffer.complete


async def test_blank_text_is_no_word(source: Source) -> None:
    async with buffer_stream(source.stream()) as buffer:
        source.send("\n ")

        assert await buffer.wait_for_more(5)
        assert not await buffer.wait_for_words(0.01)
        source.send("word")
        assert await buffer.wait_for_words(5)


async def test_every_wait_ends_with_the_text(source: Source) -> None:
    async with buffer_stream(source.stream()) as buffer:
        waits = [
            asyncio.create_task(wait)
            for wait in (
                buffer.wait_for_words(5),
                buffer.wait_for_more(5),
                buffer.wait_for_end(5),
            )
        ]
        await asyncio.sleep(0.01)
        source.send(None)

        assert await asyncio.gather(*waits) == [True] * 3


async def test_a_failure_of_the_source_is_raised_where_its_text_is_taken(source: Source) -> None:
    async with buffer_stream(source.stream()) as buffer:
        source.send("half", ValueError("broken"))

        assert await buffer.wait_for_end(5)
        assert buffer.ended
        assert not buffer.complete
        with pytest.raises(ValueError, match="broken"):
            buffer.take()
        with pytest.raises(ValueError, match="broken"):
            await buffer.read_all()


async def test_leaving_the_block_stops_the_reading(source: Source) -> None:
    async with buffer_stream(source.stream()) as buffer:
        source.send("something")
        await buffer.wait_for_more(5)

    assert source.closed
    assert buffer.ended
