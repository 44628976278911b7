"""Where a Postgres for tests stands: in memory, if it need not last and there is room."""

import shutil
from pathlib import Path

import pytest

from bot.testing import postgres
from bot.testing.postgres import temporary_folder


def test_it_stands_in_memory_where_there_is_room(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgres, "MEMORY", tmp_path)
    monkeypatch.setattr(postgres, "ROOM", 1)

    with temporary_folder(in_memory=True) as inside, temporary_folder() as outside:
        assert inside.parent == tmp_path
        assert outside.parent != tmp_path
        assert inside.stat().st_mode & 0o777 == 0o755  # run by root, Postgres is somebody else
    assert not inside.exists()


@pytest.mark.parametrize("lacks", ["room", "file system"])
def test_it_stands_on_the_disk_where_there_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lacks: str
) -> None:
    memory = tmp_path / "memory"
    if lacks == "room":
        memory.mkdir()
        monkeypatch.setattr(postgres, "ROOM", shutil.disk_usage(tmp_path).total + 1)
    monkeypatch.setattr(postgres, "MEMORY", memory)

    with temporary_folder(in_memory=True) as folder:
        assert folder.is_dir()
        assert folder.parent not in {memory, tmp_path}
