"""Where files are read: private, swept after a crash, and never while somebody reads there."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.documents.fetching import NotTakenIn, TooLarge, fetched_file
from bot.documents.rows import rows_in
from bot.documents.temporary import private_folder, sweep

HOLDS_AND_DIES = """
import os, signal, sys
from bot.documents.temporary import private_folder
with private_folder() as folder:
    (folder / "posted").write_text("secret")
    print(folder, flush=True)
    sys.stdin.readline()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files that nobody else uses."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path
    tempfile.tempdir = None


def test_a_folder_is_private_and_gone_after_the_block(temporary: Path) -> None:
    with private_folder() as folder:
        with fetched_file(folder, 99) as file:
            file.add(b"secret")
            modes = [oct(path.stat().st_mode)[-3:] for path in (folder, file.path)]
        left = [path.name for path in folder.iterdir()]

    assert modes == ["700", "600"]
    assert left == ["lock"]
    assert not [*temporary.iterdir()]


def test_what_a_killed_process_left_is_deleted_by_the_next_one_and_not_before(
    temporary: Path,
) -> None:
    with subprocess.Popen(  # noqa: S603 - this test itself
        [sys.executable, "-c", HOLDS_AND_DIES],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdin
        folder = Path(process.stdout.readline().strip())
        sweep()
        assert (folder / "posted").read_text() == "secret"
        process.stdin.write("die\n")
        process.stdin.close()
        process.wait()
    assert folder.exists()

    with private_folder():
        assert not folder.exists()


def test_what_is_none_of_ours_stays(temporary: Path) -> None:
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "lock").touch()
    (temporary / "nellie-reading-link").symlink_to(elsewhere)
    (temporary / "nellie-reading-file").touch()
    (temporary / "nellie-reading-without-lock").mkdir()

    sweep()

    assert (elsewhere / "lock").exists()
    assert len([*temporary.iterdir()]) == 4


def test_a_folder_that_was_cleared_away_is_made_again(tmp_path: Path) -> None:
    with fetched_file(tmp_path / "gone", 99) as file:
        file.add(b"secret")
        assert file.path.read_bytes() == b"secret"
    assert not [*(tmp_path / "gone").iterdir()]


def test_a_file_is_measured_and_told_by_its_content(tmp_path: Path) -> None:
    with fetched_file(tmp_path, 6) as file:
        file.add(b"sec")
        file.add(b"ret")
        with pytest.raises(TooLarge, match="it is larger than 0 MB"):
            file.add(b"!")

    assert file.sha256 != ""
    with fetched_file(tmp_path, 6) as same:
        same.add(b"secret!"[:6])
        assert same.sha256 == "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="it needs a device that is full")
def test_a_full_disk_is_told_by_its_own_error(tmp_path: Path) -> None:
    with fetched_file(tmp_path, 99) as file:
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, file.descriptor)
        os.close(full)
        with pytest.raises(NotTakenIn, match="No space left on device"):
            file.add(b"secret")


def test_rows_come_back_in_their_order_as_often_as_they_are_asked_for(tmp_path: Path) -> None:
    with rows_in(tmp_path) as rows:
        for number in range(3):
            rows.take({"number": number, "text": "a\nb\u2028c"})
        first, second = [*rows], [*rows]

    assert first == second
    assert len(first) == 3
    assert "\\n" in first[0]
    assert not [*tmp_path.iterdir()]
