"""A zip whose end is missing, and with it the list of its files: those that are whole."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_HEADER = struct.Struct("<4s5H3L2H")
_SIGNATURE = b"PK\x03\x04"
_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 0x1, 0x8, 0x800
_STORED, _DEFLATED = 0, 8
_PIECE = 2**16  # bytes read at a time


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the zip, and how far it is there."""

    name: str
    start: int
    deflated: bool
    size: int
    """Bytes when it is inflated, as far as they are there."""
    whole: bool


def find_members(stream: BinaryIO, most: int) -> Iterator[Member]:
    """The files from the first on, as long as they can be told; none is inflated beyond `most`."""
    at = 0
    while True:
        stream.seek(at)
        raw = stream.read(_HEADER.size)
        if len(raw) < _HEADER.size or not raw.startswith(_SIGNATURE):
            return
        _, _, flags, method, *_, packed, size, name_size, extra = _HEADER.unpack(raw)
        name = stream.read(name_size).decode("utf-8" if flags & _UTF8 else "cp437", "replace")
        start = at + _HEADER.size + name_size + extra
        if flags & _ENCRYPTED or method not in (_STORED, _DEFLATED):
            return
        if method == _STORED and flags & _SIZES_FOLLOW:
            return  # only its content could say where it ends
        if method == _DEFLATED:
            size, at, whole = _measure(stream, start, most)
        else:
            stream.seek(start)
            there = len(stream.read(min(size, most)))
            size, at, whole = there, start + packed, there == size
        yield Member(name, start, method == _DEFLATED, size, whole)
        if not whole:
            return
        at += _descriptor_size(stream, at) if flags & _SIZES_FOLLOW else 0


def read_member(stream: BinaryIO, member: Member) -> tuple[bytes, str]:
    """What there is of it, and why that may not be all."""
    fault = "" if member.whole else "the zip ends in the middle of it"
    stream.seek(member.start)
    if not member.deflated:
        return stream.read(member.size), fault
    return b"".join(_inflate(stream, member.size)), fault


def _measure(stream: BinaryIO, start: int, most: int) -> tuple[int, int, bool]:
    """(bytes inflated, where it ends in the zip, whether that is its end)."""
    stream.seek(start)
    inflater, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
    try:
        while not inflater.eof and size <= most and (raw := stream.read(_PIECE)):
            data = inflater.decompress(raw)
            size += len(data)
    except zlib.error:
        return size, stream.tell(), False
    return size, stream.tell() - len(inflater.unused_data), inflater.eof


def _inflate(stream: BinaryIO, size: int) -> Iterator[bytes]:
    inflater, left = zlib.decompressobj(-zlib.MAX_WBITS), size
    while left > 0 and not inflater.eof and (raw := stream.read(_PIECE)):
        try:
            data = inflater.decompress(raw, left)
        except zlib.error:
            return
        left -= len(data)
        yield data


def _descriptor_size(stream: BinaryIO, at: int) -> int:
    """Behind what did not say its sizes before, they follow: with a signature or without."""
    stream.seek(at)
    return 16 if stream.read(4) == b"PK\x07\x08" else 12
