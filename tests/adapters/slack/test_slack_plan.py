"""A plan of three steps over two MCP servers and memory, in Slack; and what was allowed."""

import re
from pathlib import Path

from doubles.mcp_servers.plan import ANSWER, SAID, STEPS, made, planner, switch_all_on, two_servers
from doubles.mcp_servers.starting import read_ledger
from doubles.nellie_on_slack import StartNellie

from bot.testing import ScriptedModel, calls, says


async def test_memory_and_two_servers_are_asked_in_order(
    start_nellie: StartNellie, tmp_path: Path
) -> None:
    async with two_servers(tmp_path) as file:
        nellie = await start_nellie(model=planner(), mcp=file)
        nellie.slack.say("U2", "C1", SAID)
        await nellie.wait_until_idle()
        await switch_all_on(nellie.parts, "C1")

        answers = await nellie.ask("@nellie what is the matter at gate 3?")

        assert answers == [ANSWER]
        assert await made(nellie.parts) == [(name, "done") for name in STEPS]


async def test_a_server_changes_something_once_and_only_when_it_was_allowed(
    start_nellie: StartNellie, tmp_path: Path
) -> None:
    async with two_servers(tmp_path) as file:
        create = ("http-create_issue", '{"title": "Oil the crane"}')
        model = ScriptedModel(calls(create), says("It is noted."))
        nellie = await start_nellie(model=model, mcp=file)
        nellie.slack.say("U2", "C1", SAID)
        await nellie.wait_until_idle()
        await switch_all_on(nellie.parts, "C1", "http-create_issue")

        [asked] = await nellie.ask("@nellie note that it needs oil")
        assert "Oil the crane" in asked
        assert read_ledger(tmp_path / "http.ledger") == []
        [post] = [one for one in nellie.slack.rooms["C1"].messages.values() if "May I" in str(one)]
        [allow] = [
            one["action_id"]
            for block in post["blocks"]
            if block["type"] == "actions"
            for one in block["elements"]
            if one["action_id"].startswith("consent:yes")
        ]
        nellie.slack.press("U1", "C1", post["ts"], allow)
        await nellie.wait_until_idle()

        [call] = read_ledger(tmp_path / "http.ledger")
        assert call["title"] == "Oil the crane"
        assert call["key"]
        assert "It is noted." in nellie.slack.answers("C1")


async def test_a_button_that_is_pressed_at_once_after_a_restart_finds_its_server(
    start_nellie: StartNellie, tmp_path: Path
) -> None:
    async with two_servers(tmp_path) as file:
        create = ("stdio-create_issue", '{"title": "Oil the crane"}')
        first = await start_nellie(model=ScriptedModel(calls(create)), mcp=file)
        slack = first.slack
        slack.say("U2", "C1", SAID)
        await first.wait_until_idle()
        await switch_all_on(first.parts, "C1", "stdio-create_issue")
        await first.ask("@nellie note that it needs oil")
        await first.crash()
        [post] = [one for one in slack.rooms["C1"].messages.values() if "May I" in str(one)]
        [allow] = re.findall(r"consent:yes:\d+", str(post))

        second = await start_nellie(
            slack, model=ScriptedModel(says("It is noted.")), mcp=file, introduced=False
        )
        slack.press("U1", "C1", post["ts"], allow)
        await second.wait_until_idle()

        [call] = read_ledger(tmp_path / "stdio.ledger")
        assert call["title"] == "Oil the crane"
        assert "It is noted." in slack.answers("C1")
