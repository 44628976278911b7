"""Tools at work, as people on Discord see it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from doubles.discord_server import Discord
from doubles.fake_toolbox import QUERY, SEARCH, FakeToolbox
from doubles.nellie_on_discord import NellieOnDiscord

from adapters.discord import outgoing
from bot.domain.tools import Tool, ToolCall
from bot.testing import ScriptedModel, calls, says

Open = Callable[..., Awaitable[NellieOnDiscord]]
ISSUES = Tool("github_list_issues", "Lists issues.", QUERY, server="GitHub")
BOTH = "-# searching memory, asking GitHub: list_issues..."


class Waiting:
    """Work that takes as long as a test wants."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()

    async def __call__(self, arguments: Mapping[str, Any], context: object) -> str:
        await self.ready.wait()
        return "found"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "NOTICE_AFTER", 0.02)


async def open_one(open_nellie: Open, discord: Discord, *tools: Tool) -> tuple[Any, Waiting]:
    work = Waiting()
    asked = [ToolCall(f"c{n}", tool.name, '{"query": "a"}') for n, tool in enumerate(tools)]
    model = ScriptedModel(calls(*asked), says("It is there."))
    toolbox = FakeToolbox(*tools, work=work)
    return await open_nellie(discord, model=model, toolbox=toolbox), work


@pytest.mark.parametrize(
    ("tools", "line"),
    [
        ((SEARCH,), "-# searching memory..."),
        ((ISSUES,), "-# asking GitHub: list_issues..."),
        ((SEARCH, ISSUES), BOTH),
    ],
)
async def test_what_tools_do_stands_in_the_answers_place_until_that_begins(
    open_nellie: Open, discord: Discord, tools: tuple[Tool, ...], line: str
) -> None:
    nellie, work = await open_one(open_nellie, discord, *tools)

    text = f"{discord.bot.mention} where is it?"
    question = discord.say(discord.ana, discord.general, text)
    await discord.until(lambda: line in discord.visible(discord.general))
    [notice] = [post for post in discord.of_bot(discord.general) if post.text == line]
    work.ready.set()
    answer = await nellie.answer_to(question)

    assert answer == "It is there."
    [post] = discord.answers(question)
    assert post.id == notice.id


@pytest.mark.parametrize("private", [True, False])
async def test_a_command_shows_it_where_its_answer_comes(
    open_nellie: Open, discord: Discord, private: bool
) -> None:
    nellie, work = await open_one(open_nellie, discord, SEARCH, ISSUES)

    asked = discord.slash(
        discord.ana, discord.general, "ask", question="where is it?", private=private
    )
    await discord.until(lambda: asked.shown == BOTH)
    everybody_saw = BOTH in discord.visible(discord.general)
    work.ready.set()
    await discord.until(lambda: asked.shown == "It is there.")
    await nellie.parts.lanes.idle()

    assert asked.ephemeral == private
    assert everybody_saw != private


async def test_an_answer_without_tools_shows_no_such_line(
    open_nellie: Open, discord: Discord
) -> None:
    nellie = await open_nellie(discord, model=ScriptedModel(says("Hm.", " Yes.")))

    await nellie.ask(discord.ana, discord.general, "well?")

    assert not [post for post in discord.of_bot(discord.general) if "-#" in "".join(post.text)]
