"""What `nellie doctor` and an import find."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `nellie doctor` looked at."""

    name: str
    state: Literal["ok", "note", "wrong"]
    """A note is something that may be meant so."""
    what: str
    """What was found, in a few words."""
    mend: str = ""
    """Exactly what to do about it."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A part of an archive that cannot be imported, and why."""

    path: str
    line: int
    reason: str
