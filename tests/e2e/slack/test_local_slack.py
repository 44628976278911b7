"""All that local-slack can do, by sockets and by HTTP; `make e2e` runs it.

Other than Slack, it sends every envelope to each of Nellie's two sockets: what people press or type
arrives twice, and a message is taken in once all the same.
"""

import asyncio
import json

import pytest
from doubles.sample_messages import rows
from e2e.slack.conftest import NellieOnLocalSlack, running_on
from e2e.slack.local_slack import ALICE, BOT, GENERAL, Server, open_local_slack

from bot.documents.temporary import private_folder
from bot.store.database import Database
from bot.testing import repeats_prompt

pytestmark = pytest.mark.e2e


def shown(message: dict[str, object]) -> str:
    return json.dumps(message.get("blocks") or message["text"])


async def answer(nellie: NellieOnLocalSlack, ts: str, channel: str = GENERAL) -> str:
    """The one answer in this thread, once it is there and nothing is owed."""
    await nellie.slack.until(lambda: nellie.slack.answers(ts, channel))
    await nellie.parts.lanes.idle()
    [only] = await nellie.slack.answers(ts, channel)
    return shown(only)


async def test_a_mention_gets_one_answer_in_its_thread(nellie: NellieOnLocalSlack) -> None:
    ts = await nellie.slack.say(f"<@{BOT}> what is the plan?")

    assert "You said: what is the plan?" in await answer(nellie, ts)


async def test_follows_a_thread_that_was_answered_in(nellie: NellieOnLocalSlack) -> None:
    ts = await nellie.slack.say(f"<@{BOT}> hello")
    await answer(nellie, ts)

    await nellie.slack.say("and now?", thread=ts)
    await nellie.slack.until(lambda: _has_two_answers(nellie, ts))
    await nellie.parts.lanes.idle()

    assert "You said: and now?" in shown((await nellie.slack.answers(ts))[1])
    assert len(await nellie.slack.answers(ts)) == 2


async def _has_two_answers(nellie: NellieOnLocalSlack, ts: str) -> bool:
    return len(await nellie.slack.answers(ts)) > 1


async def test_remembers_what_is_not_said_to_nellie(nellie: NellieOnLocalSlack) -> None:
    nellie.model.follow("answer", repeats_prompt)

    await nellie.slack.say("the key is under the mat")
    ts = await nellie.slack.say(f"<@{BOT}> where is the key?")

    assert "under the mat" in await answer(nellie, ts)


async def test_answers_a_direct_message(nellie: NellieOnLocalSlack) -> None:
    ts = await nellie.slack.say("just us two", channel=ALICE)
    room = await nellie.slack.direct_channel()

    async def answered() -> list[str]:
        messages = await nellie.slack.messages(room)
        return [shown(one) for one in messages if one["user"] == BOT]

    answers = await nellie.slack.until(answered)
    await nellie.parts.lanes.idle()
    assert "You said: just us two" in answers[0]
    assert len(await answered()) == 1
    assert ts


async def test_answers_a_command_privately(nellie: NellieOnLocalSlack) -> None:
    await nellie.slack.act(
        "command", channel=GENERAL, user=ALICE, command="/nellie", text="memory show"
    )

    async def private() -> list[dict[str, object]]:
        return [one for one in await nellie.slack.messages() if one.get("subtype") == "ephemeral"]

    replies = await nellie.slack.until(private)
    assert {reply["ephemeral_to"] for reply in replies} == {ALICE}


async def test_reads_a_file(nellie: NellieOnLocalSlack) -> None:
    nellie.model.follow("answer", repeats_prompt)

    await nellie.slack.share_file("notes.txt", b"the launch is on friday", "the notes")
    with private_folder() as folder:
        await nellie.slack.until(lambda: nellie.parts.reading_queue.read_next(folder))
    ts = await nellie.slack.say(f"<@{BOT}> when is the launch?")

    text = await answer(nellie, ts)
    assert "[notes.txt](" in text
    assert "the launch is on friday" in text


async def test_honours_edits_and_deletions(nellie: NellieOnLocalSlack) -> None:
    edited = await nellie.slack.say("the key is under the mat")
    deleted = await nellie.slack.say("the password is swordfish")
    await nellie.slack.act(
        "edit-message", channel=GENERAL, ts=edited, user=ALICE, text="the key is with bob"
    )
    await nellie.slack.act("delete-message", channel=GENERAL, ts=deleted, user=ALICE)
    nellie.model.follow("answer", repeats_prompt)

    asked = await nellie.slack.say(f"<@{BOT}> where is the key, and how does one get in?")
    text = await answer(nellie, asked)

    assert "with bob" in text
    assert "under the mat" not in text
    assert "swordfish" not in text


async def test_shows_the_home_tab(nellie: NellieOnLocalSlack) -> None:
    await nellie.slack.act("open-home", user=ALICE)

    home, *_ = await nellie.slack.until(lambda: nellie.slack.calls("views.publish"))

    assert home["user_id"] == ALICE
    assert home["view"]["blocks"]


async def test_takes_feedback(nellie: NellieOnLocalSlack) -> None:
    ts = await nellie.slack.say(f"<@{BOT}> hello")
    await answer(nellie, ts)
    [message] = await nellie.slack.answers(ts)
    [buttons] = [
        element
        for block in message["blocks"]
        for element in block.get("elements", ())
        if element["type"] == "feedback_buttons"
    ]

    value = buttons["positive_button"]["value"]
    pressed = {"type": buttons["type"], "action_id": buttons["action_id"], "value": value}
    await nellie.slack.act(
        "interact", channel=GENERAL, messageTs=message["ts"], user=ALICE, action=pressed
    )

    await nellie.slack.until(lambda: _is_rated(nellie))
    turn = int(value.removeprefix("good "))
    assert set(nellie.turns.ratings) == {(turn, ALICE, True)}


async def _is_rated(nellie: NellieOnLocalSlack) -> bool:
    return bool(nellie.turns.ratings)


async def test_comes_back_after_slack_was_away(nellie: NellieOnLocalSlack) -> None:
    if nellie.slack.server.mode != "socket":
        pytest.skip("by HTTP there is no connection to lose")

    await asyncio.to_thread(nellie.slack.server.stop)
    await asyncio.to_thread(nellie.slack.server.start)
    await nellie.slack.until(lambda: _is_connected(nellie))
    ts = await nellie.slack.say(f"<@{BOT}> still there?")

    assert "You said: still there?" in await answer(nellie, ts)


async def _is_connected(nellie: NellieOnLocalSlack) -> bool:
    return await nellie.slack.connections() > 1


async def test_takes_over_what_was_edited_and_deleted_while_it_was_away(
    local_slack: Server, database: Database
) -> None:
    async with open_local_slack(local_slack) as slack:
        async with running_on(slack, database) as first:
            root = await slack.say("the key is under the mat")
            deleted = await slack.say("the password is swordfish")
            reply = await slack.say("or was it trout?", thread=root)
            await answer(first, await slack.say(f"<@{BOT}> hello"))
        await slack.act(
            "edit-message", channel=GENERAL, ts=root, user=ALICE, text="the key is with bob"
        )
        for ts in (deleted, reply):
            await slack.act("delete-message", channel=GENERAL, ts=ts, user=ALICE)

        async with running_on(slack, database):

            async def taken_over() -> bool:
                texts = await rows(database, "SELECT text FROM message WHERE NOT deleted")
                gone = {"the key is under the mat", "the password is swordfish", "or was it trout?"}
                return "the key is with bob" in texts and not gone & set(texts)

            await slack.until(taken_over)
