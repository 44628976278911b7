"""Where `nellie web` serves the page right now: a file in NELLIE_HOME, for links back into it.

Its process holds a part of the file's lock, so that what a killed one left behind is not believed.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from bot.store.embedded_postgres.file_locks import open_private, share, take_whole

NAME = "page.url"

log = structlog.get_logger(__name__)


@contextmanager
def announced(home: Path, url: str) -> Iterator[None]:
    """Let others find the page there until the end; of two pages, the newer one."""
    path = home.expanduser() / NAME
    new = path.with_name(f"{NAME}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        file = open_private(new)
    except OSError as error:  # without it, the page is served all the same
        log.warning("page_not_announced", reason=str(error))
        yield
        return
    with file:
        share(file)
        file.write(url.encode())
        new.replace(path)
        try:
            yield
        finally:
            if _is_at(path, file.fileno()):
                path.unlink(missing_ok=True)


def find_served(home: Path) -> str | None:
    """The page's address; None where none is served."""
    try:
        with (home.expanduser() / NAME).open("rb") as file:
            return None if take_whole(file) else file.read().decode()
    except OSError:
        return None


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError:
        return False
