"""One line of .env: set so that all others stay, and so that nobody else can read it."""

import io
import os
import re
import stat
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.domain.errors import NellieError

PRIVATE = 0o600
BOM = "\ufeff"


class CannotWrite(NellieError):
    """The file cannot be written. Details: path, reason."""

    text = "{path} cannot be written: {reason}."


class EnvFile:
    """A file of settings, as `nellie` reads it in the folder where it is started."""

    def __init__(self, path: Path, written_by: str) -> None:
        """`written_by` is the command that the comment above a line names."""
        self.path = path
        self._comment = f"# Written by `{written_by}`"

    def check(self) -> None:
        """Whether it could be written. Raises CannotWrite, which says why not."""
        target = self._target()
        folder = target.parent
        if not folder.is_dir():
            raise self._refusal(f"there is no folder {folder}")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise self._refusal(f"you may not write into {folder}; start this in a folder of yours")
        if not target.exists():
            return
        found = target.stat()
        if not stat.S_ISREG(found.st_mode):
            raise self._refusal("it is no file; move it away")
        if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
            raise self._refusal("it belongs to another user; start this as that user")
        if not found.st_mode & stat.S_IWUSR:
            raise self._refusal(f"it is read-only; allow it by: chmod u+w {self.path}")
        self._read()

    def write(self, name: str, value: str) -> None:
        """Set one variable, in place of its line or at the end. Raises CannotWrite.

        The file is replaced in one step: whoever reads it meanwhile sees the old or the new one.
        """
        self.check()
        text = self._with_line(self._read(), name, value)
        if dotenv_values(stream=io.StringIO(text)).get(name) != value:
            reason = f"a quotation mark in it is not closed; put {name} into it by hand"
            raise self._refusal(reason)
        try:
            _replace(self._target(), text)
        except OSError as error:
            raise self._refusal(error.strerror or type(error).__name__) from None

    def _with_line(self, text: str, name: str, value: str) -> str:
        newline = "\r\n" if "\r\n" in text else "\n"
        comment = f"{self._comment}, {datetime.now(UTC):%Y-%m-%d}.{newline}"
        start, end, export = _place(text, name)
        before = text[:start]
        if before and not before.endswith(("\n", "\r")):
            before += newline
        lines = before.splitlines(keepends=True)
        if lines and lines[-1].startswith("# Written by `"):  # what stood above the former value
            before = "".join(lines[:-1])
        return f"{before}{comment}{export}{name}={value}{newline}{text[end:]}"

    def _read(self) -> str:
        try:
            return self._target().read_bytes().decode()
        except FileNotFoundError:
            return ""
        except UnicodeDecodeError:
            raise self._refusal("it is not written in UTF-8; save it so") from None
        except OSError as error:
            raise self._refusal(error.strerror or type(error).__name__) from None

    def _target(self) -> Path:
        """The file behind symbolic links, which stay."""
        return Path(os.path.realpath(self.path))

    def _refusal(self, reason: str) -> CannotWrite:
        return CannotWrite(path=self.path, reason=reason)


def _place(text: str, name: str) -> tuple[int, int, str]:
    """Where the line of a variable begins and ends, and what stands before its name.

    It is the last one that sets it, which counts; else one that waits for it (`#NAME=`); else the
    end of the file.
    """
    at = len(BOM) if text.startswith(BOM) else 0
    found: tuple[int, int, str] | None = None
    for binding in parse_stream(io.StringIO(text)):
        whole = binding.original.string
        if binding.key == name:
            blank = len(whole) - len(whole.lstrip())
            export = "export " if whole[blank:].startswith("export") else ""
            found = (at + blank, at + len(whole), export)
        at += len(whole)
    if found:
        return found
    if waiting := re.search(rf"^#[ \t]*{name}=[ \t]*(?:\r?\n|\Z)", text, re.MULTILINE):
        return waiting.start(), waiting.end(), ""
    return len(text), len(text), ""


def _replace(target: Path, text: str) -> None:
    descriptor, temporary = tempfile.mkstemp(prefix=f"{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, PRIVATE)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
