"""Small pictures as real programs write them, and what is wrong with some."""

import struct
import zlib
from base64 import b64decode

JPEG = b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP////////////////////////////////////////////////////////////"
    "//////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA="
)
JPEG += b"\xff\xd9"
GIF = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
WEBP = b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><text>sold out</text></svg>'


def png(shade: int = 0, *, width: int = 8, height: int = 8, padding: int = 0) -> bytes:
    """A grey picture; with so many bytes of a comment that nobody sees."""
    rows = (b"\0" + bytes([shade]) * width) * height
    chunks = [
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        *([_chunk(b"tEXt", b"Comment\0" + b"x" * padding)] if padding else []),
        _chunk(b"IDAT", zlib.compress(rows)),
        _chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def moving_png() -> bytes:
    """An animated one, as browsers show it."""
    still = png()
    control = _chunk(b"acTL", struct.pack(">II", 2, 0))
    return still[:33] + control + still[33:]


def moving_gif() -> bytes:
    """Two frames."""
    frame = GIF[GIF.index(b"\x2c", 19) : -1]
    return GIF[:-1] + frame + b"\x3b"


def moving_webp() -> bytes:
    """The head of an animated one."""
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + (7).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_with_small_one() -> bytes:
    """A photo that is cut off, behind the small whole picture that cameras put into its head."""
    inside = struct.pack(">H", 2 + len(JPEG)) + JPEG
    return b"\xff\xd8\xff\xe1" + inside + JPEG[2:-2]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
