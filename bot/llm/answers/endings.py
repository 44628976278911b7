"""A stream whose end was told, and that stays open: what it cost may still come, and no more."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from bot.llm.answers.pieces import Piece

AFTER_END = 5.0  # seconds in which a server must say what an answer cost, once that is over


async def ending_soon(pieces: AsyncGenerator[Piece, None]) -> AsyncGenerator[Piece, None]:
    """The pieces; those after the end only as long as somebody may be waiting for them."""
    until: float | None = None
    async with aclosing(pieces):
        while True:
            try:
                async with asyncio.timeout_at(until):
                    piece = await anext(pieces, None)
            except TimeoutError:
                return
            if piece is None:
                return
            if piece.finish and until is None:
                until = asyncio.get_running_loop().time() + AFTER_END
            yield piece
