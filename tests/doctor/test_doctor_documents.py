"""What the doctor says of reading files."""

import importlib.metadata
from pathlib import Path

import pytest

from bot.doctor.documents import examine_documents
from bot.domain.ports import Finding


async def finding() -> Finding:
    """The only one."""
    [found] = [one async for one in examine_documents()]
    return found


async def test_files_and_pdfs_are_read() -> None:
    pytest.importorskip("pypdfium2")

    found = await finding()

    assert (found.name, found.state) == ("documents", "ok")
    assert found.what.startswith("files are read, PDFs too (pypdfium2 ")


async def test_without_the_extra_it_is_said_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", missing)

    found = await finding()

    assert found.state == "note"
    assert found.mend.startswith("pip install '")
    assert "'pypdfium2" in found.mend
    assert "nellie" not in found.mend, "which is another project's name at PyPI"


async def test_without_a_folder_for_temporary_files_nothing_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))

    found = await finding()

    assert found.state == "wrong"
    assert "files cannot be read" in found.what
