"""What is packed or piped is laid out, and nothing beyond it."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from bot.archives import unpacking
from bot.archives.unpacking import kept, unpacked
from bot.domain.errors import ArchiveError


def laid_out(path: Path) -> dict[str, bytes]:
    with unpacked(path) as files:
        found = [one for one in files.path.rglob("*") if one.is_file()]
        return {str(one.relative_to(files.path)): one.read_bytes() for one in found}


def test_a_zip_gives_texts_alone_and_nothing_that_leads_out(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name in ("a.txt", "in/#ubuntu.2024-03-01", "in/b.json", "p.jpg", "v.mp4", "../c.txt"):
            packed.writestr(name, name)
        for name in ("/d.txt", "..\\e.txt", "C:\\f.txt", "__MACOSX/g.txt", ".hidden/h.txt"):
            packed.writestr(name, name)
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        packed.writestr(link, "/etc/passwd")

    assert set(laid_out(path)) == {"a.txt", "in/#ubuntu.2024-03-01", "in/b.json"}


def test_a_tar_gives_files_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    with tarfile.open(path, "w:gz") as packed:
        for name, kind in (("a.txt", b"0"), ("../b.txt", b"0"), ("l.txt", b"2"), ("f.txt", b"6")):
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.size = kind, "/etc/passwd", 0
            packed.addfile(member, io.BytesIO())

    assert set(laid_out(path)) == {"a.txt"}


@pytest.mark.parametrize("kind", ["zip", "gz", "tar.gz"])
def test_what_grows_beyond_all_measure_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(unpacking, "ALWAYS", 100_000)
    path, big = tmp_path / f"x.{kind}", b"x" * 2_000_000
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("a.txt", big)
    elif kind == "gz":
        path.write_bytes(gzip.compress(big))
    else:
        with tarfile.open(path, "w:gz") as packed_tar:
            member = tarfile.TarInfo("a.txt")
            member.size = len(big)
            packed_tar.addfile(member, io.BytesIO(big))

    with pytest.raises(ArchiveError, match="grows beyond all measure"):
        laid_out(path)


@pytest.mark.parametrize("kind", ["gz", "tar.gz"])
def test_of_what_is_cut_off_the_beginning_is_there_and_the_fault_is_told(
    tmp_path: Path, kind: str
) -> None:
    lines = "".join(f"line {number} of the log\n" for number in range(50_000)).encode()
    whole = tmp_path / "whole"
    if kind == "gz":
        whole.write_bytes(gzip.compress(lines))
    else:
        with tarfile.open(whole, "w:gz") as packed:
            member = tarfile.TarInfo("a.txt")
            member.size = len(lines)
            packed.addfile(member, io.BytesIO(lines))
    path = tmp_path / f"x.{kind}"
    path.write_bytes(whole.read_bytes()[:-1_000])

    with unpacked(path) as files:
        assert files.faults


def test_a_pipe_of_nothing_but_zeros_or_without_end_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        Path("/dev/zero").open("rb") as zeros,
        pytest.raises(ArchiveError, match="zeros: it has no text"),
    ):
        kept(zeros, "zeros").__enter__()

    monkeypatch.setattr(unpacking, "_free", lambda folder: 1_000_000)
    with pytest.raises(ArchiveError, match="no room on the disk"):
        kept(io.BytesIO(b"x" * 2_000_000), "pipe").__enter__()
