"""Log lines: as JSON each is one object, with its turn, and it steers no terminal."""

import json
import logging
from collections.abc import Callable

import pytest
import structlog

from bot.telemetry import logs

Read = Callable[[], str]


@pytest.fixture
def read(capsys: pytest.CaptureFixture[str]) -> Read:
    """What was logged so far."""
    return lambda: capsys.readouterr().err


def test_json_lines_say_when_how_grave_what_and_which_turn(read: Read) -> None:
    logs.configure("info", "json")

    with structlog.contextvars.bound_contextvars(turn=7):
        structlog.get_logger().info("lane_taken_over", lane="thread:1")
    structlog.get_logger().debug("not shown")

    [line] = read().splitlines()
    found = json.loads(line)
    assert found.pop("timestamp").endswith("Z")
    assert found == {"event": "lane_taken_over", "lane": "thread:1", "turn": 7, "level": "info"}


@pytest.mark.parametrize("format", ["json", "console"])
def test_an_exception_has_words_of_its_own_in_a_debugging_log_only(
    read: Read, format: logs.LogFormat
) -> None:
    def fails(text: str) -> None:
        raise ValueError(f"{text} and more") from OSError(text)

    def logged(level: str) -> str:
        logs.configure(level, format)
        try:
            fails("what she " + "said")
        except ValueError as error:
            structlog.get_logger().error("it broke", exc_info=error)
        return read()

    shown = logged("info")
    assert "in fails" in shown
    assert "ValueError from OSError" in shown
    assert "what she said" not in shown
    assert "ValueError: what she said and more" in logged("debug")


def test_without_a_terminal_it_is_json_and_people_may_choose(read: Read) -> None:
    logs.configure("info", "auto")
    structlog.get_logger().info("for machines")
    logs.configure("info", "console")
    structlog.get_logger().info("for people")

    machines, people = read().splitlines()
    assert json.loads(machines)["event"] == "for machines"
    assert people.endswith("for people")


def test_what_a_library_says_is_a_line_of_ours_without_what_it_put_in(read: Read) -> None:
    logs.configure("info", "json")
    record = logging.makeLogRecord(
        {"name": "somebody", "levelno": logging.ERROR, "msg": "bad: %s", "args": ("a secret",)}
    )

    logs.LibraryLogHandler().handle(record)

    found = json.loads(read())
    assert (found["library"], found["said"]) == ("somebody", "bad: %s")
