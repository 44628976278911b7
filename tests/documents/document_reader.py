"""Reading in the test's own process, where no limit of the system is needed."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from bot.documents.limits import Limits
from bot.documents.reading import read_document
from bot.domain.documents import DocumentText

FILES = Path(__file__).with_name("files")


def read_file(name: str) -> DocumentText:
    """One of the files that LibreOffice made."""
    return read_document(FILES / name, name, "", Limits(), lambda done, total: None)


def read_bytes(
    folder: Path,
    data: bytes | str,
    name: str = "file",
    media_type: str = "",
    limits: Limits = Limits(),  # noqa: B008 - it cannot be changed
) -> DocumentText:
    """A file that a test makes up."""
    path = folder / "posted"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_document(path, name, media_type, limits, lambda done, total: None)


def whole(document: DocumentText) -> str:
    """All that it says, with the headings above its passages."""
    return "\n".join(f"{one.heading}\n{one.text}" for one in document.passages)


def zipped(entries: Mapping[str, bytes | str]) -> bytes:
    """A zip of these."""
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
    return made.getvalue()
