"""MCP servers that hang, lie, flood, change their list or die: they stop nobody."""

import asyncio
import time
from pathlib import Path

import pytest
from doubles.mcp_servers.connected import Connect
from doubles.mcp_servers.starting import hostile, tracker, write_file

from bot.tools.mcp import server as server_module
from bot.tools.mcp.file import read_file
from bot.tools.mcp.source import McpServers


async def test_who_never_answers_holds_nobody_up(connect: Connect, tmp_path: Path) -> None:
    servers = await connect(
        waits=False, silent=hostile("silent"), tracker=tracker(tmp_path / "ledger")
    )
    await servers["tracker"].settled.wait()

    assert not (await servers.call("tracker-list_issues")).is_error
    assert servers["silent"].problem


async def test_who_does_not_answer_in_time_is_tried_again_later(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "CONNECTING", 0.3)
    servers = await connect(silent=hostile("silent"))

    assert "did not answer within 0.3 s" in servers["silent"].problem


async def test_a_call_that_is_not_answered_is_cancelled_and_the_next_one_works(
    connect: Connect, tmp_path: Path
) -> None:
    servers = await connect(slow=hostile("silent-call"), tracker=tracker(tmp_path / "ledger"))

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await servers.call("slow-ok")

    assert not servers["slow"].problem
    assert not (await servers.call("tracker-list_issues")).is_error


@pytest.mark.parametrize("way", ["lines", "notes", "blank", "answers"])
async def test_a_flood_ends_the_connection_and_the_loop_goes_on(
    connect: Connect, way: str, tmp_path: Path
) -> None:
    servers = await connect(flood=hostile(way), tracker=tracker(tmp_path / "ledger"))

    with pytest.raises(Exception, match="closed"):
        await servers.call("flood-ok")

    assert "over" in servers["flood"].problem
    assert not (await servers.call("tracker-list_issues")).is_error


async def test_a_list_without_a_last_page_ends(connect: Connect) -> None:
    servers = await connect(pages=hostile("pages"))
    assert len(servers.names) == server_module.MOST_PAGES


async def test_malformed_tools_cost_no_other_and_are_told(connect: Connect) -> None:
    servers = await connect(bad=hostile("malformed"))

    names = servers.names
    assert names[2:4] == ["bad-ok", "bad-poison"]
    assert len(names) == 5
    assert set(servers["bad"].listing.dropped) == {
        "no schema",
        "tool 3",
        "tool 4",
        "an array",
        "choice",
        "elsewhere",
        "odd",
        "huge",
    }
    assert all(servers["bad"].listing.dropped.values())
    for name in names:
        assert (await servers.call(name)).text == "fine"
    poison = next(tool for tool in servers.source.offered() if tool.name == "bad-poison")
    assert "<|im_start|>" not in poison.description
    assert "\u202e" not in poison.description


async def test_what_is_no_answer_leaves_open_what_has_happened(connect: Connect) -> None:
    servers = await connect(liar=hostile("garbage"))

    with pytest.raises(ValueError, match="CallToolResult"):
        await servers.call("liar-ok")


async def test_a_list_that_changes_is_read_again(connect: Connect) -> None:
    servers = await connect(changing=hostile("changing"))
    await servers.call("changing-ok")

    async with asyncio.timeout(30):
        while len(servers.names) < 2:  # noqa: ASYNC110  # another process says so
            await asyncio.sleep(0.02)

    assert servers.names == ["changing-new", "changing-ok"]
    changed = servers.source.offered()[1]
    assert changed.description == "Works otherwise."


async def test_nothing_is_granted_to_who_asks_in_the_middle_of_a_call(connect: Connect) -> None:
    servers = await connect(asking=hostile("asking"))
    assert (await servers.call("asking-ok")).text == "refused refused refused"


async def test_what_a_server_says_at_its_end_is_told_without_secrets(connect: Connect) -> None:
    servers = await connect(refusing=hostile("refusing", env={"TRACKER_TOKEN": "sesame-open"}))

    assert "no token in TRACKER_TOKEN=***" in servers["refusing"].problem


@pytest.mark.parametrize("way", ["refusing", "silent", "behaves", "silent-call"])
async def test_whoever_it_is_the_end_comes_at_once(
    connect: Connect, tmp_path: Path, way: str
) -> None:
    """Also in the middle of connecting, where the library makes another error of a cancellation."""
    for seconds in (0.0, 0.05, 0.1, 0.2, 0.4):
        source = McpServers(read_file(write_file(tmp_path, one=hostile(way))))
        async with asyncio.timeout(20), source.connected():
            await asyncio.sleep(seconds)


async def test_attempts_are_further_and_further_apart(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        if seconds > 0.5:
            pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(server_module.asyncio, "sleep", note)
    await connect(refusing=hostile("refusing"))
    deadline = time.monotonic() + 60
    while len(pauses) < 4 and time.monotonic() < deadline:
        await sleep(0.02)

    for number, pause in enumerate(pauses[:4]):
        assert 0.8 * 2**number <= pause <= 1.2 * 2**number
