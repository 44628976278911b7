"""Whether a model's server would take a picture: what moves, is cut off or is huge is told; pure.

A server refuses the whole question because of one such picture, and then nobody sees the others.
"""

import struct
from collections.abc import Callable, Iterator
from itertools import islice

from bot.domain.images import Image, jpeg_segments

MOST_POINTS = 50_000_000  # width by height: servers unpack a picture before they make it smaller
LONGEST_SIDE = 16_000
MOST_CHUNKS = 20_000  # of a PNG: what has more was made to be slow
MOST_BLOCKS = 50_000  # of a GIF's frame
BROKEN, MOVES, TOO_LARGE = "it is broken", "it moves", "it is too large"

_ANIMATED_WEBP = 0x02
_SCAN = 0xDA
_SKIPPED_IN_GIF, _FRAME_IN_GIF, _END_OF_GIF = 0x21, 0x2C, 0x3B


def find_flaw(image: Image) -> str:
    """Why it is not shown, for people ("it moves"); empty where nothing is wrong."""
    if image.width * image.height > MOST_POINTS or max(image.width, image.height) > LONGEST_SIDE:
        return TOO_LARGE
    try:
        return _FLAWS[image.media_type](image.data)
    except (struct.error, IndexError, ValueError):
        return BROKEN


def _flaw_of_png(data: bytes) -> str:
    kinds = list(islice(_png_chunks(data), MOST_CHUNKS))
    if b"acTL" in kinds:
        return MOVES
    return "" if b"IDAT" in kinds and kinds[-1] == b"IEND" else BROKEN


def _png_chunks(data: bytes) -> Iterator[bytes]:
    """The kinds of its chunks, up to its end; the last one is empty where it is cut off."""
    place = 8
    while place < len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        if place + 12 + length > len(data):
            yield b""
            return
        yield kind
        if kind == b"IEND":
            return
        place += 12 + length


def _flaw_of_jpeg(data: bytes) -> str:
    """From its own scan on, not from that of a small picture inside it.

    Cameras and programs write something behind the end: it need not be the last word.
    """
    scan = next((place for kind, place in jpeg_segments(data) if kind == _SCAN), len(data))
    return "" if data.find(b"\xff\xd9", scan) > 0 else BROKEN


def _flaw_of_gif(data: bytes) -> str:
    place = 13 + _gif_palette(data[10])
    frames = 0
    while data[place] != _END_OF_GIF:
        if data[place] == _FRAME_IN_GIF:
            frames += 1
            place += 10 + _gif_palette(data[place + 9]) + 1
        elif data[place] == _SKIPPED_IN_GIF:
            place += 2
        else:
            return BROKEN
        place = _behind_blocks(data, place)
        if frames > 1:
            return MOVES
    return "" if frames else BROKEN


def _behind_blocks(data: bytes, place: int) -> int:
    for _ in range(MOST_BLOCKS):
        size = data[place]
        place += 1 + size
        if not size:
            return place
    raise ValueError("too many blocks")


def _gif_palette(flags: int) -> int:
    """Bytes of the palette that these flags announce."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _flaw_of_webp(data: bytes) -> str:
    if data[12:16] == b"VP8X" and data[20] & _ANIMATED_WEBP:
        return MOVES
    (length,) = struct.unpack_from("<I", data, 4)
    return "" if length + 8 <= len(data) else BROKEN


_FLAWS: dict[str, Callable[[bytes], str]] = {
    "image/png": _flaw_of_png,
    "image/jpeg": _flaw_of_jpeg,
    "image/gif": _flaw_of_gif,
    "image/webp": _flaw_of_webp,
}
