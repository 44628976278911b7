"""What the head of a GGUF file says: read here, so that no model has to be loaded for it."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_LONGEST_KEY = 65_535  # bytes, by the format's own rule
_MOST_ENTRIES = 100_000  # more than any file has; a wrong count must not keep us reading
_STRING, _ARRAY = 8, 9
_NUMBERS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
# Kinds of models that write nothing: they make vectors, or are a part of another model.
_NO_CHAT = ("clip", "bert", "nomic-bert", "jina-bert-v2", "modern-bert", "t5encoder")


class NotGGUF(ValueError):
    """A file is no GGUF of a language model; the text says what to do."""


@dataclass(frozen=True, slots=True)
class GGUFHead:
    """What a file says of its model."""

    architecture: str
    context_length: int | None
    """Tokens that the model was made for; None where the file does not say."""


def read_head(path: Path) -> GGUFHead:
    """Read as far as is needed. Raises NotGGUF and OSError."""
    with path.open("rb") as file:
        if file.read(4) != _MAGIC:
            raise NotGGUF("it is no GGUF file; download a model whose name ends in .gguf")
        (version,) = _unpack("I", file)
        if version not in _VERSIONS:
            raise NotGGUF("its version of GGUF is not known; download or convert it anew")
        architecture, length = "", None
        for key, value in _entries(file):
            if key == "general.architecture":
                architecture = str(value)
            elif key == f"{architecture}.context_length" and isinstance(value, int):
                length = value
                break
    if architecture in _NO_CHAT or not architecture:
        kind = architecture or "none that it names"
        raise NotGGUF(f"it holds no model that writes ({kind}); take an instruct or chat model")
    return GGUFHead(architecture, length)


def _entries(file: IO[bytes]) -> Iterator[tuple[str, Any]]:
    _tensors, count = _unpack("QQ", file)
    for _ in range(min(count, _MOST_ENTRIES)):
        key = _read(file, *_unpack("Q", file), most=_LONGEST_KEY).decode("utf-8", "replace")
        (kind,) = _unpack("I", file)
        yield key, _value(kind, file)


def _value(kind: int, file: IO[bytes]) -> Any:
    """A number or a text; of an array nothing, it is only passed over."""
    if kind in _NUMBERS:
        return _unpack(_NUMBERS[kind], file)[0]
    if kind == _STRING:
        return _read(file, *_unpack("Q", file)).decode("utf-8", "replace")
    if kind == _ARRAY:
        inner, count = _unpack("IQ", file)
        if inner in _NUMBERS:
            _skip(file, count * struct.calcsize(f"<{_NUMBERS[inner]}"))
            return None
        for _ in range(count):
            _value(inner, file)
        return None
    raise _damaged()


def _unpack(form: str, file: IO[bytes]) -> tuple[Any, ...]:
    return struct.unpack(f"<{form}", _read(file, struct.calcsize(f"<{form}")))


def _read(file: IO[bytes], size: int, *, most: int = 1 << 24) -> bytes:
    data = file.read(size) if size <= most else b""
    if len(data) != size:
        raise _damaged()
    return data


def _skip(file: IO[bytes], size: int) -> None:
    if size and (size > 1 << 40 or file.seek(size - 1, 1) < 0 or not file.read(1)):
        raise _damaged()


def _damaged() -> NotGGUF:
    return NotGGUF("it is cut off or damaged; download it again")
