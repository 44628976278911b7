"""/tools log: who used what, when, and how it ended; no words of it, and nothing private."""

import json
import re

import pytest
from doubles.consents import asked, decide, ending_of, let_pass, mailbox, send
from doubles.fake_toolbox import SEARCH, SEND, FakeToolbox, never
from doubles.start_nellie import CANARY, Start
from doubles.tool_calls import switch_on

from bot.domain.errors import CommandError
from bot.domain.model import Channel
from bot.testing import ANA, BOB, CARL, RunningNellie, ScriptedModel, calls, says

OTHER = Channel("fake", "team", "C2")
SUM = ("calculate", json.dumps({"expression": "6 * 7"}))
NO_SUM = ("calculate", json.dumps({"expression": f"{CANARY} +"}))
LOOK_UP = ("search_memory", json.dumps({"words": [CANARY]}))


async def log(nellie: RunningNellie, **fields: object) -> list[str]:
    return (await nellie.run_command("tools log", **fields)).text.splitlines()


async def with_tools(start_nellie: Start, *rounds: object) -> RunningNellie:
    """A Nellie whose model calls these, and then answers; for ever so."""
    scripts = [calls(*one) if isinstance(one, tuple) else calls(one) for one in rounds]
    nellie = await start_nellie(model=ScriptedModel(*scripts, says("Done.")))
    await switch_on(nellie, "calculate")
    return nellie


async def test_the_log_says_who_used_what_and_how_it_ended(start_nellie: Start) -> None:
    nellie = await with_tools(start_nellie, (SUM, NO_SUM), (LOOK_UP, ("no_tool", "{}")))

    await nellie.ask(ANA, f"what about {CANARY}?")
    lines = await log(nellie, person=CARL)

    what = r"\d{4}-\d\d-\d\d \d\d:\d\d ana: (\w+), (\w+), \d+\.\d s"
    matched = [re.fullmatch(what, line) for line in lines]
    assert [one.groups() for one in matched if one] == [
        ("no_tool", "failed"),
        ("search_memory", "done"),
        ("calculate", "failed"),
        ("calculate", "done"),
    ]
    assert CANARY not in "\n".join(lines)


async def test_the_log_is_of_one_channel(start_nellie: Start) -> None:
    nellie = await with_tools(start_nellie, (SUM,))
    await nellie.ask(ANA, "how much?")

    assert len(await log(nellie)) == 1
    assert await log(nellie, channel=OTHER) == ["I have used no tool here yet."]


async def test_the_log_tells_of_the_last_ones(start_nellie: Start) -> None:
    nellie = await with_tools(start_nellie, *((SUM,) * 4 for _ in range(6)))
    await nellie.ask(ANA, "how much?")

    assert len(await log(nellie)) == 20


async def test_calls_of_a_private_question_are_shown_to_its_asker_alone(
    start_nellie: Start,
) -> None:
    nellie = await with_tools(start_nellie, (SUM,))

    await nellie.ask(ANA, "how much?", private=True)

    assert len(await log(nellie, person=ANA)) == 1
    assert await log(nellie, person=BOB) == ["I have used no tool here yet."]
    assert await log(nellie, person=CARL, admin=True) == ["I have used no tool here yet."]


@pytest.mark.parametrize("private", [True, False])
async def test_a_call_that_is_under_way_is_shown_so(start_nellie: Start, private: bool) -> None:
    toolbox = FakeToolbox(work=never)
    model = ScriptedModel(calls(("search", '{"query": "a"}')), says("Done."))
    nellie = await start_nellie(model=model, toolbox=toolbox)

    turn = await nellie.open_turn(ANA, "look!", private=private)
    await toolbox.begun.wait()
    own, others = await log(nellie), await log(nellie, person=BOB)
    await nellie.parts.turns.stop(turn)
    await nellie.parts.lanes.idle()

    assert own[0].endswith("ana: search, under way")
    assert others == (["I have used no tool here yet."] if private else own)
    assert (await log(nellie))[0].partition(": ")[2] == "search, not called"


@pytest.mark.parametrize(("allows", "ends"), [(True, "send, done"), (False, "send, not called")])
async def test_what_changes_something_stands_there_without_its_words(
    start_nellie: Start, allows: bool, ends: str
) -> None:
    model = ScriptedModel(calls(send(CANARY)), calls(("search", '{"query": "a"}')), says("Done."))
    nellie = await start_nellie(model=model, toolbox=FakeToolbox(SEARCH, SEND))

    _, [question] = await asked(nellie)
    waiting = await log(nellie, person=BOB)
    await decide(nellie, question, allows=allows)
    newest, oldest = await log(nellie, person=BOB)

    assert [line.partition(" ana: ")[2] for line in waiting] == ["send, waits for a yes"]
    assert " ana: search, done, " in newest
    assert oldest.endswith(f" ana: {ends}")
    assert CANARY not in waiting[0] + newest + oldest


async def test_what_nobody_has_answered_was_not_called(start_nellie: Start) -> None:
    model = ScriptedModel(calls(send(CANARY)), says("Done."))
    nellie = await start_nellie(model=model, toolbox=mailbox())
    await asked(nellie)

    await let_pass(nellie)
    await ending_of(nellie).end_due()

    [line] = await log(nellie)
    assert line.endswith(" ana: send, not called")


async def test_nobodys_name_is_left_of_who_is_forgotten(start_nellie: Start) -> None:
    nellie = await with_tools(start_nellie, (SUM,))
    await nellie.ask(ANA, "how much?")

    asked = await nellie.run_command("memory forget me")
    await nellie.run_command(f"memory {asked.confirm}")

    [line] = await log(nellie)
    assert " someone: calculate, done" in line


async def test_a_name_pings_nobody_and_takes_one_line(start_nellie: Start) -> None:
    nellie = await with_tools(start_nellie, (SUM,))
    odd = type(ANA)("U9", "<!channel>\n2026-01-01 00:00 bob: send, done @everyone")
    await nellie.ask(odd, "how much?")

    [line] = await log(nellie)

    assert "<!channel>" not in line
    assert "@everyone" not in line


async def test_who_cannot_read_the_channel_is_told_nothing(start_nellie: Start) -> None:
    nellie = await with_tools(start_nellie, (SUM,))
    await nellie.ask(ANA, "how much?")

    with pytest.raises(CommandError, match="You cannot read it"):
        await log(nellie, refusal="You cannot read it.")


@pytest.mark.parametrize(
    ("default", "own", "days", "left"),
    [
        (0, None, 89, 1),
        (0, None, 91, 0),
        (30, None, 29, 1),
        (30, None, 31, 0),
        (30, 0, 31, 1),
        (0, 7, 8, 0),
        (1_000, None, 91, 0),
    ],
)
async def test_old_calls_are_let_go_with_what_was_said_or_after_90_days(
    start_nellie: Start, default: int, own: int | None, days: int, left: int
) -> None:
    model = ScriptedModel(calls(SUM), says("Done."))
    nellie = await start_nellie(model=model, retention=default)
    await switch_on(nellie, "calculate")
    await nellie.ask(ANA, "how much?")
    await nellie.rows("UPDATE channel SET retention = CAST(:own AS int)", own=own)
    age = "UPDATE tool_call SET planned_at = now() - make_interval(days => :days)"
    await nellie.rows(age, days=days)

    await nellie.parts.jobs.expire()

    assert len(await nellie.rows("SELECT id FROM tool_call")) == left


async def test_calls_of_an_answer_that_is_being_made_are_not_let_go(start_nellie: Start) -> None:
    toolbox = FakeToolbox(work=never)
    model = ScriptedModel(calls(("search", '{"query": "a"}')), says("Done."))
    nellie = await start_nellie(model=model, toolbox=toolbox)
    turn = await nellie.open_turn(ANA, "look!")
    await toolbox.begun.wait()
    await nellie.rows("UPDATE tool_call SET planned_at = now() - interval '200 days'")

    await nellie.parts.jobs.expire()
    kept = len(await nellie.rows("SELECT id FROM tool_call"))
    await nellie.parts.turns.stop(turn)
    await nellie.parts.lanes.idle()

    assert kept == 1


async def test_two_channels_of_other_retentions_are_let_go_apart(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(calls(SUM), says("a"), calls(SUM), says("b")))
    await switch_on(nellie, "calculate")
    await switch_on(nellie, "calculate", channel=OTHER)
    await nellie.ask(ANA, "how much?")
    await nellie.ask(BOB, "and here?", channel=OTHER)
    await nellie.rows("UPDATE tool_call SET planned_at = now() - interval '10 days'")
    await nellie.rows("UPDATE channel SET retention = 7 WHERE external_id = 'C2'")

    await nellie.parts.jobs.expire()

    assert len(await log(nellie)) == 1
    assert await log(nellie, channel=OTHER) == ["I have used no tool here yet."]
