"""Tools at work, as people in Slack see it."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from doubles.fake_toolbox import QUERY, SEARCH, FakeToolbox
from doubles.nellie_on_slack import StartNellie

from bot.domain.tools import Tool, ToolCall
from bot.testing import ScriptedModel, calls, says

ISSUES = Tool("github_list_issues", "Lists issues.", QUERY, server="GitHub")
ODD = Tool("fetch", "Fetches.", QUERY)
NAMELESS = Tool("x" * 64, "x", QUERY, server="s" * 60)


@pytest.mark.parametrize(
    ("tools", "line"),
    [
        ((SEARCH,), "is searching memory..."),
        ((ISSUES,), "is asking GitHub: list_issues..."),
        ((ODD,), "is using fetch..."),
        ((SEARCH, ISSUES), "is searching memory, asking GitHub: list_issues..."),
        ((SEARCH, ISSUES, ODD, NAMELESS), "is searching memory, asking GitHub: list_issues and 2"),
    ],
)
async def test_the_status_says_which_tools_are_at_work(
    start_nellie: StartNellie, tools: tuple[Tool, ...], line: str
) -> None:
    ready = asyncio.Event()

    async def work(arguments: Mapping[str, Any], context: object) -> str:
        await ready.wait()
        return "found"

    asked = [ToolCall(f"c{n}", tool.name, '{"query": "a"}') for n, tool in enumerate(tools)]
    model = ScriptedModel(calls(*asked), says("It is there."))
    nellie = await start_nellie(model=model, toolbox=FakeToolbox(*tools, work=work))

    ts = nellie.slack.say("U1", "C1", "@nellie where is it?")
    await nellie.slack.until(lambda: line in str(nellie.slack.statuses))
    ready.set()
    await nellie.wait_until_idle()

    assert nellie.slack.answers("C1", ts) == ["It is there."]
    assert not any(len(one) > 200 for one in nellie.slack.statuses["C1", ts])
