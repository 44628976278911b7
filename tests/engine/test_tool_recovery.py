"""A replica that dies in a turn with tools: no call is lost, and none that changes is repeated."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from doubles.fake_toolbox import SEARCH, SEND, Consenting, FakeToolbox, never, results
from doubles.start_nellie import Start

from bot.domain.errors import DatabaseUnavailable, ModelUnavailable
from bot.domain.model import Prompt
from bot.domain.ports import ToolContext
from bot.store.tool_calls import ToolCalls
from bot.testing import (
    ANA,
    GENERAL,
    FakePlatform,
    RunningNellie,
    Script,
    ScriptedModel,
    Steps,
    breaks,
    calls,
    says,
    stalls,
)

FIND = ("search", '{"query": "rent"}')
MAIL = ("send", '{"query": "rent"}')


async def crash_when(nellie: RunningNellie, event: asyncio.Event) -> None:
    await nellie.open_turn(ANA, "rent?")
    await event.wait()
    await nellie.crash()


async def finish(start_nellie: Start, model: ScriptedModel, box: FakeToolbox) -> RunningNellie:
    """Another replica takes the turn over."""
    successor = await start_nellie(model=model, toolbox=box, platform=FakePlatform())
    [[turn]] = await successor.rows("SELECT id FROM turn")
    await successor.parts.turns.wait_until_ended(turn)
    await successor.parts.lanes.idle()
    return successor


async def until(nellie: RunningNellie, found: str) -> None:
    """Return once a statement finds something."""
    async with asyncio.timeout(10):
        while not await nellie.rows(found):  # noqa: ASYNC110  # it is in the database
            await asyncio.sleep(0.01)


def noting(event: asyncio.Event, script: Script) -> Script:
    """A script that says when it begins."""

    def begin(prompt: Prompt) -> Steps:
        event.set()
        return script(prompt)

    return begin


def toolbox(**options: Any) -> FakeToolbox:
    return FakeToolbox(SEARCH, SEND, consents=Consenting(), **options)


def shown(nellie: RunningNellie) -> str:
    [text] = nellie.platform.shown.values()
    return text


async def test_a_crash_before_the_row_leaves_nothing_behind(start_nellie: Start) -> None:
    model = ScriptedModel(stalls())
    await crash_when(await start_nellie(model=model, toolbox=toolbox()), model.called)

    box = toolbox()
    successor = await finish(start_nellie, ScriptedModel(calls(MAIL), says("Sent.")), box)

    assert len(box.called) == 1
    assert shown(successor) == "Sent."


async def test_a_crash_while_people_are_asked_starts_the_call_once(start_nellie: Start) -> None:
    """Its row is there, and it has not started."""

    class Silent(Consenting):
        async def ask(self, *_: object) -> bool:
            asked.set()
            await asyncio.Event().wait()
            return True

    asked, first = asyncio.Event(), FakeToolbox(SEND, consents=Silent())
    nellie = await start_nellie(model=ScriptedModel(calls(MAIL)), toolbox=first)
    await crash_when(nellie, asked)

    box, model = toolbox(), ScriptedModel(says("Sent."))
    successor = await finish(start_nellie, model, box)

    assert (len(first.called), len(box.called)) == (0, 1)
    assert "no instruction" in results(model.prompts[0])[0]
    assert shown(successor) == "Sent."


@pytest.mark.parametrize("said", ["", "Let me look."])
async def test_a_call_that_only_reads_is_made_again(start_nellie: Start, said: str) -> None:
    first = toolbox(work=never)
    nellie = await start_nellie(model=ScriptedModel(calls(FIND, text=said)), toolbox=first)
    await crash_when(nellie, first.begun)

    box, model = toolbox(), ScriptedModel(says("It is 900."))
    successor = await finish(start_nellie, model, box)

    assert box.called == [("search", {"query": "rent"})]
    assert len(model.prompts) == 1
    assert shown(successor) == f"{said}\n\nIt is 900.".strip()
    assert first.contexts[0].key == box.contexts[0].key


async def test_a_call_that_changes_something_is_not_repeated_and_people_are_told(
    start_nellie: Start,
) -> None:
    first = toolbox(work=never)
    nellie = await start_nellie(model=ScriptedModel(calls(MAIL)), toolbox=first)
    await crash_when(nellie, first.begun)

    box = toolbox()
    model = ScriptedModel(calls(MAIL), says("Perhaps it was sent."))
    successor = await finish(start_nellie, model, box)

    assert (len(first.called), box.called) == (1, [])
    assert "may or may not have happened" in results(model.prompts[0])[0]
    assert "is not repeated" in results(model.prompts[1])[1]
    assert "may or may not have happened" in shown(successor)


@pytest.mark.parametrize("said", [(), ("It",), ("It ", "is")])
async def test_where_the_model_then_fails_people_are_told_all_the_same(
    start_nellie: Start, said: tuple[str, ...]
) -> None:
    first = toolbox(work=never)
    nellie = await start_nellie(model=ScriptedModel(calls(MAIL)), toolbox=first)
    await crash_when(nellie, first.begun)

    broken = breaks(ModelUnavailable(model="m", reason="it is away"), *said)
    successor = await finish(start_nellie, ScriptedModel(broken), toolbox())

    assert "may or may not have happened" in shown(successor)
    assert "broke off" in shown(successor)


async def test_a_finished_call_is_not_made_again(start_nellie: Start) -> None:
    """Both of a round, of which only one has ended."""

    async def work(arguments: Mapping[str, Any], context: ToolContext) -> str:
        if arguments["query"] == "slow":
            await asyncio.Event().wait()
        return "the rent is 900"

    slow = ("search", '{"query": "slow"}')
    first = toolbox(work=work)
    nellie = await start_nellie(model=ScriptedModel(calls(MAIL, slow)), toolbox=first)
    await nellie.open_turn(ANA, "rent?")
    await until(nellie, "SELECT 1 FROM tool_call WHERE state = 'done'")
    await nellie.crash()

    box, model = toolbox(), ScriptedModel(says("It is 900."))
    await finish(start_nellie, model, box)

    assert box.called == [("search", {"query": "slow"})]
    assert "the rent is 900" in results(model.prompts[0])[0]


async def test_after_the_result_the_answer_alone_is_made_again(start_nellie: Start) -> None:
    second = asyncio.Event()
    first, model = toolbox(), ScriptedModel(calls(MAIL), noting(second, stalls("It ")))
    nellie = await start_nellie(model=model, toolbox=first)
    await nellie.open_turn(ANA, "rent?")
    await second.wait()
    await nellie.crash()

    box, other = toolbox(), ScriptedModel(says("It is sent."))
    successor = await finish(start_nellie, other, box)

    assert (len(first.called), box.called, len(other.prompts)) == (1, [], 1)
    assert shown(successor) == "It is sent."
    usage = await successor.rows("SELECT id FROM usage WHERE purpose = 'answer'")
    assert len(usage) == 2  # the first round's is not lost with the replica


async def test_before_the_post_the_answer_is_only_delivered(start_nellie: Start) -> None:
    class Away(FakePlatform):
        async def deliver(self, turn: Any, text: Any, delivery_log: Any) -> None:
            async for _ in text:
                pass
            written.set()
            await asyncio.Event().wait()

    written, first = asyncio.Event(), toolbox()
    model = ScriptedModel(calls(MAIL), says("It is sent."))
    nellie = await start_nellie(model=model, toolbox=first, platform=Away())
    await crash_when(nellie, written)

    box, other = toolbox(), ScriptedModel(says("Never."))
    successor = await finish(start_nellie, other, box)

    assert (len(first.called), box.called, other.prompts) == (1, [], [])
    assert shown(successor) == "It is sent."


async def test_what_was_taken_back_since_is_looked_up_again(start_nellie: Start) -> None:
    second = asyncio.Event()
    first, model = toolbox(), ScriptedModel(calls(FIND), noting(second, stalls()))
    nellie = await start_nellie(model=model, toolbox=first)
    said = await nellie.say(ANA, "the rent is 900", id="gone")
    await nellie.open_turn(ANA, "rent?")
    await second.wait()
    await nellie.crash()
    await nellie.rows("UPDATE tool_call SET rests_on = ARRAY[:seq]::bigint[]", seq=said.seq)
    await nellie.rows("UPDATE message SET deleted = true WHERE seq = :seq", seq=said.seq)

    box = toolbox()
    await finish(start_nellie, ScriptedModel(says("I do not know.")), box)

    assert box.called == [("search", {"query": "rent"})]


async def test_another_answer_begins_anew(start_nellie: Start) -> None:
    second = asyncio.Event()
    model, box = ScriptedModel(calls(FIND), noting(second, stalls())), toolbox()
    nellie = await start_nellie(model=model, toolbox=box)
    turn = await nellie.open_turn(ANA, "rent?")
    await second.wait()
    await nellie.parts.turns.stop(turn)
    await nellie.parts.lanes.idle()

    model.follow("answer", calls(FIND), says("It is 900."))
    assert await nellie.parts.turns.retry(turn)
    await nellie.parts.turns.wait_until_ended(turn)
    await nellie.parts.lanes.idle()

    assert len(box.called) == 2
    assert nellie.platform.shown[turn] == "It is 900."
    assert await nellie.rows("SELECT retired FROM tool_call ORDER BY id") == [(True,), (False,)]


@pytest.mark.parametrize("call", [FIND, MAIL], ids=["reads", "changes"])
async def test_a_replica_that_loses_its_lane_in_a_call_stops_at_once(
    start_nellie: Start, call: tuple[str, str]
) -> None:
    async def work(arguments: Mapping[str, Any], context: ToolContext) -> str:
        await nellie.rows("UPDATE lane SET epoch = epoch + 1000")
        return "found"

    model, box = ScriptedModel(calls(call, call), says("Never.")), toolbox(work=work)
    nellie = await start_nellie(model=model, toolbox=box)

    await nellie.open_turn(ANA, "rent?")
    await nellie.parts.lanes.idle()

    assert len(model.prompts) == 1
    assert "Never." not in "".join(nellie.platform.shown.values())
    assert not await nellie.rows("SELECT 1 FROM tool_call WHERE state = 'done'")


async def test_the_words_of_a_turn_that_was_taken_back_are_not_kept(start_nellie: Start) -> None:
    box = toolbox(work=never)
    model = ScriptedModel(calls(("search", '{"query": "canary7731"}')))
    nellie = await start_nellie(model=model, toolbox=box)
    await nellie.open_turn(ANA, "rent?", id="asked")
    await box.begun.wait()

    await nellie.parts.inbox.deleted(GENERAL, "asked")
    await nellie.parts.lanes.idle()

    assert await nellie.find_traces("canary7731") == []


async def test_a_platform_that_fails_below_a_call_does_not_repeat_it(start_nellie: Start) -> None:
    class Failing(FakePlatform):
        async def deliver(self, turn: Any, text: Any, delivery_log: Any) -> None:
            if self.failures:
                self.failures -= 1
                async for piece in text:
                    if "sent" in piece:
                        raise ConnectionResetError
            await super().deliver(turn, text, delivery_log)

    model = ScriptedModel(calls(MAIL, text="Let me send it."), says("It is sent", " now."))
    nellie = await start_nellie(model=model, toolbox=(box := toolbox()), platform=Failing())
    nellie.platform.failures = 1

    answer = await nellie.ask(ANA, "send it")

    assert answer == "Let me send it.\n\nIt is sent now."
    assert len(box.called) == 1
    assert len(model.prompts) == 3
    assert len(await nellie.rows("SELECT id FROM usage WHERE purpose = 'answer'")) == 3


async def test_a_database_that_is_away_at_the_result_repeats_no_change(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish_call, broken = ToolCalls.finish, [True]

    async def finish(self: ToolCalls, *given: Any) -> Any:
        if broken.pop() if broken else False:
            raise DatabaseUnavailable(reason="gone for a moment")
        return await finish_call(self, *given)

    monkeypatch.setattr(ToolCalls, "finish", finish)
    model = ScriptedModel(calls(MAIL), says("Perhaps."))
    nellie = await start_nellie(model=model, toolbox=(box := toolbox()))

    answer = await nellie.ask(ANA, "send it")

    assert len(box.called) == 1
    assert "may or may not have happened" in answer
