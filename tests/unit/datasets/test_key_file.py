"""The key of pseudonyms: made once and whole, and read as far as a key goes."""

import os
from pathlib import Path

import pytest

from bot.datasets.key_file import read_key
from bot.domain.errors import SettingsError


def test_a_key_is_made_once(tmp_path: Path) -> None:
    first, second = read_key(tmp_path / "key"), read_key(tmp_path / "key")

    assert first == second
    assert len(first) == 64
    assert oct((tmp_path / "key").stat().st_mode & 0o777) == "0o600"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_the_folders_above_it_are_made(tmp_path: Path) -> None:
    assert read_key(tmp_path / "new/sub/data.key") == read_key(tmp_path / "new/sub/data.key")


def test_a_full_disk_leaves_no_spoilt_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(SettingsError, match="No space left"):
            read_key(tmp_path / "key")

    assert not list(tmp_path.iterdir())
    assert len(read_key(tmp_path / "key")) == 64


def test_a_disk_without_links_has_a_key_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_paths: object) -> None:
        raise PermissionError(1, os.strerror(1))

    monkeypatch.setattr(os, "link", refuse)

    assert read_key(tmp_path / "key") == read_key(tmp_path / "key")
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_what_is_no_file_is_no_key(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    for path in (Path("/dev/zero"), Path("/dev/null"), tmp_path / "pipe"):
        with pytest.raises(SettingsError, match="it is no file"):
            read_key(path)


def test_a_folder_and_a_large_file_are_no_keys(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 100_000)

    with pytest.raises(SettingsError, match="at most"):
        read_key(tmp_path / "large")
    with pytest.raises(SettingsError, match="directory"):
        read_key(tmp_path)
