"""Writes GGUF files: a true head, and in place of weights what our stand-in for llama.cpp reads."""

import json
import struct
from pathlib import Path
from typing import Any

UINT32, STRING, ARRAY = 4, 8, 9


def text(value: str) -> bytes:
    """A text as GGUF has it."""
    return struct.pack("<Q", len(value.encode())) + value.encode()


def entry(key: str, value: int | str | list[str]) -> bytes:
    """One entry of the head."""
    match value:
        case int():
            return text(key) + struct.pack("<II", UINT32, value)
        case str():
            return text(key) + struct.pack("<I", STRING) + text(value)
        case list():
            inner = b"".join(map(text, value))
            return text(key) + struct.pack("<IIQ", ARRAY, STRING, len(value)) + inner


def head(entries: dict[str, Any], version: int = 3) -> bytes:
    """The head of a file."""
    written = b"".join(entry(key, value) for key, value in entries.items())
    return b"GGUF" + struct.pack("<IQQ", version, 1, len(entries)) + written


def write_gguf(
    path: Path, *, architecture: str = "llama", context_length: int = 4096, **behaviour: str
) -> Path:
    """A model: `template` and `loading` say how our stand-in behaves."""
    entries = {
        "general.architecture": architecture,
        "general.name": "Tiny",
        f"{architecture}.context_length": context_length,
        "tokenizer.ggml.tokens": ["a", "b"],
    }
    path.write_bytes(head(entries) + b"\n" + json.dumps(behaviour).encode())
    return path
