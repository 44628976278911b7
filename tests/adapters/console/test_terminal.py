"""The console at a real terminal: typing, pasting, stopping, leaving."""

import asyncio
import os
import signal
import stat
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiohttp import web
from doubles.canned_responses import CannedResponse
from doubles.loopback_server import LoopbackServer
from doubles.openai_server import OpenAIServer
from doubles.terminal import Open, Terminal
from doubles.tool_calling_server import ToolCallingServer

from bot.store.database import Database

ELSEWHERE = pytest.mark.stress
"""Other tests at a terminal take the same path."""


async def said(database: Database) -> list[str]:
    """What people said, in order."""
    async with database.autocommit() as connection:
        return list(
            await connection.scalars(
                sa.text("SELECT text FROM message WHERE author_id <> 'nellie' ORDER BY seq")
            )
        )


def test_a_line_is_edited_and_answered_and_ctrl_d_leaves(open_chat: Open) -> None:
    terminal = open_chat()
    terminal.sees("you>")

    terminal.types("hallo\x01oh \x05!\r")
    terminal.sees("you> oh hallo!\nnellie> ")
    terminal.types("\x04")

    assert terminal.ends() == 0


@pytest.mark.parametrize("word", [pytest.param("exit", marks=ELSEWHERE), "QUIT ", "/quit"])
def test_words_leave_too(open_chat: Open, word: str) -> None:
    terminal = open_chat()
    terminal.sees("you>")

    terminal.types(f"{word}\r")

    assert terminal.ends() == 0
    assert "nellie>" not in terminal.shown


def test_help_is_the_list_of_commands_and_of_keys(open_chat: Open) -> None:
    terminal = open_chat()
    terminal.sees("you>")

    terminal.types("help\r")
    shown = terminal.sees("Ctrl-C stops an answer")

    assert "/memory search WORDS" in shown


async def test_what_is_pasted_is_one_message_with_its_lines(
    open_chat: Open, database: Database
) -> None:
    terminal = open_chat()
    await terminal.sees_meanwhile("you>")

    terminal.pastes("Traceback:\r\n  line 1\n\tline 2\n\nValueError: ü 漢 👍")
    terminal.types("\r")
    await terminal.sees_meanwhile("nellie>")

    assert await said(database) == ["Traceback:\n  line 1\n\tline 2\n\nValueError: ü 漢 👍"]


@pytest.mark.parametrize(
    ("environ", "length"),
    [
        pytest.param({}, 4_097, marks=ELSEWHERE),
        ({}, 60_000),
        ({"TERM": "dumb"}, 4_097),
        pytest.param({"TERM": "dumb"}, 12_000, marks=ELSEWHERE),
    ],
)
async def test_a_line_is_as_long_as_one_likes(
    open_chat: Open, database: Database, environ: dict[str, str], length: int
) -> None:
    terminal = open_chat(**environ)
    await terminal.sees_meanwhile("you>")

    await asyncio.to_thread(terminal.types, "x" * length + " end\r")
    await terminal.sees_meanwhile("nellie>")

    assert [len(text) for text in await said(database)] == [length + 4]


async def test_alt_enter_begins_a_new_line_in_the_same_message(
    open_chat: Open, database: Database
) -> None:
    terminal = open_chat()
    await terminal.sees_meanwhile("you>")

    terminal.types("one\x1b\rtwo\r")
    await terminal.sees_meanwhile("nellie>")

    assert await said(database) == ["one\ntwo"]


def test_commands_are_completed_word_by_word(open_chat: Open) -> None:
    terminal = open_chat()
    terminal.sees("you>")

    for typed, offered, completed in (
        ("/mem", " memory", "/memory"),
        (" fo", " forget", "/memory forget"),
        (" m", " me", "/memory forget me"),
    ):
        terminal.types(typed)
        terminal.sees(offered)
        terminal.types("\t")
        terminal.sees(f"you> {completed}")


def test_what_was_typed_is_offered_again_the_next_time_to_its_owner_alone(
    open_chat: Open, tmp_path: Path
) -> None:
    first = open_chat()
    first.sees("you>")
    first.types("where is the disk?\r")
    first.sees("nellie>")
    first.types(" where is my secret?\r")
    first.sees("nellie>", times=2)
    first.types("exit\r")
    first.ends()
    kept = tmp_path / "home" / "console-history"

    second = open_chat()
    second.sees("you>")
    second.types("\x1b[A\x1b[A\r")

    assert "you> where is the disk?" in second.sees("nellie>")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "secret" not in kept.read_text()


@pytest.mark.parametrize(
    "asked",
    [
        "/memory forget all",
        pytest.param("forget everything", marks=ELSEWHERE),
        "Vergiss alles!",
    ],
)
def test_what_is_forgotten_is_not_offered_again(
    open_chat: Open, tmp_path: Path, asked: str
) -> None:
    terminal = open_chat()
    terminal.sees("you>")
    terminal.types("my code is 4711\r")
    terminal.sees("nellie>")
    kept = tmp_path / "home" / "console-history"
    assert "4711" in kept.read_text()

    terminal.types(f"{asked}\r")
    terminal.sees("Sure?")
    assert "4711" in kept.read_text()
    terminal.types("yes\r")
    terminal.sees("Forgotten: ")
    terminal.types("exit\r")
    terminal.ends()

    assert not kept.exists() or "4711" not in kept.read_text()


async def test_it_shows_what_she_does_and_ctrl_c_stops_the_answer_and_again_leaves(
    open_chat: Open, slow_model: OpenAIServer
) -> None:
    terminal = open_chat(**slow_model.environ)
    await terminal.sees_meanwhile("you>")

    terminal.types("tell me everything\r")
    await terminal.sees_meanwhile("nellie> Well, let me see")
    await terminal.sees_meanwhile("writing")
    await terminal.sees_meanwhile("1 s, Ctrl-C stops")
    terminal.types("\x03")
    await terminal.sees_meanwhile("(stopped)")
    await terminal.sees_meanwhile("you>", times=2)
    terminal.types("\x03")

    assert await terminal.ends_meanwhile() == 0
    assert "Traceback" not in terminal.shown


async def test_what_is_typed_during_an_answer_waits_its_turn(
    open_chat: Open, slow_model: OpenAIServer
) -> None:
    terminal = open_chat(**slow_model.environ)
    await terminal.sees_meanwhile("you>")

    terminal.types("first\r")
    await terminal.sees_meanwhile("Well, let me see")
    slow_model.default_response = CannedResponse(text="Here it is.")
    terminal.types("second\rexit\r")
    await terminal.sees_meanwhile("2 more waiting")
    terminal.types("\x03")

    assert await terminal.ends_meanwhile() == 0
    stopped, answered = terminal.shown.index("(stopped)"), terminal.shown.index("Here it is.")
    assert stopped < terminal.shown.index("you> second") < answered


def test_ctrl_c_throws_a_line_away_and_twice_leaves(open_chat: Open) -> None:
    terminal = open_chat()
    terminal.sees("you>")

    terminal.types("half a line\x03")
    terminal.types("\x03")
    terminal.sees("Ctrl-C once more leaves")
    terminal.types("\x03")

    assert terminal.ends() == 0
    assert "nellie>" not in terminal.shown


async def test_an_answer_streams_through_a_change_of_size(
    open_chat: Open, slow_model: OpenAIServer
) -> None:
    text = "\n".join(f"Line {number} of a long answer, and its end." for number in range(12))
    slow_model.default_response = CannedResponse(text=text, delay=0.02)
    terminal = open_chat(**slow_model.environ)
    await terminal.sees_meanwhile("you>")

    terminal.types("tell me\r")
    await terminal.sees_meanwhile("Line 2")
    for size in ((60, 12), (100, 30), (40, 10), (80, 24)):
        terminal.resize(*size)
    terminal.types("exit\r")
    await terminal.ends_meanwhile()

    printed = [f"Line {number} of a long answer, and its end.\r\n" for number in range(12)]
    assert [terminal.output.decode().count(line) for line in printed] == [1] * 12


def test_the_terminal_is_closed_and_she_ends(open_chat: Open) -> None:
    terminal = open_chat()
    terminal.sees("you>")

    terminal.hang_up()

    assert terminal.ends() == 0


@pytest.mark.parametrize("told", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_her_and_gives_the_terminal_back(
    open_chat: Open, told: signal.Signals
) -> None:
    terminal = open_chat()
    terminal.sees("you>")

    os.kill(terminal.process.pid, told)
    if told == signal.SIGINT:
        terminal.sees("once more leaves")
        os.kill(terminal.process.pid, told)

    assert terminal.ends() == 0
    assert terminal.output.rstrip().endswith(b"\x1b[?2004l") or b"\x1b[?2004l" in terminal.output


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="there is no bash, which has jobs")
def test_she_is_stopped_with_ctrl_z_and_goes_on(address: str, tmp_path: Path) -> None:
    environ = {"PS1": "SHELL ", "DATABASE_URL": address, "NELLIE_HOME": str(tmp_path)}
    with Terminal("--norc", "-i", program=("/bin/bash",), **environ) as terminal:
        terminal.sees("SHELL")
        terminal.types(f"{sys.executable} -m bot chat\r")
        terminal.sees("you>")

        terminal.types("half a\x1a")
        terminal.sees("Stopped")
        terminal.types("echo $((40 + 2))\r")
        terminal.sees("\n42")
        terminal.types("fg\r")
        terminal.sees("bot chat\nyou> half a")
        terminal.types(" line\r")
        terminal.sees("you> half a line\nnellie> ")
        terminal.types("exit\r")
        terminal.sees("SHELL", times=4)
        terminal.types("stty -a | grep -o '.icanon'; exit\r")

        assert terminal.ends() == 0
        assert "-icanon" not in terminal.shown


class SlowSearch(LoopbackServer):
    """A search engine that answers when a test lets it."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/search", self._search)

    async def _search(self, request: web.Request) -> web.Response:
        await self.ready.wait()
        return web.json_response({"results": []})


async def test_the_line_above_the_prompt_says_which_tool_is_at_work(open_chat: Open) -> None:
    async with ToolCallingServer() as model, SlowSearch() as engine:
        model.calls, model.arguments = "web_search", ('{"query"', ':"cranes"}')
        searxng = f"http://127.0.0.1:{engine.port}"
        terminal = open_chat(**model.environ, NELLIE_SEARXNG=searxng)
        await terminal.sees_meanwhile("you>")

        terminal.types("/tools on web_search\r")
        await terminal.sees_meanwhile("I may use web_search, now and search_memory here now.")
        terminal.types("which cranes are red?\r")
        await terminal.sees_meanwhile("searching the web, 1 s, Ctrl-C stops")
        engine.ready.set()
        await terminal.sees_meanwhile("nellie> Hello from the double.")
        terminal.types("/tools log\r")
        await terminal.sees_meanwhile("you: web_search, done, ")
        terminal.types("\x04")

        assert await terminal.ends_meanwhile() == 0
