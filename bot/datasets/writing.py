"""The folder of a dataset: written beside its place, and moved there when all of it is written."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from bot.datasets.unfinished import FORMER, unfinished_folder
from bot.domain.errors import SettingsError

MANIFEST = "manifest.json"
MADE_BY = "nellie dataset"
_NEW = "new"
_TO_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def refuse_folder(folder: Path, *, replace: bool) -> None:
    """Raises SettingsError where something is there that may not be replaced."""
    try:
        if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
            return
    except OSError as error:
        raise wrong_path(folder, error) from error
    if not folder.is_dir():
        raise SettingsError(name=str(folder), reason="it is there already, and is no folder")
    own = _own_files(folder)
    if not own:
        reason = "it is there already, and holds no dataset: name a new folder"
        raise SettingsError(name=str(folder), reason=reason)
    if other := sorted(one.name for one in folder.iterdir() if one.name not in own or one.is_dir()):
        reason = f"beside a dataset it holds {other[0]}, and is not replaced: name a new folder"
        raise SettingsError(name=str(folder), reason=reason)
    if not replace:
        reason = "it holds a dataset already; --replace replaces it"
        raise SettingsError(name=str(folder), reason=reason)


def _own_files(folder: Path) -> set[str]:
    """What was written here, by the folder's manifest; nothing where it is none of ours."""
    try:
        made = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return set()
    if not isinstance(made, dict) or made.get("made_by") != MADE_BY:
        return set()
    files = made.get("files")
    return {MANIFEST, *(files if isinstance(files, dict) else ())}


def wrong_path(path: Path, error: OSError) -> SettingsError:
    """Why a path cannot be written to or read."""
    return SettingsError(name=str(path), reason=str(error.strerror or error))


class LinesFile:
    """A file of lines of JSON, with its hash."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("xb")
        self._hash = hashlib.sha256()
        self.lines = 0
        self.bytes = 0

    def write(self, line: Mapping[str, Any]) -> None:
        """One line more."""
        data = _TO_JSON(line).encode() + b"\n"
        self._file.write(data)
        self._hash.update(data)
        self.lines += 1
        self.bytes += len(data)

    def finish(self) -> dict[str, Any]:
        """What the manifest says of it, once it is on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return {"lines": self.lines, "bytes": self.bytes, "sha256": self._hash.hexdigest()}

    def close(self) -> None:
        """Give its handle back."""
        self._file.close()


class DatasetFolder:
    """The files of a dataset that is being written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.abandoned = False
        self._files: dict[str, LinesFile] = {}

    def file(self, name: str) -> LinesFile:
        """A file of this name, begun where it is not there."""
        if name not in self._files:
            self._files[name] = LinesFile(self.path / name)
        return self._files[name]

    def finish(self, manifest: Mapping[str, Any]) -> None:
        """Write the manifest, which tells of every file."""
        files = {name: self._files[name].finish() for name in sorted(self._files)}
        with (self.path / MANIFEST).open("x", encoding="utf-8") as file:
            json.dump({**manifest, "files": files}, file, ensure_ascii=False, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())

    def abandon(self) -> None:
        """Leave nothing of it, although nothing went wrong."""
        self.abandoned = True

    def close(self) -> None:
        """Give all handles back."""
        for file in self._files.values():
            file.close()


@contextmanager
def write_folder(folder: Path, *, replace: bool) -> Iterator[DatasetFolder]:
    """A folder that takes its name when the block has ended well. Raises SettingsError.

    Only its owner may read it. Where something goes wrong, nothing is left of it, and one of
    this name that was there before stays.
    """
    folder = folder.resolve()
    refuse_folder(folder, replace=replace)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with unfinished_folder(folder) as unfinished:
            written = DatasetFolder(unfinished / _NEW)
            written.path.mkdir(mode=0o700)
            try:
                yield written
            finally:
                written.close()
            if not written.abandoned:
                refuse_folder(folder, replace=replace)  # somebody may have been there meanwhile
                if folder.exists() and any(folder.iterdir()):
                    os.replace(folder, unfinished / FORMER)
                os.replace(written.path, folder)  # also over an empty folder
    except OSError as error:
        raise wrong_path(folder, error) from error
