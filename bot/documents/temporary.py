"""Where files stand while they are read: private, gone with each file, and after a crash.

The folder of a process holds a lock that the kernel releases when it is killed. Whoever comes next
deletes the folders that nobody holds.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":  # there, what a crash leaves stays until the system clears it
    import fcntl

PREFIX = "nellie-reading-"
_UNHELD = "nellie-unheld-"  # while it has no lock, it has no files
_LOCK = "lock"


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder that nobody else may look into, as long as the block lasts."""
    sweep()
    made = Path(tempfile.mkdtemp(prefix=_UNHELD))
    with (made / _LOCK).open("wb") as lock:
        _try_lock(lock.fileno())
        folder = made.rename(made.with_name(PREFIX + made.name.removeprefix(_UNHELD)))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Delete what processes have left that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # another's, or gone at this moment
            if not folder.is_symlink():
                _delete_unless_held(folder)


def _delete_unless_held(folder: Path) -> None:
    with (folder / _LOCK).open("r+b") as lock:
        if _try_lock(lock.fileno()):
            shutil.rmtree(folder)


def _try_lock(file: int) -> bool:
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
