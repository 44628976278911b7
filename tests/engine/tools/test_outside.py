"""Once something from outside was read, a search says nothing new, and a reminder tells no more."""

import json
from dataclasses import replace

import pytest
from doubles.search_engine import SearchEngine
from doubles.start_nellie import Start
from doubles.tool_calls import call, context_of, switch_on

from bot.domain.model import Turn
from bot.domain.toolbox import ToolContext
from bot.domain.tools import ToolCall, ToolResult
from bot.testing import ANA, RunningNellie, new_message
from bot.tools.outside import has_read_outside, new_words

FOUND = "| The Liebherr crane of Rotterdam lifts 300 tons. 红色起重机很高. A b c 1 2 3."


def reading(*earlier: tuple[str, str, str], said: str = "who makes red cranes?") -> ToolContext:
    """A turn whose earlier calls (tool, arguments, result) were these."""
    trigger = new_message(ANA, said, addressed=True)
    made = [(ToolCall("c", name, given), ToolResult("c", text)) for name, given, text in earlier]
    return ToolContext(Turn(1, trigger.channel, "l", trigger), 1, earlier=tuple(made))


@pytest.mark.parametrize("tool", ["fetch_page", "web_search", "wiki_read", "unheard_of"])
@pytest.mark.parametrize(
    ("query", "new"),
    [
        ("red cranes", []),
        ("the crane of Rotterdam", []),
        ("Who makes LIEBHERR cranes?", []),
        ("liebherr 300 tons", []),
        ("红色起重机", []),
        ("red cranes walrus", ["walrus"]),
        ("walrus ottokar", ["walrus", "ottokar"]),
        ("7731", ["7731"]),
        ("1 2 3", ["1", "2", "3"]),
        ("d2FscnVzIG90dG9rYXI=", ["d2fscnvzig90dg9ryxi"]),
        ("蓝色起重机", ["蓝色"]),
    ],
)
def test_a_query_has_words_of_the_question_and_of_what_was_found(
    tool: str, query: str, new: list[str]
) -> None:
    context = reading((tool, "{}", FOUND))

    assert has_read_outside(context)
    assert new_words(query, context) == new


@pytest.mark.parametrize("tool", ["search_memory", "open_message", "calculate", "now", "remind"])
def test_what_comes_from_the_channel_is_not_from_outside(tool: str) -> None:
    assert not has_read_outside(reading((tool, "{}", FOUND)))
    assert has_read_outside(replace(reading((tool, "{}", FOUND)), hears_servers=True))


def test_memory_and_an_echo_of_it_lend_no_words() -> None:
    context = reading(
        ("search_memory", "{}", "the walrus is called ottokar"),
        ("wiki_read", json.dumps({"title": "walrus ottokar"}), "No page: walrus ottokar. Harbour."),
    )

    assert new_words("walrus ottokar harbour", context) == ["walrus", "ottokar"]


async def test_a_refusal_teaches_no_words(start_nellie: Start) -> None:
    async with SearchEngine() as engine:
        nellie = await start_nellie(searxng=f"http://127.0.0.1:{engine.port}")
        await switch_on(nellie, "web_search")
        context = await context_of(nellie, said="who makes red cranes?")
        page = (ToolCall("c", "fetch_page", "{}"), ToolResult("c", FOUND))
        secret = {"query": "walrus ottokar"}

        first = await call(nellie, "web_search", secret, replace(context, earlier=(page,)))
        refused = (ToolCall("c", "web_search", json.dumps(secret)), first)
        again = await call(nellie, "web_search", secret, replace(context, earlier=(page, refused)))
        asked = await call(
            nellie, "web_search", {"query": "Liebherr cranes"}, replace(context, earlier=(page,))
        )

        assert first.is_error
        assert "“walrus”, “ottokar”" in first.text
        assert again.is_error
        assert not asked.is_error
        assert [one.query["q"] for one in engine.asked] == ["Liebherr cranes"]


async def test_a_first_search_is_worded_freely(start_nellie: Start) -> None:
    async with SearchEngine() as engine:
        nellie = await start_nellie(searxng=f"http://127.0.0.1:{engine.port}")
        await switch_on(nellie, "web_search")

        result = await call(nellie, "web_search", {"query": "weather Paris today"})

        assert not result.is_error


@pytest.mark.parametrize(
    ("where", "refused"), [("channel", True), ("here", False), ("privately", False)]
)
async def test_a_page_has_nobody_told_whom_the_answer_does_not_reach(
    nellie: RunningNellie, where: str, refused: bool
) -> None:
    await switch_on(nellie, "remind")
    context = await context_of(nellie, thread="t1")
    page = (ToolCall("c", "fetch_page", "{}"), ToolResult("c", FOUND))
    given = {"text": "look at evil.example", "when": "in 5 minutes", "where": where}

    result = await call(nellie, "remind", given, replace(context, earlier=(page,), key="k"))

    assert result.is_error == refused
    assert len(await nellie.rows("SELECT id FROM reminder")) == (not refused)
