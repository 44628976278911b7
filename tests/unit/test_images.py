"""A picture's kind and size, read from its own bytes, and what it is thought to cost."""

import struct

import pytest

from bot.domain.images import FEWEST_TOKENS, MOST_TOKENS, Image
from bot.domain.model import ChatMessage, Prompt


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x02"


def jpeg(width: int, height: int) -> bytes:
    app = b"\xff\xe0" + struct.pack(">H", 16) + bytes(14)
    padding = b"\xff"
    return b"\xff\xd8" + app + padding + b"\xff\xc2" + struct.pack(">HBHH", 17, 8, height, width)


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + bytes(3)


def webp(kind: bytes, rest: bytes) -> bytes:
    return b"RIFF" + bytes(4) + b"WEBP" + kind + bytes(4) + rest


EXTENDED = webp(b"VP8X", bytes(4) + (799).to_bytes(3, "little") + (599).to_bytes(3, "little"))
LOSSLESS = webp(b"VP8L", b"\x2f" + struct.pack("<I", 799 | 599 << 14))
LOSSY = webp(b"VP8 ", bytes(3) + b"\x9d\x01\x2a" + struct.pack("<HH", 800, 600))


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (png(800, 600), "image/png"),
        (jpeg(800, 600), "image/jpeg"),
        (gif(800, 600), "image/gif"),
        (EXTENDED, "image/webp"),
        (LOSSLESS, "image/webp"),
        (LOSSY, "image/webp"),
    ],
)
def test_reads_kind_and_size_from_the_bytes(data: bytes, media_type: str) -> None:
    image = Image.read(data)

    assert image is not None
    assert (image.media_type, image.width, image.height) == (media_type, 800, 600)
    assert str(image) == f"{media_type}, 800 x 600"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html>Sign in</html>",
        png(800, 600)[:20],
        png(0, 600),
        jpeg(800, 600)[:12],
        b"\xff\xd8\xff\xd9",
        b"GIF89a\x01",
        webp(b"ANIM", bytes(20)),
    ],
)
def test_takes_nothing_for_a_picture_that_is_none(data: bytes) -> None:
    assert Image.read(data) is None


@pytest.mark.parametrize(
    ("width", "height", "tokens"),
    [(1, 1, FEWEST_TOKENS), (280, 280, 100), (281, 280, 110), (9_000, 9_000, MOST_TOKENS)],
)
def test_counts_a_picture_by_its_patches(width: int, height: int, tokens: int) -> None:
    assert Image(b"", "image/png", width, height).tokens == tokens


def test_counts_pictures_into_the_prompt() -> None:
    text = Prompt("answer", (ChatMessage("user", "What is this?"),), 100)
    seen = Prompt(
        "answer",
        (ChatMessage("user", "What is this?", (Image(b"", "image/png", 280, 280),) * 2),),
        100,
    )

    assert seen.tokens == text.tokens + 200
    assert seen.has_images
    assert not text.has_images
