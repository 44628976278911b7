"""The built-in tools in an answer: a model that plans, looks, counts and sets a reminder."""

import json
import re

import pytest
from doubles.start_nellie import Start
from doubles.tool_calls import switch_on

from bot.llm.openai.tool_calls import format_tools
from bot.testing import ANA, BOB, GENERAL, ScriptedModel, calls, repeats_prompt, says
from bot.tools.builtin.calculate import TOOL as CALCULATE
from bot.tools.builtin.fetch_page import TOOL as FETCH_PAGE
from bot.tools.builtin.now import TOOL as NOW
from bot.tools.builtin.open_message import TOOL as OPEN_MESSAGE
from bot.tools.builtin.remind import TOOL as REMIND
from bot.tools.builtin.search_memory import TOOL as SEARCH_MEMORY
from bot.tools.builtin.web_search import TOOL as WEB_SEARCH


async def test_a_model_searches_counts_and_reminds_in_one_answer(start_nellie: Start) -> None:
    model = ScriptedModel(
        calls(
            ("search_memory", json.dumps({"words": ["rent"]})),
            ("calculate", json.dumps({"expression": "900 * 12"})),
        ),
        calls(("remind", json.dumps({"text": "pay the rent", "when": "in 1 hour"}))),
        says("The rent is 900, 10,800 a year."),
    )
    nellie = await start_nellie(model=model)
    await nellie.say(BOB, "the rent is 900 euros")
    await switch_on(nellie, "calculate", "remind")

    answer = await nellie.ask(ANA, "how much is it a year? remind me in an hour")
    await nellie.rows("UPDATE reminder SET at = now(), due_at = now() RETURNING 1")
    await nellie.parts.jobs.open_reminders()
    await nellie.parts.lanes.idle()

    assert answer == "The rent is 900, 10,800 a year."
    offered = [tool.name for tool in model.prompts[0].tools]
    assert offered == ["calculate", "now", "remind", "search_memory"]
    told = "\n".join(message.text for message in model.prompts[-1].messages)
    assert "the rent is 900 euros" in told
    assert "900 * 12 = 10800" in told
    assert re.search(r"Reminder \d+ is set for", told)
    assert [text for text in nellie.platform.shown.values() if "pay the rent" in text]


@pytest.mark.parametrize("tool", ["search_memory", "open_message"])
async def test_an_answer_is_forgotten_with_what_a_tool_told_it(
    start_nellie: Start, tool: str
) -> None:
    given = {"words": ["rent"]} if tool == "search_memory" else {"link": "rent-1"}
    model = ScriptedModel(calls((tool, json.dumps(given))), says("It is 900 euros."))
    nellie = await start_nellie(model=model)
    await nellie.say(BOB, "the rent is 900 euros", id="rent-1", link="https://chat.example/rent-1")
    await nellie.add_history(*(f"other talk number {number}" for number in range(30)))
    await switch_on(nellie, "open_message")

    await nellie.ask(ANA, "what do we pay the landlord?")
    [told] = [one.text for one in model.prompts[-1].messages if one.role == "tool"]
    [[rests_on]] = await nellie.rows("SELECT rests_on FROM message WHERE nellie")
    [[seq]] = await nellie.rows("SELECT seq FROM message WHERE external_id = 'rent-1'")
    await nellie.parts.inbox.deleted(GENERAL, "rent-1")
    model.follow("answer", repeats_prompt)
    repeated = await nellie.ask(ANA, "and what did you say it was?")

    assert "https://chat.example/rent-1" in told
    assert seq in rests_on
    assert "900" not in repeated


async def test_a_channel_without_tools_is_offered_none(start_nellie: Start) -> None:
    nellie = await start_nellie()

    await nellie.ask(ANA, "hi")

    [prompt] = nellie.model.prompts
    assert prompt.tools == ()
    assert sum(len(one.text.encode()) for one in prompt.messages) < 1_000


async def test_the_usual_tools_cost_little_in_each_prompt(start_nellie: Start) -> None:
    nellie = await start_nellie()
    await switch_on(nellie)

    await nellie.ask(ANA, "hi")

    [prompt] = nellie.model.prompts
    said = sum(len(one.text.encode()) for one in prompt.messages)
    offered = json.dumps(format_tools(prompt.tools), ensure_ascii=False).encode()
    assert [tool.name for tool in prompt.tools] == ["now", "search_memory"]
    assert said + len(offered) < 2_000


def test_every_tool_says_in_words_what_it_does() -> None:
    doing = {one.name: one.doing for one in (CALCULATE, FETCH_PAGE, NOW, OPEN_MESSAGE, REMIND)}
    doing |= {one.name: one.doing for one in (SEARCH_MEMORY, WEB_SEARCH)}

    assert doing == {
        "calculate": "calculating",
        "fetch_page": "reading a web page",
        "now": "looking at the clock",
        "open_message": "opening a message",
        "remind": "setting a reminder",
        "search_memory": "searching memory",
        "web_search": "searching the web",
    }
