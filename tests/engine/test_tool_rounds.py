"""Answers with tools: the model calls them in rounds, reads what they say, and answers."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from doubles.fake_toolbox import SEARCH, SEND, Consenting, FakeToolbox, never, results
from doubles.start_nellie import Start

from bot.core import tool_calling, tool_rounds
from bot.domain.errors import ContextOverflow
from bot.domain.model import Chunk, Prompt, Turn, Usage
from bot.domain.ports import DeliveryLog, ToolContext
from bot.domain.tools import Tool, ToolCall, ToolResult
from bot.llm.tool_messages import without_tools
from bot.testing import ANA, FakePlatform, RunningNellie, ScriptedModel, breaks, calls, says

RENT = ("search", '{"query": "rent"}')


async def states(nellie: RunningNellie) -> list[tuple[str, str]]:
    rows = await nellie.rows("SELECT tool, state FROM tool_call ORDER BY round, position")
    return [(row.tool, row.state) for row in rows]


async def test_a_call_is_made_and_its_result_is_read(start_nellie: Start) -> None:
    model, box = ScriptedModel(calls(RENT), says("It is 900.")), FakeToolbox()
    nellie = await start_nellie(model=model, toolbox=box)

    assert await nellie.ask(ANA, "how high is the rent?") == "It is 900."

    first, second = model.prompts
    assert (first.tools, first.tool_choice) == ((SEARCH,), "auto")
    assert box.called == [("search", {"query": "rent"})]
    assert second.messages[-2].calls == (ToolCall("call1", *RENT),)
    assert "{'query': 'rent'}" in second.messages[-1].text
    assert "no instruction" in second.messages[-1].text
    assert await states(nellie) == [("search", "done")]


async def test_several_rounds_keep_their_order_and_are_billed_one_by_one(
    start_nellie: Start,
) -> None:
    asked = [("search", json.dumps({"query": word})) for word in ("one", "two", "three")]
    model = ScriptedModel(*(calls(one) for one in asked), says("Done."))
    box = FakeToolbox()
    nellie = await start_nellie(model=model, toolbox=box)

    await nellie.ask(ANA, "count")

    assert [given["query"] for _, given in box.called] == ["one", "two", "three"]
    assert [len(results(prompt)) for prompt in model.prompts] == [0, 1, 2, 3]
    assert len(await nellie.rows("SELECT id FROM usage WHERE purpose = 'answer'")) == 4
    assert box.contexts[-1].earlier[0][0].arguments == asked[0][1]


async def test_words_before_a_call_stand_above_the_answer(start_nellie: Start) -> None:
    model = ScriptedModel(calls(RENT, text="Let me look."), says("It is 900."))
    nellie = await start_nellie(model=model, toolbox=FakeToolbox())

    assert await nellie.ask(ANA, "rent?") == "Let me look.\n\nIt is 900."
    assert model.prompts[1].messages[-2].text == "Let me look."


async def test_the_last_round_is_without_tools(start_nellie: Start) -> None:
    def script(prompt: Prompt) -> Any:
        if prompt.tool_choice == "none":
            return says("That is all I know.")(prompt)
        return calls(("search", json.dumps({"query": len(prompt.messages)})))(prompt)

    model, box = ScriptedModel(script), FakeToolbox()
    nellie = await start_nellie(model=model, toolbox=box)

    assert await nellie.ask(ANA, "search for ever") == "That is all I know."
    assert len(box.called) == tool_rounds.MOST_ROUNDS


async def test_at_most_four_calls_run_at_once(start_nellie: Start) -> None:
    running, most = 0, 0

    async def work(arguments: Mapping[str, Any], context: ToolContext) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        return "found"

    asked = [("search", json.dumps({"query": number})) for number in range(10)]
    box = FakeToolbox(work=work)
    nellie = await start_nellie(model=ScriptedModel(calls(*asked), says("Done.")), toolbox=box)

    await nellie.ask(ANA, "look at ten things")

    assert (len(box.called), most) == (10, tool_calling.AT_ONCE)


@pytest.mark.parametrize("arguments", ['{"query": "re', "[1]", "rent", '{"q": "rent"}', "{}"])
async def test_bad_arguments_go_back_to_the_model(start_nellie: Start, arguments: str) -> None:
    model = ScriptedModel(calls(("search", arguments)), calls(RENT), says("It is 900."))
    box = FakeToolbox()
    nellie = await start_nellie(model=model, toolbox=box)

    assert await nellie.ask(ANA, "rent?") == "It is 900."
    assert "not called" in results(model.prompts[1])[0]
    assert [name for name, _ in box.called] == ["search"]
    assert await states(nellie) == [("search", "failed"), ("search", "done")]


async def test_arguments_that_stay_broken_end_the_rounds(start_nellie: Start) -> None:
    def script(prompt: Prompt) -> Any:
        if prompt.tool_choice == "none":
            return says("I could not look it up.")(prompt)
        return calls(("search", "{oops"))(prompt)

    model, box = ScriptedModel(script), FakeToolbox()
    nellie = await start_nellie(model=model, toolbox=box)

    assert await nellie.ask(ANA, "rent?") == "I could not look it up."
    assert (len(model.prompts), box.called) == (3, [])


async def test_a_tool_that_nobody_offers_is_told_with_those_there_are(start_nellie: Start) -> None:
    model = ScriptedModel(calls(("delete_all", "{}")), says("I cannot."))
    nellie = await start_nellie(model=model, toolbox=FakeToolbox())

    await nellie.ask(ANA, "delete it")

    assert "no tool delete_all here. There are: search" in results(model.prompts[1])[0]


async def test_a_tool_that_fails_is_told_and_the_answer_goes_on(start_nellie: Start) -> None:
    async def work(arguments: Mapping[str, Any], context: ToolContext) -> str:
        raise ConnectionResetError("secret detail")

    model = ScriptedModel(calls(RENT), says("I could not find out."))
    nellie = await start_nellie(model=model, toolbox=FakeToolbox(work=work))

    assert await nellie.ask(ANA, "rent?") == "I could not find out."
    assert results(model.prompts[1]) == ["search failed (ConnectionResetError)."]


async def test_a_slow_tool_is_given_up(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool_calling, "WITHIN", 0.05)
    model = ScriptedModel(calls(RENT), says("It takes too long."))
    nellie = await start_nellie(model=model, toolbox=FakeToolbox(work=never))

    assert await nellie.ask(ANA, "rent?") == "It takes too long."
    assert "no answer within 0.05 s" in results(model.prompts[1])[0]


async def test_long_results_are_cut_with_a_note(start_nellie: Start) -> None:
    async def work(arguments: Mapping[str, Any], context: ToolContext) -> str:
        return "harbour dues and berths " * 20_000

    model = ScriptedModel(calls(RENT, RENT), says("A lot."))
    nellie = await start_nellie(model=model, toolbox=FakeToolbox(work=work))

    await nellie.ask(ANA, "rent?")

    assert all("are left out" in text for text in results(model.prompts[1]))
    grown = model.prompts[1].tokens - model.prompts[0].tokens
    assert grown < 2 * tool_rounds.RESULT_TOKENS + 300


async def test_results_that_do_not_fit_are_cut_again(start_nellie: Start) -> None:
    async def work(arguments: Mapping[str, Any], context: ToolContext) -> str:
        return "harbour dues and berths " * 2_000

    too_long = ContextOverflow(model="scripted", reason="too long", needed=9, window=5)
    model = ScriptedModel(calls(RENT), breaks(too_long), says("A lot."))
    nellie = await start_nellie(model=model, toolbox=FakeToolbox(work=work))

    assert await nellie.ask(ANA, "rent?") == "A lot."
    long, short = (len(results(prompt)[0]) for prompt in model.prompts[1:])
    assert short < long


async def test_what_changes_something_is_not_called_without_consent(start_nellie: Start) -> None:
    model = ScriptedModel(calls(("send", '{"query": "x"}')), says("Nobody has consented."))
    box = FakeToolbox(SEND, consents=Consenting(agree=False))
    nellie = await start_nellie(model=model, toolbox=box)

    await nellie.ask(ANA, "send it")

    assert box.called == []
    assert "nobody has consented" in results(model.prompts[1])[0]
    assert await states(nellie) == [("send", "refused")]


async def test_the_status_names_the_tool(start_nellie: Start) -> None:
    class Watched(FakePlatform):
        async def deliver(
            self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
        ) -> None:
            self.log = delivery_log
            await super().deliver(turn, text, delivery_log)

    platform, seen = Watched(), list[str]()

    async def work(arguments: Mapping[str, Any], context: ToolContext) -> str:
        seen.append(platform.log.status)
        return "found"

    asked = ("search", '{"query": "x"}'), ("send", '{"query": "x"}')
    box = FakeToolbox(SEARCH, SEND, work=work, consents=Consenting())
    model = ScriptedModel(*(calls(one) for one in asked), says("900."))
    nellie = await start_nellie(model=model, toolbox=box, platform=platform)

    await nellie.ask(ANA, "rent?")

    assert seen == ["searching memory", "asking mail: send"]


async def test_what_changes_something_is_called_once_people_consent(start_nellie: Start) -> None:
    send = ("send", '{"query": "x"}')
    model = ScriptedModel(calls(send), calls(send), says("Sent."))
    box = FakeToolbox(SEND, consents=(people := Consenting()))
    nellie = await start_nellie(model=model, toolbox=box)

    await nellie.ask(ANA, "send it")

    assert box.called == [("send", {"query": "x"})]
    assert len(people.asked) == 1
    assert "is not repeated" in results(model.prompts[2])[1]
    assert await states(nellie) == [("send", "done"), ("send", "refused")]


async def test_a_change_that_does_not_end_may_have_happened(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool_calling, "WITHIN", 0.05)
    model = ScriptedModel(calls(("send", '{"query": "x"}')), says("I do not know."))
    box = FakeToolbox(SEND, work=never, consents=Consenting())
    nellie = await start_nellie(model=model, toolbox=box)

    answer = await nellie.ask(ANA, "send it")

    assert "may or may not have happened" in results(model.prompts[1])[0].replace("\n", " ")
    assert "may or may not have happened" in answer
    assert await states(nellie) == [("send", "unknown")]


async def test_stop_tells_of_a_change_that_was_under_way(start_nellie: Start) -> None:
    model = ScriptedModel(calls(("send", '{"query": "x"}')))
    box = FakeToolbox(SEND, work=never, consents=Consenting())
    nellie = await start_nellie(model=model, toolbox=box)

    turn = await nellie.open_turn(ANA, "send it")
    await box.begun.wait()
    await nellie.parts.turns.stop(turn)
    await nellie.parts.lanes.idle()

    assert "may or may not have happened" in nellie.platform.shown[turn]
    assert await states(nellie) == [("send", "unknown")]


async def test_stop_ends_a_call_that_is_under_way(start_nellie: Start) -> None:
    model, box = ScriptedModel(calls(RENT), says("Never.")), FakeToolbox(work=never)
    nellie = await start_nellie(model=model, toolbox=box)

    turn = await nellie.open_turn(ANA, "rent?")
    await box.begun.wait()
    await nellie.parts.turns.stop(turn)
    await nellie.parts.lanes.idle()

    assert nellie.platform.shown[turn].strip() == "(stopped)"
    assert await states(nellie) == [("search", "refused")]
    assert len(model.prompts) == 1


async def test_nothing_of_a_call_is_left_once_its_turn_has_ended(start_nellie: Start) -> None:
    async def work(arguments: Mapping[str, Any], context: ToolContext) -> str:
        return "the word canary7731"

    model = ScriptedModel(calls(("search", '{"query": "canary7731"}')), says("Done."))
    nellie = await start_nellie(model=model, toolbox=FakeToolbox(work=work))

    await nellie.ask(ANA, "rent?")

    assert await nellie.find_traces("canary7731") == []
    assert await states(nellie) == [("search", "done")]


async def test_an_answer_rests_on_what_its_tools_tell_of(start_nellie: Start) -> None:
    class Telling(FakeToolbox):
        async def run(self, tool: Tool, call: ToolCall, context: ToolContext) -> ToolResult:
            return ToolResult(call.id, "the rent is 900", rests_on=(1,))

    model = ScriptedModel(calls(RENT), says("It is 900."))
    nellie = await start_nellie(model=model, toolbox=Telling())
    await nellie.say(ANA, "the rent is 900")

    await nellie.ask(ANA, "rent?")

    [[rests_on]] = await nellie.rows("SELECT rests_on FROM message WHERE nellie")
    assert 1 in rests_on


async def test_a_model_without_tools_answers_without(start_nellie: Start) -> None:
    model = ScriptedModel(says("Hello."), calls_tools=False)
    nellie = await start_nellie(model=model, toolbox=FakeToolbox())

    assert await nellie.ask(ANA, "hi") == "Hello."
    assert model.prompts[0].tools == ()


async def test_the_next_model_goes_on_with_what_was_called(start_nellie: Start) -> None:
    """It knows no tools: it reads in words what the first one has looked up."""
    model = ScriptedModel(calls(RENT), says("900."))
    nellie = await start_nellie(model=model, toolbox=FakeToolbox())

    await nellie.ask(ANA, "rent?")

    told = without_tools(model.prompts[1])
    assert told.tools == ()
    assert [one.role for one in told.messages[-2:]] == ["assistant", "user"]
    assert "{'query': 'rent'}" in told.messages[-1].text


async def test_a_turn_stores_its_call_before_it_starts(start_nellie: Start) -> None:
    seen: Counter[str] = Counter()

    async def work(arguments: Mapping[str, Any], context: ToolContext) -> str:
        seen.update(state for _, state in await states(nellie))
        return "found"

    nellie = await start_nellie(
        model=ScriptedModel(calls(RENT), says("900.")), toolbox=FakeToolbox(work=work)
    )

    await nellie.ask(ANA, "rent?")

    assert seen == {"running": 1}


async def test_what_a_round_used_counts_towards_the_quotas_before_the_next(
    start_nellie: Start,
) -> None:
    call = ToolCall("a", *RENT)
    dear = Chunk("", "tool_calls", Usage("scripted", 5_000, 10), calls=(call,))
    model = ScriptedModel(lambda _: (dear,), says("Never."))
    nellie = await start_nellie(model=model, toolbox=FakeToolbox(), limit_tokens=4_000)

    answer = await nellie.ask(ANA, "rent?")

    assert "budget for today is used up" in answer
    assert len(model.prompts) == 1
    [[billed]] = await nellie.rows("SELECT input FROM usage WHERE purpose = 'answer'")
    assert billed == 5_000


@pytest.mark.parametrize("question", ["hi", "rent?", "what is there?"])
async def test_without_a_toolbox_nothing_of_tools_is_in_a_prompt(
    start_nellie: Start, question: str
) -> None:
    nellie = await start_nellie()

    await nellie.ask(ANA, question)

    [prompt] = nellie.model.prompts
    assert (prompt.tools, prompt.tool_choice) == ((), "auto")
    assert sum(len(one.text.encode()) for one in prompt.messages) < 1_000
    assert await states(nellie) == []
