"""Slack refuses blocks without saying which: the answer is shown in the best form that it takes."""

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.slack_server import Slack

from bot.testing import ScriptedModel, says

TABLE = "| ship | quay |\n|---|---|\n| Aurora | 7 |"
TWO = f"Here:\n\n{TABLE}\n\nand\n\n{TABLE}"


def kinds(nellie: NellieOnSlack, root: str) -> list[list[str]]:
    return [[block["type"] for block in post["blocks"]] for post in nellie.slack.posts("C1", root)]


async def test_an_answer_with_two_tables_is_shown_as_it_is_and_can_be_rated(
    start_nellie: StartNellie,
) -> None:
    nellie = await start_nellie(model=ScriptedModel(says(TWO), says("fine")))

    first = nellie.slack.say("U1", "C1", "@nellie two tables, please")
    await nellie.wait_until_idle()
    second = nellie.slack.say("U1", "C1", "@nellie and none")
    await nellie.wait_until_idle()

    assert nellie.slack.answers("C1", first) == [TWO]
    assert kinds(nellie, first) == [["section", "context_actions"]]
    assert kinds(nellie, second) == [["markdown", "context_actions"]]
    assert await nellie.count_turns() == {"done": 2}


@pytest.mark.parametrize("text", ["fine", TWO])
async def test_ratings_are_left_away_where_it_is_they_that_are_refused(
    start_nellie: StartNellie, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from doubles.slack_server import message_limits

    known = message_limits._KINDS - {"context_actions"}
    monkeypatch.setattr(message_limits, "_KINDS", known)
    nellie = await start_nellie(model=ScriptedModel(says(text), says("fine")))

    first = nellie.slack.say("U1", "C1", "@nellie hello")
    await nellie.wait_until_idle()
    second = nellie.slack.say("U1", "C1", "@nellie hello again")
    await nellie.wait_until_idle()

    assert nellie.slack.answers("C1", first) == [text]
    assert kinds(nellie, first) == [["section"] if text == TWO else ["markdown"]]
    assert kinds(nellie, second) == [["markdown"]]


@pytest.mark.parametrize("rows", [1, 40])
@pytest.mark.parametrize("tables", [3, 12])
async def test_where_nothing_is_streamed_many_tables_are_posted_whole_and_can_be_rated(
    start_nellie: StartNellie, tables: int, rows: int
) -> None:
    table = "| ship | quay |\n|---|---|" + "".join(f"\n| Aurora {n} | {n} |" for n in range(rows))
    answer = "\n\nand\n\n".join([table] * tables)
    async with Slack() as slack:
        slack.streaming = False
        nellie = await start_nellie(slack, model=ScriptedModel(says(answer), says("fine")))

        first = slack.say("U1", "C1", "@nellie tables, please")
        await nellie.wait_until_idle()
        second = slack.say("U1", "C1", "@nellie and none")
        await nellie.wait_until_idle()

        shown = "".join(slack.answers("C1", first))
        assert "".join(shown.split()) == "".join(answer.split())
        assert kinds(nellie, first)[-1][-1] == "context_actions"
        assert kinds(nellie, second) == [["markdown", "context_actions"]]
        assert await nellie.count_turns() == {"done": 2}
