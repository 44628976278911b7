"""A `nellie` that was loaded before is told by nothing from one that loads itself."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from doubles.installed_plugin import install
from doubles.loaded_nellie import start_nellie
from doubles.terminal import ROOT, Terminal

COMMAND = "[nellie.commands]\nwhere = where:app\n"
WHERE = """
import sys
import typer

app = typer.Typer()

@app.callback(invoke_without_command=True)
def where() -> None:
    print(*sys.path)
"""
ANEW = {"PYTHON_OF_ITS_OWN": "1"}  # Python's own variables are those of its start


def start(folder: Path, *arguments: str, **environ: str) -> "subprocess.Popen[str]":
    given: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NELLIE_")}
    environ = {**kept, "PYTHONPATH": str(ROOT), **environ}
    return start_nellie(*arguments, folder=folder, environ=environ, text=True, **given)


@pytest.mark.parametrize(
    ("arguments", "environ"),
    [
        (("--version",), {}),
        (("--help",), {}),
        (("chat", "--help"), {}),
        ((), {}),
        (("chta",), {}),
        (("channels",), {"DATABASE_URL": "mysql://somewhere"}),
        (("run",), {"NELLIE_LEASE": "soon"}),
        (("chat", "--as", "ana"), {"TZ": "Asia/Tokyo"}),
        (("import", "export.zip"), {}),
    ],
    ids=str,
)
def test_says_and_ends_the_same(
    address: str, tmp_path: Path, arguments: tuple[str, ...], environ: dict[str, str]
) -> None:
    environ = {"DATABASE_URL": address, "NELLIE_HOME": str(tmp_path / "home"), **environ}
    (tmp_path / ".env").write_text("NELLIE_NAME=otter\n")
    ended = []
    for more in ({}, ANEW):
        process = start(tmp_path, *arguments, **environ, **more)
        ended.append((process.communicate("hello\n", timeout=60), process.returncode))
        assert (type(process) is subprocess.Popen) == bool(more)

    assert ended[0] == ended[1]


def test_a_plugin_is_found_and_stands_before_nellie(tmp_path: Path) -> None:
    folder = tmp_path / "plugin"
    folder.mkdir()
    install(folder, entry_points=COMMAND, where=WHERE)
    ended = []
    for more in ({}, ANEW):
        process = start(tmp_path, "where", PYTHONPATH=f"{folder}:{ROOT}", **more)
        ended.append((process.communicate(timeout=60), process.returncode))
        assert (type(process) is subprocess.Popen) == bool(more)

    assert ended[0] == ended[1]
    assert ended[0][0][0].startswith(f"{tmp_path} {folder} {ROOT} ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_both_alike(address: str, tmp_path: Path, number: int) -> None:
    codes = []
    for more in ({}, ANEW):
        process = start(tmp_path, "chat", DATABASE_URL=address, **more)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("hello\n")
        process.stdin.flush()
        process.stdout.readline()
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.01)
        process.send_signal(number)
        process.communicate(timeout=60)
        codes.append(process.returncode)
        with pytest.raises(ProcessLookupError):
            os.kill(process.pid, 0)

    assert codes[0] == codes[1]


def test_at_a_terminal_that_is_its_own(address: str, tmp_path: Path) -> None:
    given = {"DATABASE_URL": address, "NELLIE_HOME": str(tmp_path)}
    with Terminal("chat", **given) as terminal:
        terminal.sees("you>")

        assert type(terminal.process) is not subprocess.Popen
        assert os.getsid(terminal.process.pid) == terminal.process.pid
        terminal.types("\x04")
        assert terminal.ends() == 0
