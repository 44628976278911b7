"""What the examination finds of reading files: whether the process for it runs, and PDFs."""

import importlib.metadata
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from bot.config.extras import how_to_install
from bot.documents.process import read_in_process
from bot.domain.documents import NotReadable
from bot.domain.ports import Finding

_LIBRARY = "pypdfium2"


async def examine_documents() -> AsyncIterator[Finding]:
    """A small file is read in the way of every other."""
    try:
        with tempfile.NamedTemporaryFile(prefix="nellie-doctor-") as file:
            file.write(b"Ropes are checked weekly.")
            file.flush()
            await read_in_process(Path(file.name), "note.txt")
    except (NotReadable, OSError) as error:
        mend = "see to it that Nellie may start processes and has a folder for temporary files"
        yield Finding("documents", "wrong", f"files cannot be read: {error}", mend)
        return
    try:
        version = importlib.metadata.version(_LIBRARY)
    except importlib.metadata.PackageNotFoundError:
        what = "files are read, but no PDFs"
        yield Finding("documents", "note", what, how_to_install("documents"))
    else:
        yield Finding("documents", "ok", f"files are read, PDFs too ({_LIBRARY} {version})")
