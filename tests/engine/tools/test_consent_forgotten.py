"""What is taken back takes the questions with it that rest on it; and yes and no in words."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from doubles.consents import asked, decide, ending_of, let_pass, mailbox, send, states, words_kept
from doubles.start_nellie import CANARY, Start

from bot.domain.errors import CommandError
from bot.domain.model import Channel
from bot.testing import (
    ANA,
    BOB,
    GENERAL,
    RunningNellie,
    ScriptedModel,
    calls,
    new_message,
    says,
)

DIRECT = Channel("fake", "team", "D1", direct=True)


async def start(start_nellie: Start, *script: Any) -> RunningNellie:
    given = script or (calls(send(CANARY)), says("Sent."))
    return await start_nellie(model=ScriptedModel(*given), toolbox=mailbox())


async def check_gone(nellie: RunningNellie, question: Any) -> None:
    with pytest.raises(CommandError):
        await decide(nellie, question)
    box: Any = nellie.parts.lanes._worker.answerer.tool_rounds.toolbox
    assert box.called == []
    assert await words_kept(nellie) == 0
    assert await nellie.find_traces(CANARY) == []


async def test_a_deleted_question_takes_its_consent_with_it(start_nellie: Start) -> None:
    nellie = await start(start_nellie)
    _, [question] = await asked(nellie, id="asked")
    assert "tool_call.call" in await nellie.find_traces(CANARY)

    await nellie.parts.inbox.deleted(GENERAL, "asked")

    await check_gone(nellie, question)


async def test_what_the_answer_rests_on_takes_its_consent_with_it(start_nellie: Start) -> None:
    nellie = await start(start_nellie)
    await nellie.say(ANA, f"the code is {CANARY}", id="said", thread="t1")
    _, [question] = await asked(nellie, thread="t1")

    await nellie.parts.inbox.deleted(GENERAL, "said")

    await check_gone(nellie, question)


async def test_a_private_question_goes_with_anything_that_is_taken_back(
    start_nellie: Start,
) -> None:
    nellie = await start(start_nellie)
    await nellie.say(BOB, f"the code is {CANARY}", id="said")
    _, [question] = await asked(nellie, private=True)

    await nellie.parts.inbox.deleted(GENERAL, "said")

    await check_gone(nellie, question)


@pytest.mark.parametrize("command", ["memory forget me", "memory forget all", "memory optout"])
async def test_who_is_forgotten_or_opts_out_is_asked_nothing_more(
    start_nellie: Start, command: str
) -> None:
    nellie = await start(start_nellie, calls(send(CANARY)), says("Sent."))
    _, [question] = await asked(nellie)

    reply = await nellie.run_command(command, ANA, admin=True)
    if reply.confirm:
        await nellie.run_command(f"memory {reply.confirm}", ANA, admin=True)

    with pytest.raises(CommandError):
        await decide(nellie, question)
    assert await words_kept(nellie) == 0
    assert await states(nellie) == []


async def test_who_decided_is_forgotten_too(start_nellie: Start) -> None:
    nellie = await start(start_nellie)
    _, [question] = await asked(nellie)
    await decide(nellie, question, BOB, has_rights=True)
    assert "consent.decided_by" in await nellie.find_traces(BOB.id)

    asked_first = await nellie.run_command("memory forget me", BOB)
    await nellie.run_command(f"memory {asked_first.confirm}", BOB)

    assert "stands in 1 other place" in asked_first.text
    assert await nellie.find_traces(BOB.id) == []
    assert await states(nellie) == ["allowed"]


async def test_of_who_opted_out_before_nothing_is_kept_once_it_is_over(
    start_nellie: Start,
) -> None:
    nellie = await start(start_nellie)
    await nellie.run_command("memory optout", ANA)
    _, [question] = await asked(nellie, f"send {CANARY}")

    end = await decide(nellie, question)
    await ending_of(nellie).end_due()

    assert nellie.platform.shown[end.turn_id] == "Sent."
    assert await nellie.find_traces(CANARY) == []
    assert await nellie.rows("SELECT count(*) FROM turn WHERE asker_id <> ''") == [(0,)]
    assert await nellie.rows("SELECT decided_by FROM consent") == [("",)]


async def test_of_who_opted_out_nothing_is_kept_where_nobody_answers(start_nellie: Start) -> None:
    nellie = await start(start_nellie)
    await nellie.run_command("memory optout", ANA)
    await asked(nellie, f"send {CANARY}")
    await let_pass(nellie)

    await ending_of(nellie).end_due()

    assert await nellie.find_traces(CANARY) == []
    assert await nellie.rows("SELECT count(*) FROM turn WHERE asker_id <> ''") == [(0,)]


@pytest.mark.parametrize("yes", ["yes", "@Nellie yes", "Ja!", "ok, do it", "👍", "yes 1"])
async def test_the_asker_says_yes_in_the_thread(start_nellie: Start, yes: str) -> None:
    nellie = await start(start_nellie)
    await asked(nellie, thread="t1")

    received = await nellie.say(ANA, yes, thread="t1")
    await nellie.parts.lanes.idle()

    assert received.turn is not None
    assert nellie.platform.shown[received.turn] == "Sent."
    assert await states(nellie) == ["allowed"]


@pytest.mark.parametrize("no", ["no", "nein danke", "no 1", "🚫"])
async def test_the_asker_says_no(start_nellie: Start, no: str) -> None:
    nellie = await start(start_nellie, calls(send("x")), says("I leave it."))
    await asked(nellie, channel=DIRECT)

    received = await nellie.say(ANA, no, channel=DIRECT)
    await nellie.parts.lanes.idle()

    assert received.turn is not None
    assert nellie.platform.shown[received.turn] == "I leave it."
    assert await states(nellie) == ["denied"]


async def test_another_persons_yes_decides_nothing(start_nellie: Start) -> None:
    nellie = await start(start_nellie, calls(send("x")), says("Yes what?"), says("Yes what?"))
    await asked(nellie, thread="t1")

    await nellie.say(BOB, "yes", thread="t1")
    await nellie.ask(BOB, "yes", thread="t1")
    await nellie.say(ANA, "yes", thread="t1")  # to bob, for all that anybody knows
    await nellie.say(ANA, "yes", thread="t2")
    await nellie.parts.lanes.idle()

    assert await states(nellie) == ["open"]


async def test_a_yes_to_something_else_is_no_consent(start_nellie: Start) -> None:
    """A thank-you for another answer, or a yes from before that is delivered once more."""
    words = [says(one) for one in ("Yes?", "What?", "Sunny.", "Fine.", "Sent.")]
    nellie = await start(start_nellie, words[0], calls(send("x")), *words[1:])
    await nellie.say(ANA, "yes", id="before", channel=DIRECT)
    await nellie.parts.lanes.idle()
    await asked(nellie, channel=DIRECT)

    await nellie.say(ANA, "yes", id="before", channel=DIRECT)
    early = new_message(ANA, "yes", channel=DIRECT)
    await nellie.parts.inbox.receive(replace(early, at=early.at - timedelta(minutes=1)))
    await nellie.parts.lanes.idle()
    await nellie.ask(ANA, "how is the weather?", channel=DIRECT)
    await nellie.ask(ANA, "ok", channel=DIRECT)
    assert await states(nellie) == ["open"]
    await nellie.ask(ANA, "yes 1", channel=DIRECT)

    assert await states(nellie) == ["allowed"]


async def test_talk_elsewhere_does_not_take_a_yes_away(start_nellie: Start) -> None:
    nellie = await start(start_nellie)
    await asked(nellie, thread="t1")

    await nellie.say(BOB, "lunch?")
    await nellie.say(ANA, "yes", thread="t1")
    await nellie.parts.lanes.idle()

    assert await states(nellie) == ["allowed"]


async def test_words_are_said_to_one_of_several_questions(start_nellie: Start) -> None:
    nellie = await start(start_nellie, calls(send("a"), send("b")), says("One of them."))
    await asked(nellie, thread="t1")

    async def say(text: str) -> str:
        return await nellie.ask(ANA, text, thread="t1")

    which = await say("yes")
    wrong = await say("yes 7")
    one = await say("yes 2")
    assert await states(nellie) == ["open", "allowed"]
    await say("no 1")

    assert "Say “yes 1” or “yes 2”." in which
    assert "Say “yes 1” or “yes 2”." in wrong
    assert one == "Allowed by ana: mail: send. Still open: 1 (mail: send)."
    assert await states(nellie) == ["denied", "allowed"]


async def test_a_bare_no_is_said_to_all_questions(start_nellie: Start) -> None:
    nellie = await start(start_nellie, calls(send("a"), send("b")), says("None."))
    await asked(nellie, channel=DIRECT)

    await nellie.ask(ANA, "no", channel=DIRECT)

    assert await states(nellie) == ["denied", "denied"]


async def test_a_yes_is_said_to_what_was_asked_last(start_nellie: Start) -> None:
    """A command that asked after the answer is meant, and not the answer."""
    nellie = await start(start_nellie)
    await asked(nellie, channel=DIRECT)

    await nellie.ask(ANA, "forget everything", channel=DIRECT)
    await nellie.ask(ANA, "yes", channel=DIRECT)

    assert await states(nellie) == []
    assert await nellie.texts(DIRECT) == []
