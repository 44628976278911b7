"""The head of a GGUF file, whole and spoiled, and files that are none: one sentence each."""

import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from doubles.gguf_file import head, write_gguf

from bot.config.settings import Settings
from bot.domain.errors import SettingsError
from bot.llm.local.gguf import GGUFHead, NotGGUF, read_head
from bot.llm.local.model import Local

LIBRARY = Path(__file__).parents[1] / "doubles/llama_library"
LLAMA = {"general.architecture": "llama", "llama.context_length": 8192}
VOCABULARY = [f"token {number}" for number in range(1000)]


@pytest.fixture
def open_model(
    configure: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[str], Local]:
    """Opens a name after "local/"; the working folder is empty."""
    monkeypatch.syspath_prepend(str(LIBRARY))
    monkeypatch.chdir(tmp_path)
    return lambda name: Local(name, configure())


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(
    ("entries", "length"),
    [
        (LLAMA, 8192),
        (
            {"general.architecture": "qwen3", "general.name": "Ü", "qwen3.context_length": 40960},
            40960,
        ),
        ({"general.architecture": "gemma3", "llama.context_length": 5}, None),
        ({"general.architecture": "phi3", "tokens": VOCABULARY, "phi3.context_length": 7}, 7),
    ],
)
def test_reads_what_a_file_says(
    tmp_path: Path, version: int, entries: dict[str, object], length: int | None
) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(head(entries, version))

    assert read_head(path) == GGUFHead(str(entries["general.architecture"]), length)


def test_a_head_that_is_cut_off_anywhere_is_told_so(tmp_path: Path) -> None:
    whole = head({"general.architecture": "llama", "t": VOCABULARY[:3], "llama.context_length": 9})
    path = tmp_path / "model.gguf"
    for length in range(4, len(whole)):
        path.write_bytes(whole[:length])

        with pytest.raises(NotGGUF, match="cut off or damaged; download it again"):
            read_head(path)


@pytest.mark.parametrize(
    "spoiled",
    [
        struct.pack("<Q", 2**63) + b"key",
        struct.pack("<Q", 3) + b"key" + struct.pack("<I", 77),
        struct.pack("<Q", 3) + b"key" + struct.pack("<IIQ", 9, 4, 2**60),
        struct.pack("<Q", 3) + b"key" + struct.pack("<IIQ", 9, 8, 2**60),
        struct.pack("<Q", 3) + b"key" + struct.pack("<IQ", 8, 2**40),
    ],
    ids=["key", "kind", "numbers", "texts", "text"],
)
def test_wrong_sizes_are_not_believed(tmp_path: Path, spoiled: bytes) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 1, 2**62) + spoiled)

    with pytest.raises(NotGGUF, match="cut off or damaged"):
        read_head(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no GGUF file"),
        (b"PK\x03\x04model.safetensors", "no GGUF file"),
        (b"<!DOCTYPE html><title>Sign in</title>", "no GGUF file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "no GGUF file"),
        (b"GGUF", "cut off"),
        (b"GGUF" + struct.pack("<I", 1) + bytes(40), "version of GGUF"),
        (b"GGUF" + struct.pack(">I", 3) + bytes(40), "version of GGUF"),
        (head({"general.architecture": "clip"}), r"no model that writes \(clip\)"),
        (head({"general.architecture": "nomic-bert"}), r"no model that writes \(nomic-bert\)"),
        (head({"general.name": "nothing else"}), "no model that writes"),
    ],
)
def test_a_file_that_is_no_model_is_told_in_a_sentence(
    open_model: Callable[[str], Local], tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "model.gguf").write_bytes(content)

    with pytest.raises(SettingsError, match=words) as raised:
        open_model("model.gguf")
    assert str(raised.value).startswith(f"NELLIE_MODEL: {tmp_path}/model.gguf: ")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "say which file: local/PATH.gguf"),
        ("gone.gguf", "there is no file .*gone.gguf; correct the path"),
        ("a/b/c.gguf", "there is no file .*; correct the path"),
        ("models", r"is a folder; name the file in it \(big.gguf, small.gguf\)"),
        ("empty", r"is a folder; name the file in it \(no .gguf there\)"),
        ("pipe", "is no file; name a .gguf file"),
        ("x" * 5000, "no path that can be read"),
        ("~nobody-of-that-name/x.gguf", "no path that can be read"),
    ],
)
def test_a_path_that_leads_nowhere_is_told_in_a_sentence(
    open_model: Callable[[str], Local], tmp_path: Path, name: str, words: str
) -> None:
    for folder in ("models", "empty"):
        (tmp_path / folder).mkdir()
    for file in ("small.gguf", "big.gguf", "notes.txt"):
        (tmp_path / "models" / file).touch()
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(SettingsError, match=words):
        open_model(name)


@pytest.mark.parametrize(
    "name", ["models/tiny.gguf", "./models/../models/tiny.gguf", "~/tiny.gguf"]
)
async def test_paths_are_relative_absolute_or_of_home(
    open_model: Callable[[str], Local],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
) -> None:
    (tmp_path / "models").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "models"))
    path = write_gguf(tmp_path / "models/tiny.gguf", context_length=2048)

    for way in (name, str(path)):
        model = open_model(way)
        assert (model.name, await model.context_window()) == (f"local/{way}", 2048)


def test_a_missing_extra_says_what_to_install(
    open_model: Callable[[str], Local], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    write_gguf(tmp_path / "tiny.gguf")

    with pytest.raises(SettingsError, match="run pip install 'llama-cpp-python"):
        open_model("tiny.gguf")
