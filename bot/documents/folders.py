"""The files of a folder of this machine, as whoever operates Nellie adds them to a channel."""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.documents import LONGEST_NAME, PostedFile
from bot.domain.errors import CommandError
from bot.text.sanitize import clean

LONGEST_PATH = 2_000  # bytes: it is a key of the database
PIECE = 2**20  # bytes that are read at once
_OF_SYSTEMS = {"thumbs.db", "desktop.ini", "__macosx"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFile:
    """A file of this machine."""

    path: str
    """Absolute, which is what it is known by."""
    name: str
    """Below the folder that was added."""
    size: int

    @property
    def posted(self) -> PostedFile:
        """As a channel has it."""
        return PostedFile(id=self.path, name=self.name, size=self.size)

    def sha256(self) -> str:
        """Of what it holds now. Raises OSError."""
        with open(self.path, "rb") as file:
            digest = hashlib.sha256()
            while piece := file.read(PIECE):
                digest.update(piece)
            return digest.hexdigest()


@dataclass(slots=True)
class Found:
    """What a folder holds."""

    root: Path
    """Where it is, by the name that it was given: a link that leads there stays one."""
    files: list[LocalFile] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    """By its path: why a file cannot be taken."""
    left_out: dict[str, int] = field(default_factory=dict)
    """How many were not meant, by what they are."""

    def leave_out(self, kind: str) -> None:
        """Note one that is not meant."""
        self.left_out[kind] = self.left_out.get(kind, 0) + 1


def find_files(path: Path) -> Found:
    """A file, or those below a folder, by name. Links, hidden ones and pictures are left out.

    A link would lead out of the folder, or round in it. Raises CommandError where nothing is there.
    """
    try:
        found = Found(root=Path(os.path.abspath(path.expanduser())))
        is_folder = stat.S_ISDIR(found.root.stat().st_mode)
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandError(reason=f"{clean(str(path))[:200]}: {reason}") from None
    if is_folder:
        for one in _walk(found.root, found):
            _take(one, one.relative_to(found.root).as_posix(), found)
    else:
        _take(found.root, found.root.name, found)
    return found


def _walk(root: Path, found: Found) -> Iterator[Path]:
    def cannot_list(error: OSError) -> None:
        found.faults[str(error.filename)] = error.strerror or type(error).__name__

    for folder, folders, files in os.walk(root, onerror=cannot_list):
        folders[:] = sorted(one for one in folders if _is_meant(Path(folder, one), found))
        yield from (path for one in sorted(files) if _is_meant(path := Path(folder, one), found))


def _is_meant(path: Path, found: Found) -> bool:
    name = path.name
    if name.startswith((".", "~$")) or name.lower() in _OF_SYSTEMS:
        found.leave_out("hidden")
    elif path.is_symlink():
        found.leave_out("link")
    else:
        return True
    return False


def _take(path: Path, name: str, found: Found) -> None:
    shown = clean(name)
    file = LocalFile(
        path=str(path), name=shown if len(shown) <= LONGEST_NAME else clean(path.name), size=0
    )
    if fault := _fault(path):
        found.faults[file.path] = fault
    elif file.posted.kind != "document":
        found.leave_out(file.posted.kind)
    else:
        found.files.append(LocalFile(path=file.path, name=file.name, size=path.stat().st_size))


def _fault(path: Path) -> str:
    """Why a file cannot be taken; empty where it can."""
    try:
        if len(str(path).encode()) > LONGEST_PATH:
            return "its path is too long"
        if not stat.S_ISREG(path.stat().st_mode):
            return "it is no file"
    except UnicodeEncodeError:
        return "its name is not in the encoding of this system"
    except OSError as error:
        return error.strerror or type(error).__name__
    return "" if os.access(path, os.R_OK) else "this user may not read it"
