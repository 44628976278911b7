"""All that local-slack can do, by sockets and by HTTP; `make e2e` runs it.

Other than Slack, it sends every envelope to each of her two sockets: what people press or type
arrives twice there, and a message is taken in once all the same.
"""

import asyncio
import json

import pytest
from doubles.model import repeats
from e2e.slack.conftest import Scene
from e2e.slack.local_slack import ALICE, BOT, GENERAL

pytestmark = pytest.mark.e2e


def shown(message: dict[str, object]) -> str:
    return json.dumps(message.get("blocks") or message["text"])


async def answer(scene: Scene, ts: str, channel: str = GENERAL) -> str:
    """The one answer in this thread, once it is there and nothing is owed."""
    await scene.slack.until(lambda: scene.slack.answers(ts, channel))
    await scene.engine.lanes.idle()
    [only] = await scene.slack.answers(ts, channel)
    return shown(only)


async def test_a_mention_gets_one_answer_in_its_thread(scene: Scene) -> None:
    ts = await scene.slack.say(f"<@{BOT}> what is the plan?")

    assert "You said: what is the plan?" in await answer(scene, ts)


async def test_follows_a_thread_that_she_has_answered_in(scene: Scene) -> None:
    ts = await scene.slack.say(f"<@{BOT}> hello")
    await answer(scene, ts)

    await scene.slack.say("and now?", thread=ts)
    await scene.slack.until(lambda: _two(scene, ts))
    await scene.engine.lanes.idle()

    assert "You said: and now?" in shown((await scene.slack.answers(ts))[1])
    assert len(await scene.slack.answers(ts)) == 2


async def _two(scene: Scene, ts: str) -> bool:
    return len(await scene.slack.answers(ts)) > 1


async def test_remembers_what_is_not_said_to_her(scene: Scene) -> None:
    scene.model.plays("answer", repeats)

    await scene.slack.say("the key is under the mat")
    ts = await scene.slack.say(f"<@{BOT}> where is the key?")

    assert "under the mat" in await answer(scene, ts)


async def test_answers_a_direct_message(scene: Scene) -> None:
    ts = await scene.slack.say("just us two", channel=ALICE)
    room = await scene.slack.direct()

    async def answered() -> list[str]:
        messages = await scene.slack.messages(room)
        return [shown(one) for one in messages if one["user"] == BOT]

    said = await scene.slack.until(answered)
    await scene.engine.lanes.idle()
    assert "You said: just us two" in said[0]
    assert len(await answered()) == 1
    assert ts


async def test_answers_a_command_privately(scene: Scene) -> None:
    await scene.slack.does(
        "command", channel=GENERAL, user=ALICE, command="/nellie", text="memory show"
    )

    async def private() -> list[dict[str, object]]:
        return [one for one in await scene.slack.messages() if one.get("subtype") == "ephemeral"]

    replies = await scene.slack.until(private)
    assert {reply["ephemeral_to"] for reply in replies} == {ALICE}


async def test_reads_a_file(scene: Scene) -> None:
    scene.model.plays("answer", repeats)

    ts = await scene.slack.share("notes.txt", b"the launch is on friday", f"<@{BOT}> when?")

    assert "the launch is on friday" in await answer(scene, ts)


async def test_honours_edits_and_deletions(scene: Scene) -> None:
    edited = await scene.slack.say("the key is under the mat")
    deleted = await scene.slack.say("the password is swordfish")
    await scene.slack.does(
        "edit-message", channel=GENERAL, ts=edited, user=ALICE, text="the key is with bob"
    )
    await scene.slack.does("delete-message", channel=GENERAL, ts=deleted, user=ALICE)
    scene.model.plays("answer", repeats)

    said = await answer(scene, await scene.slack.say(f"<@{BOT}> what do you know?"))

    assert "with bob" in said
    assert "under the mat" not in said
    assert "swordfish" not in said


async def test_shows_her_home(scene: Scene) -> None:
    await scene.slack.does("open-home", user=ALICE)

    home, *_ = await scene.slack.until(lambda: scene.slack.calls("views.publish"))

    assert home["user_id"] == ALICE
    assert home["view"]["blocks"]


async def test_takes_feedback(scene: Scene) -> None:
    ts = await scene.slack.say(f"<@{BOT}> hello")
    await answer(scene, ts)
    [message] = await scene.slack.answers(ts)
    [buttons] = [
        element
        for block in message["blocks"]
        for element in block.get("elements", ())
        if element["type"] == "feedback_buttons"
    ]

    value = buttons["positive_button"]["value"]
    pressed = {"type": buttons["type"], "action_id": buttons["action_id"], "value": value}
    await scene.slack.does(
        "interact", channel=GENERAL, messageTs=message["ts"], user=ALICE, action=pressed
    )

    await scene.slack.until(lambda: _rated(scene))
    turn = int(value.removeprefix("good "))
    assert set(scene.engine.opinions) == {(turn, ALICE, True)}


async def _rated(scene: Scene) -> bool:
    return bool(scene.engine.opinions)


async def test_comes_back_after_slack_was_away(scene: Scene) -> None:
    if scene.slack.server.mode != "socket":
        pytest.skip("by HTTP there is no connection to lose")

    await asyncio.to_thread(scene.slack.server.stop)
    await asyncio.to_thread(scene.slack.server.start)
    await scene.slack.until(lambda: _connected(scene))
    ts = await scene.slack.say(f"<@{BOT}> still there?")

    assert "You said: still there?" in await answer(scene, ts)


async def _connected(scene: Scene) -> bool:
    return await scene.slack.connections() > 1
