"""What an answer with tools costs: each round is a call of the model, in sums and in quotas."""

import json

import pytest
from doubles.start_nellie import Start
from doubles.tool_calls import switch_on

from bot.domain.model import Chunk, Prompt, Usage
from bot.domain.tools import ToolCall
from bot.telemetry import metrics
from bot.testing import ANA, ScriptedModel
from bot.testing.scripted_model import Script, Steps

SUM = ToolCall("c1", "calculate", json.dumps({"expression": "6 * 7"}))
NOW = ToolCall("c1", "now")


def costs(given: int, said: int, *asked: ToolCall, text: str = "") -> Script:
    """A call of the model that took so many tokens, and asks for these tools."""

    def script(prompt: Prompt) -> Steps:
        usage = Usage("", given, said, 0)
        return (Chunk(text), Chunk("", "stop", usage, calls=asked))

    return script


THREE = (costs(1_000, 10, SUM), costs(1_200, 20, NOW), costs(1_400, 30, text="It is 42."))


async def test_usage_adds_up_three_rounds(start_nellie: Start) -> None:
    nellie = await start_nellie(
        model=ScriptedModel(*THREE), prices=("scripted=1000/0/1000",), limit_tokens=10_000
    )
    await switch_on(nellie, "calculate")

    await nellie.ask(ANA, "how much is it?")
    shown = (await nellie.run_command("usage")).text

    assert "answer, scripted: 3 calls, 3,600 tokens in (0% cached), 60 out, cost 3.66" in shown
    assert "tokens a day: 6,340" in shown


@pytest.mark.parametrize(("limit", "calls"), [(1_000, 1), (1_011, 2), (2_000, 2), (2_230, 2)])
async def test_a_quota_ends_an_answer_between_two_rounds(
    start_nellie: Start, limit: int, calls: int
) -> None:
    nellie = await start_nellie(model=ScriptedModel(*THREE), limit_tokens=limit)
    await switch_on(nellie, "calculate")

    answer = await nellie.ask(ANA, "how much is it?")

    assert "The common budget for today is used up" in answer
    assert len(nellie.model.prompts) == calls
    assert len(await nellie.rows("SELECT id FROM usage")) == calls


async def test_calls_are_counted_and_timed_by_tool(start_nellie: Start) -> None:
    bad = ToolCall("c2", "calculate", json.dumps({"expression": "6 *"}))
    none = ToolCall("c3", "delete_everything")
    model = ScriptedModel(costs(10, 1, SUM, bad, none), costs(10, 1, text="42"))
    nellie = await start_nellie(model=model)
    await switch_on(nellie, "calculate")
    before = dict(metrics.tool_calls.values)
    timed = sum(metrics.tool_seconds.counts.get("calculate", []))

    await nellie.ask(ANA, "how much is it?")

    def more(*labels: str) -> float:
        return metrics.tool_calls.values.get(labels, 0) - before.get(labels, 0)

    assert (more("calculate", "done"), more("calculate", "failed")) == (1, 1)
    assert more("unknown", "failed") == 1
    assert sum(metrics.tool_seconds.counts["calculate"]) == timed + 2


def test_a_server_that_renames_its_tools_makes_no_metric_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metrics, "_tools", set())

    labels = {metrics.of_tool(f"tool_{number}") for number in range(5_000)}

    assert len(labels) == metrics.MOST_TOOLS + 1
    assert metrics.of_tool("tool_7") == "tool_7"
    assert metrics.of_tool("tool_4999") == "other"
