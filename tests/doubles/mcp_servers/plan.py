"""A model that plans: it looks into memory, asks two servers one after another, and answers."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import sqlalchemy as sa
from doubles.mcp_servers.starting import tracker, tracker_on_http, write_file

from bot.bootstrap import Nellie
from bot.domain.model import Prompt
from bot.testing import ScriptedModel, Steps, calls, says
from bot.tools.registry import describe

SAID = "the crane at gate 3 is issue 7"
ANSWER = "Issue 7, the crane at gate 3, is called: The crane squeaks."
_CHANNEL = sa.text("SELECT id FROM channel WHERE external_id = :channel")
_CALLS = sa.text("SELECT tool, state FROM tool_call ORDER BY id")
STEPS = ["search_memory", "stdio-list_issues", "http-get_issue"]


def planner() -> ScriptedModel:
    """Each step needs what the one before it has found."""
    return ScriptedModel(
        calls(("search_memory", '{"words": ["crane"]}')),
        calls(("stdio-list_issues", "{}")),
        _get_what_was_found,
        _answer,
    )


def _get_what_was_found(prompt: Prompt) -> Steps:
    number = re.search(r"is issue (\d+)", _told(prompt))
    assert number, "memory has said nothing"
    assert "#7 The crane squeaks" in _told(prompt)
    return calls(("http-get_issue", f'{{"number": {number[1]}}}'))(prompt)


def _answer(prompt: Prompt) -> Steps:
    title = re.search(r'"title": "([^"]+)"', _told(prompt))
    assert title, "the second server has said nothing"
    return says(f"Issue 7, the crane at gate 3, is called: {title[1]}.")(prompt)


def _told(prompt: Prompt) -> str:
    return "\n".join(one.text for one in prompt.messages if one.role == "tool")


@asynccontextmanager
async def two_servers(folder: Path) -> AsyncIterator[str]:
    """A file with two servers: one that is a program, one that has an address."""
    async with tracker_on_http(folder / "http.ledger") as remote:
        yield write_file(folder, stdio=tracker(folder / "stdio.ledger"), http=remote)


async def switch_all_on(parts: Nellie, channel: str, *more: str) -> None:
    """Wait for the servers, and let a channel use what the plan needs."""
    assert parts.tools.servers
    for server in parts.tools.servers.servers:
        await server.settled.wait()
        assert not server.problem
    found = [parts.tools.registry.find(name) for name in (*STEPS, *more)]
    described = {tool.name: describe(tool) for tool in found if tool}
    [row] = await parts.database.fetch(_CHANNEL, {"channel": channel})
    await parts.stores.tool_switches.set(row.id, described, enabled=True)


async def made(parts: Nellie) -> list[tuple[str, str]]:
    """The calls in the order in which they were made, and how each ended."""
    rows = await parts.database.fetch(_CALLS, {})
    return [(row.tool, row.state) for row in rows]
