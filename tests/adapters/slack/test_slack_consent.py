"""Consent in Slack: buttons below the question, pressed by the right person and by others."""

from typing import Any

import pytest
from doubles.fake_toolbox import QUERY, FakeToolbox
from doubles.nellie_on_slack import NellieOnSlack, StartNellie

from bot.domain.tools import Tool, ToolCall
from bot.testing import ScriptedModel, calls, says

SEND = Tool("mail-send", "Sends a mail.", QUERY, changes=True, server="mail")


def wants(*queries: str) -> ScriptedModel:
    """A model that wants to send these, and then is content."""
    asked = [
        ToolCall(f"c{n}", SEND.name, f'{{"query": "{query}"}}') for n, query in enumerate(queries)
    ]
    return ScriptedModel(calls(*asked), says("All is said."))


async def start(
    start_nellie: StartNellie, *queries: str, **more: Any
) -> tuple[NellieOnSlack, FakeToolbox]:
    box = FakeToolbox(SEND)
    return await start_nellie(model=wants(*queries), toolbox=box, **more), box


def buttons_of(nellie: NellieOnSlack, message: dict[str, Any]) -> dict[str, str]:
    """The ids of the buttons that decide something, by what is written on them."""
    return {
        one["text"]["text"]: one["action_id"]
        for block in message.get("blocks", ())
        if block["type"] == "actions"
        for one in block["elements"]
        if one["action_id"].startswith("consent:")
    }


def asking_message(nellie: NellieOnSlack, channel: str = "C1") -> dict[str, Any]:
    """The newest answer that asks."""
    found = [one for one in nellie.slack.rooms[channel].messages.values() if "May I" in str(one)]
    return found[-1]


async def press(nellie: NellieOnSlack, person: str, label: str, channel: str = "C1") -> None:
    message = asking_message(nellie, channel)
    id_ = buttons_of(nellie, message)[label]
    nellie.slack.press(person, channel, message["ts"], id_)
    await nellie.wait_until_idle()


async def test_what_the_asker_allows_is_done_once_and_answered_in_the_thread(
    start_nellie: StartNellie,
) -> None:
    nellie, box = await start(start_nellie, "the rent is 900")
    ts = nellie.slack.say("U1", "C1", "@nellie mail the rent")
    await nellie.wait_until_idle()

    shown = asking_message(nellie)
    assert "the rent is 900" in str(shown)
    assert list(buttons_of(nellie, shown)) == ["Allow", "Deny"]
    assert box.called == []

    await press(nellie, "U1", "Allow")

    assert box.called == [("mail-send", {"query": "the rent is 900"})]
    assert nellie.slack.answers("C1", ts)[-1] == "All is said."
    after = asking_message(nellie)
    assert buttons_of(nellie, after) == {}
    assert "Allowed by" in str(after["blocks"])


async def test_a_stranger_decides_nothing_and_is_told_so_alone(start_nellie: StartNellie) -> None:
    nellie, box = await start(start_nellie, "hello")
    nellie.slack.say("U1", "C1", "@nellie mail it")
    await nellie.wait_until_idle()

    await press(nellie, "U2", "Allow")

    assert box.called == []
    assert list(buttons_of(nellie, asking_message(nellie))) == ["Allow", "Deny"]
    await press(nellie, "U1", "Deny")
    assert box.called == []
    assert "Not allowed by" in str(asking_message(nellie)["blocks"])


async def test_a_second_press_of_either_button_changes_nothing(start_nellie: StartNellie) -> None:
    nellie, box = await start(start_nellie, "hello")
    nellie.slack.say("U1", "C1", "@nellie mail it")
    await nellie.wait_until_idle()
    message = asking_message(nellie)
    ids = buttons_of(nellie, message)

    for label in ("Allow", "Allow", "Deny"):  # of a client that shows them still
        nellie.slack.press("U1", "C1", message["ts"], ids[label])
    await nellie.wait_until_idle()

    assert len(box.called) <= 1
    assert buttons_of(nellie, asking_message(nellie)) == {}


async def test_of_several_questions_the_other_buttons_stay(start_nellie: StartNellie) -> None:
    nellie, box = await start(start_nellie, "one", "two")
    nellie.slack.say("U1", "C1", "@nellie mail both")
    await nellie.wait_until_idle()
    assert list(buttons_of(nellie, asking_message(nellie))) == [
        "Allow 1",
        "Deny 1",
        "Allow 2",
        "Deny 2",
    ]

    await press(nellie, "U1", "Allow 1")
    [*left] = buttons_of(nellie, asking_message(nellie))
    assert len(left) == 2
    assert box.called == []
    await press(nellie, "U1", left[1])

    assert [arguments["query"] for _, arguments in box.called] == ["one"]


async def test_a_late_press_is_told_and_its_buttons_go(start_nellie: StartNellie) -> None:
    nellie, box = await start(start_nellie, "hello")
    nellie.slack.say("U1", "C1", "@nellie mail it")
    await nellie.wait_until_idle()
    await nellie.query("UPDATE consent SET until = now() - interval '1 minute' RETURNING 1")

    await press(nellie, "U1", "Allow")

    assert box.called == []
    assert buttons_of(nellie, asking_message(nellie)) == {}


async def test_buttons_outlive_a_restart(start_nellie: StartNellie) -> None:
    first, _ = await start(start_nellie, "hello")
    first.slack.say("U1", "C1", "@nellie mail it")
    await first.wait_until_idle()
    await first.crash()
    box = FakeToolbox(SEND)
    second = await start_nellie(
        first.slack, model=ScriptedModel(says("Done.")), toolbox=box, introduced=False
    )

    await press(second, "U1", "Allow")

    assert box.called == [("mail-send", {"query": "hello"})]


@pytest.mark.parametrize(
    "words", ["x" * 9_000, "```\\n<!channel> @here <@U2>", "https://evil.example/leak?a=1"]
)
async def test_whatever_the_arguments_are_they_are_shown_and_ping_nobody(
    start_nellie: StartNellie, words: str
) -> None:
    nellie, _ = await start(start_nellie, words)
    nellie.slack.say("U1", "C1", "@nellie mail it")
    await nellie.wait_until_idle()

    said = str(list(nellie.slack.rooms["C1"].messages.values()))
    assert "consent:yes" in said
    assert "<!channel>" not in said
    assert nellie.slack.unfurled == []


async def test_a_private_question_is_decided_and_answered_in_private(
    start_nellie: StartNellie,
) -> None:
    nellie, box = await start(start_nellie, "hello")
    slack = nellie.slack
    slack.command("U1", "C1", "ask mail it")
    await slack.until(lambda: "consent:yes" in str(slack.ephemeral_messages))
    await nellie.wait_until_idle()
    ts, message = list(slack.ephemeral_messages.items())[-1]

    slack.press("U1", "C1", ts, buttons_of(nellie, message)["Allow"])
    await slack.until(lambda: any("All is said." in one for one in slack.private("U1")))
    await nellie.wait_until_idle()

    assert box.called == [("mail-send", {"query": "hello"})]
    instead = next(one for one in slack.called("response_url") if "Allowed by" in str(one))
    assert instead["replace_original"]
    assert "consent:yes" not in str(instead)
    assert not any("All is said." in one for one in slack.visible("C1"))
