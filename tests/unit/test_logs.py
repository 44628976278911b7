"""Log lines: as JSON each is one object, with its turn, and it steers no terminal."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from bot import logs

Read = Callable[[], str]


@pytest.fixture
def read(capsys: pytest.CaptureFixture[str]) -> Iterator[Read]:
    """What was logged so far; afterwards it goes where it went before."""
    yield lambda: capsys.readouterr().err
    structlog.reset_defaults()


def test_json_lines_say_when_how_grave_what_and_which_turn(read: Read) -> None:
    logs.begin("info", "json")

    with structlog.contextvars.bound_contextvars(turn=7):
        structlog.get_logger().info("lane taken over", lane="thread:1")
    structlog.get_logger().debug("not shown")

    [line] = read().splitlines()
    found = json.loads(line)
    assert found.pop("timestamp").endswith("Z")
    assert found == {"event": "lane taken over", "lane": "thread:1", "turn": 7, "level": "info"}


def test_an_exception_is_one_json_line_without_the_values_of_variables(read: Read) -> None:
    logs.begin("info", "json")

    def fails(text: str) -> None:
        raise ValueError("a bug")

    try:
        fails("\x1b[2J" + "what she " + "said")
    except ValueError as error:
        structlog.get_logger().error("it broke", exc_info=error)

    [line] = read().splitlines()
    assert "ValueError: a bug" in json.loads(line)["exception"]
    assert "what she said" not in line


def test_without_a_terminal_it_is_json_and_people_may_choose(read: Read) -> None:
    logs.begin("info", "auto")
    structlog.get_logger().info("for machines")
    logs.begin("info", "console")
    structlog.get_logger().info("for people")

    machines, people = read().splitlines()
    assert json.loads(machines)["event"] == "for machines"
    assert people.endswith("for people")


def test_what_a_library_says_is_a_line_of_ours_without_what_it_put_in(read: Read) -> None:
    logs.begin("info", "json")
    record = logging.makeLogRecord(
        {"name": "somebody", "levelno": logging.ERROR, "msg": "bad: %s", "args": ("a secret",)}
    )

    logs.Libraries().handle(record)

    found = json.loads(read())
    assert (found["library"], found["said"]) == ("somebody", "bad: %s")
