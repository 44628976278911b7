"""A picture that goes to a model with a message, and what it costs there; pure."""

import struct
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import ceil

# A model sees a picture in patches; most take a token for 28 by 28 points of it, after making it
# smaller than this many. Where OpenAI counts in tiles, the estimate is rather high.
PATCH = 28
FEWEST_TOKENS, MOST_TOKENS = 85, 1_600

MOST_PADDING = 64  # bytes between two segments of a JPEG
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture itself, never an address: a model's server would fetch that unasked."""

    data: bytes = field(repr=False)
    media_type: str
    """What it is, by its own first bytes: image/png, image/jpeg, image/gif or image/webp."""
    width: int
    height: int
    name: str = field(default="", compare=False)
    """What its file is called, where it has one."""
    beside: bool = field(default=False, compare=False)
    """It came with the conversation, not with the question: that it is left out is no news."""

    @classmethod
    def read(cls, data: bytes) -> "Image | None":
        """The picture in these bytes, whatever they were called; None where there is none."""
        for media_type, begins, read_size in _KINDS:
            if begins(data):
                try:
                    width, height = read_size(data)
                except (struct.error, IndexError, ValueError):
                    return None
                return cls(data, media_type, width, height) if width and height else None
        return None

    @property
    def tokens(self) -> int:
        """Our estimate of what it takes of a context window: docs/models.md states it."""
        patches = ceil(self.width / PATCH) * ceil(self.height / PATCH)
        return min(MOST_TOKENS, max(FEWEST_TOKENS, patches))

    @property
    def data_url(self) -> str:
        """The whole picture as an address that needs no fetching."""
        return f"data:{self.media_type};base64,{b64encode(self.data).decode()}"

    def __str__(self) -> str:
        what = f"{self.media_type}, {self.width:,} x {self.height:,}"
        return f"{self.name}: {what}" if self.name else what


@dataclass(frozen=True, slots=True)
class UnseenPicture:
    """A picture that a model is not shown."""

    name: str
    reason: str
    """For people: "it moves"."""
    beside: bool = False
    """As of an Image."""


def _png_size(data: bytes) -> Size:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif_size(data: bytes) -> Size:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _jpeg_size(data: bytes) -> Size:
    """From its first frame header."""
    for kind, place in jpeg_segments(data):
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, place + 5)
            return width, height
    raise ValueError("no frame")


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """The kinds and places of what stands before the picture itself, each with its length.

    Raises ValueError, IndexError and struct.error where that is broken.
    """
    place = 2
    while data[place] == 0xFF:
        padding = data[place : place + MOST_PADDING]
        place += len(padding) - len(padding.lstrip(b"\xff")) - 1
        kind = data[place + 1]
        if kind == 0xFF:
            raise ValueError("nothing but padding")
        yield kind, place
        place += 2 + struct.unpack_from(">H", data, place + 2)[0]


def _webp_size(data: bytes) -> Size:
    match data[12:16]:
        case b"VP8X":
            return (
                1 + int.from_bytes(data[24:27], "little"),
                1 + int.from_bytes(data[27:30], "little"),
            )
        case b"VP8L":
            bits = struct.unpack_from("<I", data, 21)[0]
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
    raise ValueError("no picture")


_KINDS: tuple[tuple[str, Callable[[bytes], bool], Callable[[bytes], Size]], ...] = (
    ("image/png", lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"), _png_size),
    ("image/jpeg", lambda data: data.startswith(b"\xff\xd8\xff"), _jpeg_size),
    ("image/gif", lambda data: data.startswith((b"GIF87a", b"GIF89a")), _gif_size),
    ("image/webp", lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP", _webp_size),
)
