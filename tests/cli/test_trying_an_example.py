"""A conversation to try, offered at a terminal to who has no memory of their own yet."""

import os
import pty
import select
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from doubles.loaded_nellie import start_nellie

from bot.cli.example import LOG, QUESTIONS

ROOT = Path(__file__).parents[2]
PATIENCE = 60  # seconds for an answer

Talk = Callable[..., str]


@pytest.fixture
def talk(address: str, tmp_path: Path) -> Talk:
    """Type lines at a terminal, each once the words before it are there; all that it showed."""
    environ = {**os.environ, "DATABASE_URL": address, "PYTHONPATH": str(ROOT)}
    environ |= {"NELLIE_HOME": str(tmp_path), "TERM": "xterm", "COLUMNS": "100"}

    def chat(*exchanges: tuple[str, str], arguments: tuple[str, ...] = ()) -> str:
        master, slave = pty.openpty()
        given: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), slave)
        process = start_nellie("chat", *arguments, folder=tmp_path, environ=environ, **given)
        os.close(slave)
        try:
            shown = _read_until(master, "you> ")
            for typed, awaited in exchanges:
                os.write(master, f"{typed}\r".encode())
                shown += _read_until(master, awaited)
            os.write(master, b"\x04")
            process.wait(PATIENCE)
        finally:
            process.kill()
            process.wait()
            os.close(master)
        return shown

    return chat


def _read_until(master: int, awaited: str) -> str:
    output, deadline = "", time.monotonic() + PATIENCE
    while awaited not in output:
        if time.monotonic() > deadline:
            raise TimeoutError(output)
        if select.select([master], [], [], 0.1)[0]:
            output += os.read(master, 65_536).decode(errors="replace")
    return output


def test_it_is_offered_brought_in_once_and_taken_away(talk: Talk) -> None:
    shown = talk(
        ("1", "it's safe to remove"),
        ("2", "messages since 2005-06-27"),
        ("3", "you can use tabs with it"),
        ("own", "You are back in console"),
        ("try", "in the channel try-ubuntu"),
        ("summarize this channel", "99 messages since"),
        ("forget everything", "Sure?"),
        ("yes", "Forgotten: 1"),
        ("own", "You are back in console"),
        ("try", "not brought in again"),
    )

    assert "forty minutes of #ubuntu" in shown
    assert "CC BY 4.0" in shown
    assert all(question in shown for question in QUESTIONS)


def test_it_is_not_offered_in_a_channel_that_was_named(talk: Talk) -> None:
    shown = talk(
        ("try", "new to me"), ("the disk is red", "new to me"), arguments=("-c", "kitchen", "--new")
    )

    assert "#ubuntu" not in shown


def test_its_terms_come_with_it() -> None:
    folder = ROOT / "bot" / "cli" / "example"

    terms = (folder / "LICENSE-ubuntu.txt").read_text()

    assert LOG in terms
    assert "Creative Commons Attribution 4.0" in terms
