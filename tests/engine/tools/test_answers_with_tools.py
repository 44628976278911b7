"""The built-in tools in an answer: a model that plans, looks, counts and sets a reminder."""

import json
import re

from doubles.start_nellie import Start
from doubles.tool_calls import switch_on

from bot.testing import ANA, BOB, ScriptedModel, calls, says
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


async def test_a_channel_without_tools_is_offered_none(start_nellie: Start) -> None:
    nellie = await start_nellie()

    await nellie.ask(ANA, "hi")

    [prompt] = nellie.model.prompts
    assert prompt.tools == ()


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
