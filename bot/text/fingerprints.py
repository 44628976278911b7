"""Telling people apart without knowing who they are; pure."""

import hashlib
import json


def fingerprint(platform: str, person_id: str) -> str:
    """The same for the same person of a platform, and no id."""
    return hashlib.sha256(f"{platform} {person_id}".encode("utf-8", "replace")).hexdigest()[:32]


def lock_number(name: str) -> int:
    """A number for an advisory lock of this name: 31 bits, and never 0."""
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "replace")).digest()[:4]) >> 1 or 1


def mark(*parts: str | int) -> str:
    """The same for the same parts alone, however they are cut; nobody reads them from it."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
