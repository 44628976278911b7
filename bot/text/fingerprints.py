"""Telling people apart without knowing who they are; pure."""

import hashlib


def fingerprint(platform: str, person_id: str) -> str:
    """The same for the same person of a platform, and no id."""
    return hashlib.sha256(f"{platform} {person_id}".encode("utf-8", "replace")).hexdigest()[:32]
