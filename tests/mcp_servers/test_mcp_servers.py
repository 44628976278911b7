"""MCP servers as processes of their own: what they offer, and how they are called."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from doubles.mcp_servers.connected import Connect
from doubles.mcp_servers.starting import hostile, read_ledger, tracker, tracker_on_http
from doubles.nellie_on_slack import free_port

from bot.tools.mcp import server as server_module


@pytest.fixture(params=["stdio", "http"])
async def entry(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """The tracker, as a program or behind an address."""
    if request.param == "stdio":
        yield tracker(tmp_path / "ledger")
        return
    async with tracker_on_http(tmp_path / "ledger") as remote:
        yield remote


async def test_tools_are_offered_and_called(
    connect: Connect, entry: dict[str, Any], tmp_path: Path
) -> None:
    servers = await connect(tracker=entry)

    assert servers.names == [
        "tracker-create_issue",
        "tracker-environment",
        "tracker-get_issue",
        "tracker-list_issues",
        "tracker-pay_bill_now",
    ]
    assert (await servers.call("tracker-list_issues")).text.startswith("#7 The crane squeaks")
    got = await servers.call("tracker-get_issue", number=7)
    assert json.loads(got.text) == {"number": 7, "title": "The crane squeaks"}
    assert (await servers.call("tracker-create_issue", title="Oil")).text == "Created #10: Oil"
    assert [call["title"] for call in read_ledger(tmp_path / "ledger")] == ["Oil"]


async def test_a_failure_and_wrong_arguments_are_results_that_a_model_reads(
    connect: Connect, entry: dict[str, Any]
) -> None:
    servers = await connect(tracker=entry)

    for arguments in ({"number": 8}, {"number": "seven"}, {}):
        result = await servers.call("tracker-get_issue", **arguments)
        assert result.is_error
        assert "get_issue" in result.text


async def test_only_what_the_operator_lists_reads_whatever_the_server_says_of_itself(
    connect: Connect, tmp_path: Path
) -> None:
    servers = await connect(tracker=tracker(tmp_path / "ledger"))

    changing = {tool.name for tool in servers.source.offered() if tool.changes}
    assert changing == {"tracker-create_issue", "tracker-environment", "tracker-pay_bill_now"}


async def test_an_idempotency_key_goes_along_also_as_an_argument(
    connect: Connect, entry: dict[str, Any], tmp_path: Path
) -> None:
    servers = await connect(tracker=entry)
    pay = next(tool for tool in servers.source.offered() if "pay" in tool.name)

    await servers.call(pay.name, key="k-1", amount=3)

    assert list(pay.schema["properties"]) == ["amount"]
    [call] = read_ledger(tmp_path / "ledger")
    assert (call["given"], call["key"]) == ("k-1", "k-1")


async def test_a_program_sees_none_of_nellies_secrets(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SLACK_BOT_TOKEN", "DISCORD_TOKEN", "OPENAI_API_KEY", "NELLIE_X", "DATABASE_URL"):
        monkeypatch.setenv(name, "sesame")
    servers = await connect(tracker=tracker(tmp_path / "ledger", env={"OWN": "yes"}))

    seen = json.loads((await servers.call("tracker-environment")).text)

    assert seen["OWN"] == "yes"
    assert "sesame" not in seen.values()


async def test_many_calls_at_once_find_their_own_answers(
    connect: Connect, entry: dict[str, Any]
) -> None:
    servers = await connect(tracker=entry)
    numbers = [7, 9] * 20

    results = await asyncio.gather(
        *(servers.call("tracker-get_issue", number=number) for number in numbers)
    )

    assert [json.loads(result.text)["number"] for result in results] == numbers


async def test_a_server_that_comes_back_is_connected_again(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "FIRST_PAUSE", 0.1)
    port = free_port()
    async with tracker_on_http(tmp_path / "ledger", port) as remote:
        servers = await connect(tracker=remote)
        await servers.call("tracker-list_issues")
    async with asyncio.timeout(60):
        await _ask_until(servers, works=False)
        assert "tracker-list_issues" in servers.names  # it may come back
        async with tracker_on_http(tmp_path / "ledger", port):
            await _ask_until(servers, works=True)


async def _ask_until(servers: Any, *, works: bool) -> None:
    while True:
        try:
            result = await servers.call("tracker-list_issues")
        except Exception:  # as the library has it
            has_worked = False
        else:
            has_worked = not result.is_error
        if has_worked is works:
            return


async def test_who_is_away_is_not_asked_and_the_others_answer(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "PATIENCE", 0.2)
    monkeypatch.setattr(server_module, "FIRST_PAUSE", 60.0)
    dead = {"url": f"http://127.0.0.1:{free_port()}/mcp"}
    servers = await connect(dead=dead, dying=hostile("dying"), tracker=tracker(tmp_path / "ledger"))
    with pytest.raises(Exception, match="closed"):
        await servers.call("dying-ok")

    result = await servers.call("dying-ok")

    assert result.is_error
    assert "It was not asked." in result.text
    assert "ConnectError" in servers["dead"].problem
    assert not (await servers.call("tracker-list_issues")).is_error
