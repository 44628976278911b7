"""Consent through crashes: nothing is asked for twice, done twice, or done unasked."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from doubles.consents import asked, decide, ending_of, mailbox, send, states, words_kept
from doubles.fake_toolbox import SEND, FakeToolbox, never, results
from doubles.start_nellie import Start

from bot.domain.consents import ConsentQuestion
from bot.domain.errors import CommandError
from bot.domain.tools import Tool
from bot.store.consents import Consents
from bot.testing import (
    ANA,
    BOB,
    GENERAL,
    FakePlatform,
    RunningNellie,
    ScriptedModel,
    calls,
    says,
    stalls,
)


async def successor_of(
    start_nellie: Start, *script: Any, box: FakeToolbox | None = None, **fields: Any
) -> RunningNellie:
    """Another replica, on the same database."""
    model = ScriptedModel(*script)
    return await start_nellie(
        model=model, toolbox=box or mailbox(), platform=FakePlatform(), **fields
    )


async def all_done(nellie: RunningNellie) -> None:
    """Return once every turn has ended."""
    async with asyncio.timeout(20):
        for (turn,) in await nellie.rows("SELECT id FROM turn ORDER BY id"):
            await nellie.parts.turns.wait_until_ended(turn)
        await nellie.parts.lanes.idle()


async def open_question(nellie: RunningNellie) -> ConsentQuestion:
    [(turn,)] = await nellie.rows("SELECT max(turn_id) FROM consent")
    [question] = await nellie.parts.turns.open_consents(turn)
    return question


async def test_a_question_is_decided_after_a_restart(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(calls(send("rent"))), toolbox=mailbox())
    _, [question] = await asked(nellie)
    await nellie.close()

    box = mailbox()
    successor = await successor_of(start_nellie, says("Sent."), box=box)
    end = await decide(successor, question)

    assert box.called == [("send", {"query": "rent"})]
    assert successor.platform.shown[end.turn_id] == "Sent."
    assert results(successor.model.prompts[0])


async def test_another_replica_takes_the_decision(start_nellie: Start) -> None:
    """And two of them at once take one."""
    first = await start_nellie(
        model=ScriptedModel(calls(send("rent")), says("One.")), toolbox=(one := mailbox())
    )
    other = await successor_of(start_nellie, says("Other."), box=(two := mailbox()))
    _, [question] = await asked(first)

    ends = await asyncio.gather(
        *(decide(nellie, question) for nellie in (first, other) * 3), return_exceptions=True
    )
    await all_done(first)

    assert sum(not isinstance(end, CommandError) for end in ends) == 1
    assert len(one.called) + len(two.called) == 1


async def test_a_crash_before_the_question_is_stored_asks_once(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows of the calls are there; nobody was asked."""
    begun = asyncio.Event()
    ask = Consents.ask

    async def stuck(self: Consents, *given: Any) -> Any:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Consents, "ask", stuck)
    nellie = await start_nellie(model=ScriptedModel(calls(send("rent"))), toolbox=mailbox())
    await nellie.open_turn(ANA, "send it")
    await begun.wait()
    await nellie.crash()
    monkeypatch.setattr(Consents, "ask", ask)

    box = mailbox()
    successor = await successor_of(start_nellie, says("Sent."), box=box)
    await all_done(successor)
    await decide(successor, await open_question(successor))

    assert len(await states(successor)) == 1
    assert len(box.called) == 1


async def test_a_crash_before_the_question_is_shown_shows_it_once(start_nellie: Start) -> None:
    class Away(FakePlatform):
        async def deliver(self, turn: Any, text: Any, delivery_log: Any) -> None:
            async for _ in text:
                pass
            written.set()
            await asyncio.Event().wait()

    written = asyncio.Event()
    model = ScriptedModel(calls(send("rent"), text="Let me write."))
    nellie = await start_nellie(model=model, toolbox=mailbox(), platform=Away())
    turn = await nellie.open_turn(ANA, "send it")
    await written.wait()
    await nellie.crash()

    box = mailbox()
    successor = await successor_of(start_nellie, says("Sent."), box=box)
    await all_done(successor)
    [question] = successor.platform.consents[turn]
    end = await decide(successor, question)

    assert successor.platform.shown[turn].count("May I call") == 1
    assert successor.platform.shown[turn].startswith("Let me write.\n\nMay I call")
    assert len(await states(successor)) == 1
    assert successor.platform.shown[end.turn_id] == "Sent."
    assert len(box.called) == 1


@pytest.mark.parametrize("taken_back", [False, True], ids=["delivered", "made again"])
async def test_what_was_decided_before_its_answer_ended_is_not_called_by_that_answer(
    start_nellie: Start, taken_back: bool
) -> None:
    """A crash after the buttons were shown: the answer is shown again, then one goes on.

    Where something was taken back meanwhile, the answer is made again first.
    """

    class Slow(FakePlatform):
        async def deliver(self, turn: Any, text: Any, delivery_log: Any) -> None:
            await super().deliver(turn, text, delivery_log)
            shown.set()
            await asyncio.Event().wait()

    shown = asyncio.Event()
    model = ScriptedModel(calls(send("rent")))
    nellie = await start_nellie(model=model, toolbox=(first := mailbox()), platform=Slow())
    await nellie.say(BOB, "something else", id="said", thread="t9")
    turn = await nellie.open_turn(ANA, "send it")
    await shown.wait()
    if taken_back:
        await nellie.parts.inbox.deleted(GENERAL, "said")
    [question] = nellie.platform.consents[turn]
    end = await nellie.parts.turns.consent(question.id, ANA, allows=True, has_rights=False)
    await nellie.crash()

    box = mailbox()
    successor = await successor_of(start_nellie, says("Sent."), box=box)
    await all_done(successor)

    assert (first.called, len(box.called)) == ([], 1)
    assert len(successor.model.prompts) == 1
    assert successor.platform.consents[turn] == ()
    assert "May I call" in successor.platform.shown[turn]
    assert successor.platform.shown[end.turn_id] == "Sent."


async def test_a_crash_between_decision_and_its_turn_is_made_up_for(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    nellie = await start_nellie(
        model=ScriptedModel(calls(send("rent")), says("Sent.")), toolbox=(box := mailbox())
    )
    _, [question] = await asked(nellie)
    await nellie.parts.stores.consents.decide(question.id, ANA.id, allows=True)

    opened = [await ending_of(nellie).end_due() for _ in range(2)]
    await nellie.parts.lanes.idle()

    assert opened == [1, 0] or opened == [1, 1]  # the second may find the turn that it opened
    assert len(box.called) == 1
    assert await nellie.rows("SELECT count(*) FROM turn") == [(2,)]


async def test_a_crash_before_the_allowed_call_starts_makes_it_once(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed = asyncio.Event()
    read = Consents.read_asking

    async def stuck(self: Consents, *given: Any) -> Any:
        claimed.set()
        await asyncio.Event().wait()

    nellie = await start_nellie(
        model=ScriptedModel(calls(send("rent"))), toolbox=(first := mailbox())
    )
    _, [question] = await asked(nellie)
    monkeypatch.setattr(Consents, "read_asking", stuck)
    await nellie.parts.turns.consent(question.id, ANA, allows=True, has_rights=False)
    await claimed.wait()
    await nellie.crash()
    monkeypatch.setattr(Consents, "read_asking", read)

    box = mailbox()
    successor = await successor_of(start_nellie, says("Sent."), box=box)
    await all_done(successor)

    assert (first.called, len(box.called)) == ([], 1)
    assert "Sent." in successor.platform.shown.values()


async def crash_in_call(start_nellie: Start) -> RunningNellie:
    """A replica that dies while it makes an allowed call."""
    box = FakeToolbox(SEND, work=never)
    nellie = await start_nellie(model=ScriptedModel(calls(send("rent"))), toolbox=box)
    _, [question] = await asked(nellie)
    await nellie.parts.turns.consent(question.id, ANA, allows=True, has_rights=False)
    await box.begun.wait()
    await nellie.crash()
    return nellie


@pytest.mark.parametrize("said", ["Perhaps it was sent.", "I do not know."])
async def test_a_call_that_was_under_way_is_asked_for_again_and_not_repeated(
    start_nellie: Start, said: str
) -> None:
    await crash_in_call(start_nellie)

    box = mailbox()
    successor = await successor_of(start_nellie, says(said), says("Now it is."), box=box)
    await all_done(successor)
    before, question = list(box.called), await open_question(successor)
    [shown] = successor.platform.shown.values()
    end = await decide(successor, question)

    assert before == []
    assert shown.startswith(f"{said}\n\nmail: send was cut off while it was under way")
    assert "may or may not have happened" in shown
    assert "Shall I do it again" in shown
    assert question.again
    assert box.called == [("send", {"query": "rent"})]
    keys = await successor.rows("SELECT count(DISTINCT key), count(*) FROM tool_call")
    assert keys == [(1, 2)]
    assert successor.platform.shown[end.turn_id] == "Now it is."
    await ending_of(successor).end_due()
    assert await words_kept(successor) == 0


async def test_once_it_is_not_to_be_done_again_nothing_more_is_asked(start_nellie: Start) -> None:
    await crash_in_call(start_nellie)

    box = mailbox()
    successor = await successor_of(start_nellie, says("Perhaps."), says("I leave it."), box=box)
    await all_done(successor)
    end = await decide(successor, await open_question(successor), allows=False)

    assert box.called == []
    assert successor.platform.shown[end.turn_id] == "I leave it."
    assert await states(successor) == ["allowed", "denied"]


async def test_a_call_that_is_cut_off_twice_is_asked_for_twice(start_nellie: Start) -> None:
    await crash_in_call(start_nellie)
    box = FakeToolbox(SEND, work=never)
    second = await successor_of(start_nellie, says("Perhaps."), box=box)
    await all_done(second)
    question = await open_question(second)
    await second.parts.turns.consent(question.id, ANA, allows=True, has_rights=False)
    await box.begun.wait()
    await second.crash()

    third = await successor_of(
        start_nellie, says("Again perhaps."), says("Sent."), box=(last := mailbox())
    )
    await all_done(third)
    end = await decide(third, await open_question(third))

    assert (len(box.called), len(last.called)) == (1, 1)
    assert third.platform.shown[end.turn_id] == "Sent."
    assert await states(third) == ["allowed"] * 3
    assert await third.rows("SELECT count(DISTINCT key) FROM tool_call") == [(1,)]


async def test_a_crash_after_the_result_repeats_nothing(start_nellie: Start) -> None:
    model = ScriptedModel(calls(send("rent")), stalls("It "))
    nellie = await start_nellie(model=model, toolbox=(first := mailbox()))
    _, [question] = await asked(nellie)
    await nellie.parts.turns.consent(question.id, ANA, allows=True, has_rights=False)
    async with asyncio.timeout(10):
        while len(model.prompts) < 2:  # noqa: ASYNC110  # the model is what is watched
            await asyncio.sleep(0.01)
    await nellie.crash()

    box = mailbox()
    successor = await successor_of(start_nellie, says("It is sent."), box=box)
    await all_done(successor)

    assert (len(first.called), box.called) == (1, [])
    assert "It is sent." in successor.platform.shown.values()
    assert len(results(successor.model.prompts[0])) == 1


@pytest.mark.parametrize(
    ("offered", "why"),
    [
        ((replace(SEND, description="Sends a mail to everybody."),), "describes itself otherwise"),
        ((replace(SEND, schema={"type": "object"}),), "describes itself otherwise"),
        ((replace(SEND, name="send", server="other"),), "describes itself otherwise"),
        ((replace(SEND, name="other"),), "not on in this channel"),
    ],
    ids=["description", "schema", "server", "off"],
)
async def test_what_is_another_tool_by_now_is_not_called_and_people_are_told(
    start_nellie: Start, offered: tuple[Tool, ...], why: str
) -> None:
    nellie = await start_nellie(model=ScriptedModel(calls(send("rent"))), toolbox=mailbox())
    _, [question] = await asked(nellie)
    await nellie.close()

    box = FakeToolbox(*offered)
    successor = await successor_of(start_nellie, says("It did not work."), box=box)
    end = await decide(successor, question)

    assert box.called == []
    shown = successor.platform.shown[end.turn_id]
    assert shown.startswith("It did not work.\n\n(mail: send was not called: it ")
    assert why in shown
    assert why in results(successor.model.prompts[0])[0]


async def test_other_arguments_than_were_shown_are_not_called(start_nellie: Start) -> None:
    nellie = await start_nellie(
        model=ScriptedModel(calls(send("rent")), says("No.")), toolbox=(box := mailbox())
    )
    _, [question] = await asked(nellie)
    await nellie.rows("UPDATE tool_call SET call = replace(call, 'rent', 'all my money')")

    end = await decide(nellie, question)

    assert box.called == []
    assert "its arguments changed" in nellie.platform.shown[end.turn_id]
