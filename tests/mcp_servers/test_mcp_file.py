"""The file of MCP servers: what other programs write there is read, and what is wrong is told."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.tools.mcp.file import read_file


def write(folder: Path, text: str | dict[str, Any]) -> str:
    path = folder / "mcp.json"
    path.write_text(text if isinstance(text, str) else json.dumps(text))
    return str(path)


def of_one(folder: Path, **entry: Any) -> str:
    return write(folder, {"mcpServers": {"tracker": entry}})


def test_programs_and_addresses_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "mcpServers": {
                "tracker": {
                    "command": sys.executable,
                    "args": ["-m", "tracker", "--team=${TEAM:-cranes}"],
                    "env": {"TOKEN": "${TRACKER_TOKEN}"},
                    "reads": ["list_*"],
                },
                "wiki": {
                    "type": "http",
                    "url": "https://wiki.example/mcp",
                    "headers": {"Authorization": "Bearer ${env:WIKI}"},
                },
                "resting": {"command": "nowhere", "disabled": True},
            },
            "inputs": [],
        },
    )

    listed = read_file(path, {"TRACKER_TOKEN": "sesame", "WIKI": "open"})

    assert listed.problems == ()
    tracker, wiki = listed.servers
    assert tracker.args == ("-m", "tracker", "--team=cranes")
    assert tracker.env == {"TOKEN": "sesame"}
    assert tracker.reads == ("list_*",)
    assert wiki.headers == {"Authorization": "Bearer open"}
    assert wiki.where == "https://wiki.example"
    assert "sesame" not in repr(listed)
    assert "open" not in repr(listed)


def test_a_file_that_is_missing_is_one_sentence(tmp_path: Path) -> None:
    listed = read_file(str(tmp_path / "none.json"))

    assert listed.servers == ()
    [problem] = listed.problems
    assert problem.startswith("NELLIE_MCP: there is no file")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"mcpServers": []}', "null", "\ufeff{}", "[" * 90_000, '{"mcpServers": {"a'],
)
def test_a_malformed_file_is_one_sentence(tmp_path: Path, text: str) -> None:
    listed = read_file(write(tmp_path, text))

    assert listed.servers == ()
    assert len(listed.problems) == 1
    assert "NELLIE_MCP" in listed.problems[0]


def test_a_folder_and_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")

    for path in (tmp_path, tmp_path / "bytes"):
        assert "cannot be read" in read_file(str(path)).problems[0]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"command": "no-such-program"}, "is not installed here"),
        ({"command": "./no-such-program", "cwd": "/"}, "is not installed here"),
        ({"command": "ls", "cwd": "/no/such/folder"}, "there is no folder"),
        ({}, 'needs either "command" or "url"'),
        ({"command": "ls", "url": "http://x"}, 'needs either "command" or "url"'),
        ({"command": 7}, 'its "command" is no text'),
        ({"command": "ls", "args": "-l"}, "no list of texts"),
        ({"command": "ls", "args": [1]}, "no list of texts"),
        ({"command": "ls", "env": {"A": None}}, "is no text"),
        ({"command": "ls", "env": ["A=1"]}, "is no object"),
        ({"command": "ls", "env": {"A": "${UNSET_HERE}"}}, "UNSET_HERE that it names is not set"),
        ({"url": "ftp://x"}, "no address of http"),
        ({"url": "http://"}, "no address of http"),
        ({"url": "http://[::1"}, "no address of http"),
        ({"url": "http://x/sse", "type": "sse"}, "of former times"),
    ],
)
def test_an_entry_that_cannot_be_used_costs_no_other(
    tmp_path: Path, entry: dict[str, Any], told: str
) -> None:
    servers = {"wrong": entry, "right": {"command": sys.executable}}
    listed = read_file(write(tmp_path, {"mcpServers": servers}), {})

    assert [one.name for one in listed.servers] == ["right"]
    [problem] = listed.problems
    assert told in problem
    assert "'wrong'" in problem


@pytest.mark.parametrize("entry", [None, "ls", [], 7])
def test_an_entry_of_another_shape_is_told(tmp_path: Path, entry: Any) -> None:
    listed = read_file(write(tmp_path, {"mcpServers": {"wrong": entry}}))
    assert "is no object" in listed.problems[0]


def test_of_two_servers_of_one_name_the_first_is_used_and_it_is_told(tmp_path: Path) -> None:
    text = '{"mcpServers": {"a": {"url": "http://one"}, "a": {"url": "http://two"}}}'
    listed = read_file(write(tmp_path, text))

    assert [one.url for one in listed.servers] == ["http://one"]
    assert "'a' stands twice" in listed.problems[0]


@pytest.mark.parametrize("twin", ["Tracker", "tracker!", "TRACKER ", "tracker-"])
def test_names_that_models_cannot_tell_apart_are_told(tmp_path: Path, twin: str) -> None:
    servers = {"tracker": {"url": "http://one"}, twin: {"url": "http://two"}}
    listed = read_file(write(tmp_path, {"mcpServers": servers}))

    assert [one.url for one in listed.servers] == ["http://one"]
    assert "has the same name" in listed.problems[0]


def test_variables_come_from_the_environment_and_are_never_shown(tmp_path: Path) -> None:
    path = of_one(tmp_path, command="ls", args=["${SECRET}"])
    listed = read_file(path, {"SECRET": "sesame"})

    assert listed.servers[0].args == ("sesame",)
    assert listed.servers[0].secrets == {"sesame"}


@pytest.mark.parametrize("value", ["open\n", "a\r\nX-More: 1", "größe", "\x00"])
def test_headers_that_cannot_be_sent_are_told_without_their_value(
    tmp_path: Path, value: str
) -> None:
    path = of_one(tmp_path, url="http://x", headers={"Authorization": "${WIKI}"})
    [problem] = read_file(path, {"WIKI": value}).problems

    assert "'Authorization' is nothing that can be sent" in problem or "is no text" in problem
    assert value not in problem


def test_a_home_that_nobody_has_and_a_second_list_are_told(tmp_path: Path) -> None:
    assert "no file" in read_file("~nobody-of-this-name/mcp.json").problems[0]
    text = '{"mcpServers": {"a": {"url": "http://one"}}, "mcpServers": {}}'
    listed = read_file(write(tmp_path, text))
    assert "stands twice" in listed.problems[0]
    assert [one.name for one in listed.servers] == ["a"]
