"""The folder of a dataset: written beside its place, and moved there when all of it is written."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from bot.domain.errors import SettingsError

MANIFEST = "manifest.json"
MADE_BY = "nellie dataset"
KEY_BYTES = 32
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
    if not is_dataset(folder):
        reason = "it is there already, and holds no dataset: name a new folder"
        raise SettingsError(name=str(folder), reason=reason)
    if not replace:
        reason = "it holds a dataset already; --replace replaces it"
        raise SettingsError(name=str(folder), reason=reason)


def is_dataset(folder: Path) -> bool:
    """Whether a folder is one that was written here."""
    try:
        made = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(made, dict) and made.get("made_by") == MADE_BY


def read_key(path: Path) -> bytes:
    """The key of a file, which is made where it is not there. Raises SettingsError."""
    try:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            key = path.read_bytes().strip()
        else:
            key = os.urandom(KEY_BYTES).hex().encode()
            with open(descriptor, "wb") as file:
                file.write(key + b"\n")
    except OSError as error:
        raise wrong_path(path, error) from error
    if len(key) < KEY_BYTES // 2:
        reason = f"it is no key: {KEY_BYTES // 2} bytes of chance at least"
        raise SettingsError(name=str(path), reason=reason)
    return key


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
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", suffix=".part", dir=folder.parent))
    except OSError as error:
        raise wrong_path(folder, error) from error
    try:
        written = DatasetFolder(part)
        try:
            yield written
        finally:
            written.close()
        if not written.abandoned:
            _move(part, folder)
    except OSError as error:
        raise wrong_path(folder, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _move(part: Path, folder: Path) -> None:
    if not folder.exists() or not any(folder.iterdir()):
        os.replace(part, folder)  # also over an empty folder
        return
    former = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", suffix=".former", dir=folder.parent))
    os.replace(folder, former)
    os.replace(part, folder)
    shutil.rmtree(former, ignore_errors=True)
