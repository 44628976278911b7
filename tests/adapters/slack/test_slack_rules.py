"""Rules in Slack: who is to be told is pinged, and nobody else, whatever a message says."""

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.sorting_script import sorts

from bot.testing import ScriptedModel

HOSTILE = "down <!channel> <@U1> <!subteam^S999|all> @here &lt;!everyone&gt; <https://e.example|ok>"


@pytest.fixture
async def nellie(start_nellie: StartNellie) -> NellieOnSlack:
    """Nellie with a model that sorts."""
    model = ScriptedModel()
    model.follow("rule", sorts(outage="down", bug="crash"))
    return await start_nellie(model=model)


async def typed(nellie: NellieOnSlack, *lines: str) -> list[str]:
    """Somebody with rights types these; what they are told, and what all see."""
    before = len(nellie.slack.visible("C1")) + len(nellie.slack.private("U1"))
    for number, line in enumerate(lines, start=1):
        nellie.slack.command("U1", "C1", f"rules {line}")
        await nellie.slack.until(
            lambda wanted=before + number: (
                len(nellie.slack.visible("C1")) + len(nellie.slack.private("U1")) >= wanted
            )
        )
    return [*nellie.slack.visible("C1"), *nellie.slack.private("U1")]


async def look(nellie: NellieOnSlack) -> None:
    await nellie.slack.settled()
    await nellie.parts.jobs.label_arrived()
    await nellie.wait_until_idle()


@pytest.mark.parametrize(
    ("written", "mention", "pinged"),
    [
        ("<!subteam^S1|@oncall>", "<!subteam^S1>", "S1"),
        ("<@U2|bob>", "<@U2>", "U2"),
    ],
)
async def test_who_is_to_be_told_is_pinged_once_and_nobody_else(
    nellie: NellieOnSlack, written: str, mention: str, pinged: str
) -> None:
    slack = nellie.slack
    await typed(nellie, "add triage: bug, outage", f"tell triage outage {written}")
    slack.say("U2", "C1", HOSTILE)

    await look(nellie)
    await look(nellie)

    assert [who for _, who in slack.pings if who == pinged] == [pinged]
    [told] = [text for _, text in slack.pings if text != pinged]
    assert told.startswith(f"{mention}: triage says outage (90 %): http://")
    assert told.count("<") == 1
    [post] = [one for one in slack.posts("C1") if one["text"] == told]
    [block] = post["blocks"]
    [section] = block["elements"]
    kinds = [element["type"] for element in section["elements"]]
    assert kinds[0] in ("user", "usergroup")
    assert set(kinds[1:]) <= {"text", "link"}
    shown = "".join(element.get("text", "") for element in section["elements"])
    assert "90 %" in shown
    assert "thread_ts" not in post


@pytest.mark.parametrize("whom", ["<!channel>", "<!here>", "<!everyone>", "@oncall", "<#C1|x>"])
async def test_everybody_at_once_is_never_told(nellie: NellieOnSlack, whom: str) -> None:
    said = await typed(nellie, "add triage: bug, outage", f"tell triage outage {whom}")

    assert any("Pick the person or the group" in text for text in said)
    assert await nellie.query("SELECT 1 FROM rule_ping") == []


async def test_a_user_group_that_slack_does_not_take_is_told_in_words(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack
    await typed(nellie, "add triage: bug, outage", "tell triage outage <!subteam^S1|@oncall>")
    slack.say("U2", "C1", "down")
    slack.faults.refuse("chat.postMessage", error="invalid_blocks")

    await look(nellie)

    [post] = [one for one in slack.posts("C1") if "(90 %)" in one["text"]]
    assert "rich_text" not in [block["type"] for block in post["blocks"]]


async def test_commands_name_rules_as_they_are_typed_in_slack(nellie: NellieOnSlack) -> None:
    said = await typed(nellie, "add triage: bug, outage", "list")

    assert any("/nellie rules show triage" in text for text in said)
