"""MCP servers behind an address that flood, lie, send on or hang: they stop nobody."""

import asyncio
from pathlib import Path

import pytest
from doubles.mcp_servers.connected import Connect
from doubles.mcp_servers.hostile_http import hostile_on_http
from doubles.mcp_servers.starting import hostile, write_file

from bot.tools.mcp import server as server_module
from bot.tools.mcp.file import read_file
from bot.tools.mcp.source import McpServers


@pytest.mark.parametrize("way", ["packed", "endless", "endless-lie", "endless-event"])
async def test_a_body_without_end_is_cut_off(connect: Connect, way: str) -> None:
    async with hostile_on_http(way) as (url, _):
        servers = await connect(flood={"url": url})
        with pytest.raises(Exception):  # noqa: B017, PT011  # as the library has it
            await servers.call("flood-ok")


async def test_headers_go_to_no_other_host(connect: Connect) -> None:
    async with (
        hostile_on_http("behaves") as (other, elsewhere),
        hostile_on_http("sends-on", other) as (url, _),
    ):
        servers = await connect(sends={"url": url, "headers": {"Authorization": "sesame-1"}})
        result = await servers.call("sends-ok")

    assert result.is_error
    assert elsewhere.seen == []


async def test_what_is_packed_is_not_asked_for(connect: Connect) -> None:
    async with hostile_on_http("behaves") as (url, server):
        servers = await connect(plain={"url": url, "headers": {"X-Own": "yes"}})
        assert (await servers.call("plain-ok")).text == "fine"

    assert {seen["Accept-Encoding"] for seen in server.seen} == {"identity"}
    assert {seen["X-Own"] for seen in server.seen} == {"yes"}


async def test_an_answer_of_another_kind_is_a_refusal(connect: Connect) -> None:
    async with hostile_on_http("another-kind") as (url, _):
        servers = await connect(odd={"url": url})
        assert "Unexpected content type" in (await servers.call("odd-ok")).text


async def test_who_hangs_at_the_end_holds_up_no_end(tmp_path: Path) -> None:
    async with hostile_on_http("hangs-at-the-end") as (url, _):
        source = McpServers(read_file(write_file(tmp_path, slow={"url": url})))
        async with asyncio.timeout(10):
            async with source.connected():
                await source.servers[0].settled.wait()
                assert not source.servers[0].problem


async def test_a_server_that_is_cut_off_while_it_connects_ends_with_nellie(tmp_path: Path) -> None:
    for way in ("refusing", "silent", "behaves"):
        source = McpServers(read_file(write_file(tmp_path, one=hostile(way))))
        async with asyncio.timeout(20):
            async with source.connected():
                if way != "silent":
                    await source.servers[0].settled.wait()


async def test_a_pattern_that_takes_for_ever_is_never_matched(connect: Connect) -> None:
    servers = await connect(promising=hostile("promising"))
    async with asyncio.timeout(10):
        assert "aaa" in (await servers.call("promising-ok")).text


async def test_a_list_full_of_nothing_costs_no_other_tool(connect: Connect) -> None:
    servers = await connect(wide=hostile("wide"))
    assert servers.names == ["wide-ok"]


async def test_numbers_that_cannot_be_written_cost_no_other_tool(connect: Connect) -> None:
    servers = await connect(numbers=hostile("numbers"))
    assert "numbers-ok" in servers.names
    for tool in servers.source.offered():
        assert "NaN" not in tool.written
        assert "Infinity" not in tool.written


async def test_a_server_that_has_forgotten_its_session_is_connected_again(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "FIRST_PAUSE", 0.1)
    monkeypatch.setattr(server_module, "APART", 0.1)
    async with hostile_on_http("forgets") as (url, _):
        servers = await connect(forgets={"url": url})
        assert (await servers.call("forgets-ok")).is_error
        async with asyncio.timeout(20):
            while (await servers.call("forgets-ok")).is_error:  # noqa: ASYNC110  # a server
                await asyncio.sleep(0.05)
