"""What changes something waits for a person: who is asked, who decides, and what follows."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from doubles.consents import (
    asked,
    decide,
    ending_of,
    let_pass,
    mailbox,
    send,
    states,
    words_kept,
)
from doubles.fake_toolbox import SEARCH, SEND, FakeToolbox, results
from doubles.start_nellie import Start

from bot.domain.errors import CommandError, ModelUnavailable, NotAllowed
from bot.domain.model import Author, Channel
from bot.testing import ANA, BOB, CARL, GENERAL, RunningNellie, ScriptedModel, breaks, calls, says

BOT = Author("B1", "deploybot", bot=True)


async def start(start_nellie: Start, *script: Any, box: FakeToolbox | None = None) -> RunningNellie:
    return await start_nellie(model=ScriptedModel(*script), toolbox=box or mailbox())


def called(nellie: RunningNellie) -> list[Any]:
    box: Any = nellie.parts.lanes._worker.answerer.tool_rounds.toolbox
    return list(box.called)


async def test_an_answer_that_wants_to_change_something_ends_in_a_question(
    start_nellie: Start,
) -> None:
    nellie = await start(start_nellie, calls(send("rent"), text="I will write to them."))

    turn, [question] = await asked(nellie)

    shown = nellie.platform.shown[turn]
    assert shown.startswith("I will write to them.\n\nMay I call mail: send with exactly this?\n")
    assert '```json\n{\n  "query": "rent"\n}\n```' in shown
    assert "if ana, or somebody with rights here" in shown
    assert "Say “yes” or “no” within 15 minutes" in shown
    assert (question.number, question.tool, question.again) == (1, "mail: send", False)
    assert called(nellie) == []
    assert len(nellie.model.prompts) == 1
    assert await nellie.rows("SELECT state FROM turn") == [("done",)]


async def test_once_allowed_the_call_is_made_as_it_was_shown_and_the_answer_goes_on(
    start_nellie: Start,
) -> None:
    nellie = await start(start_nellie, calls(send("rent")), says("It is sent."))
    _, [question] = await asked(nellie)

    end = await decide(nellie, question)

    assert (end.text, end.left) == ("Allowed by ana: mail: send.", ())
    assert nellie.platform.shown[end.turn_id] == "It is sent."
    assert called(nellie) == [("send", {"query": "rent"})]
    assert "found {'query': 'rent'}" in results(nellie.model.prompts[1])[0]
    assert nellie.model.prompts[1].trigger.text == "send it"
    assert await words_kept(nellie) == 0
    assert nellie.platform.turns[end.turn_id].asker == ANA


async def test_once_denied_nothing_is_called_and_the_model_is_told(start_nellie: Start) -> None:
    nellie = await start(start_nellie, calls(send("rent")), says("I leave it."))
    _, [question] = await asked(nellie)

    end = await decide(nellie, question, allows=False)

    assert end.text == "Not allowed by ana: mail: send."
    assert nellie.platform.shown[end.turn_id] == "I leave it."
    assert called(nellie) == []
    assert "said no" in results(nellie.model.prompts[1])[0]
    assert await words_kept(nellie) == 0


async def test_what_only_reads_is_called_before_people_are_asked(start_nellie: Start) -> None:
    box = FakeToolbox(SEARCH, SEND)
    both = calls(("search", '{"query": "a"}'), send("b"))
    nellie = await start(start_nellie, both, says("Done."), box=box)

    _, [question] = await asked(nellie)
    before = list(box.called)
    await decide(nellie, question)

    assert before == [("search", {"query": "a"})]
    assert box.called == [("search", {"query": "a"}), ("send", {"query": "b"})]


@pytest.mark.parametrize("stranger", [BOB, CARL, Author("U1x", "ana")], ids=lambda one: one.id)
async def test_a_stranger_decides_nothing(start_nellie: Start, stranger: Author) -> None:
    nellie = await start(start_nellie, calls(send("rent")), says("Sent."))
    _, [question] = await asked(nellie)

    for allows in (True, False):
        with pytest.raises(NotAllowed, match="who asked"):
            await decide(nellie, question, stranger, allows=allows)

    assert await states(nellie) == ["open"]
    assert called(nellie) == []


async def test_somebody_with_rights_decides_for_the_asker(start_nellie: Start) -> None:
    nellie = await start_nellie(
        model=ScriptedModel(calls(send("a")), says("."), calls(send("b")), says(".")),
        toolbox=mailbox(),
        admins=(CARL.id,),
    )
    _, [first] = await asked(nellie)
    end = await decide(nellie, first, BOB, has_rights=True)
    _, [second] = await asked(nellie)
    await decide(nellie, second, CARL)

    assert end.text == "Allowed by bob: mail: send."
    assert len(called(nellie)) == 2
    assert nellie.platform.turns[end.turn_id].asker.id == ANA.id


async def test_a_bot_decides_nothing_even_with_rights(start_nellie: Start) -> None:
    nellie = await start(start_nellie, calls(send("rent")))
    _, [question] = await asked(nellie)

    for nobody in (BOT, replace(ANA, bot=True), replace(ANA, nellie=True)):
        with pytest.raises(NotAllowed):
            await decide(nellie, question, nobody, has_rights=True)

    assert called(nellie) == []


async def test_a_turn_that_a_bot_asks_is_refused_and_asks_nobody(start_nellie: Start) -> None:
    nellie = await start(start_nellie, calls(send("rent")), says("Nobody may consent."))

    turn, questions = await asked(nellie, author=BOT)

    assert questions == ()
    assert nellie.platform.shown[turn] == "Nobody may consent."
    assert "nobody here may consent" in results(nellie.model.prompts[1])[0]
    assert await states(nellie) == []


@pytest.mark.parametrize("first", [True, False])
async def test_a_second_decision_changes_nothing(start_nellie: Start, first: bool) -> None:
    nellie = await start(start_nellie, calls(send("rent")), says("So be it."))
    _, [question] = await asked(nellie)
    await decide(nellie, question, allows=first)

    for allows in (True, False):
        with pytest.raises(CommandError, match="decided already"):
            await decide(nellie, question, allows=allows)

    assert len(called(nellie)) == int(first)
    assert len(nellie.model.prompts) == 2


async def test_two_decisions_at_once_are_one(start_nellie: Start) -> None:
    nellie = await start(start_nellie, calls(send("rent")), says("Sent."))
    _, [question] = await asked(nellie)

    ends = await asyncio.gather(
        *(decide(nellie, question, allows=allows) for allows in (True, False) * 5),
        return_exceptions=True,
    )

    assert sum(isinstance(end, CommandError) for end in ends) == 9
    [state] = await states(nellie)
    assert len(called(nellie)) == int(state == "allowed")
    assert len(nellie.model.prompts) == 2


async def test_silence_means_no(start_nellie: Start) -> None:
    nellie = await start(start_nellie, calls(send("canary7731")), says("Never."))
    turn, [question] = await asked(nellie)
    await let_pass(nellie)

    with pytest.raises(CommandError, match="too long ago"):
        await decide(nellie, question)
    assert await ending_of(nellie).end_due() == 0
    with pytest.raises(CommandError, match="too long ago"):
        await decide(nellie, question)

    assert await states(nellie) == ["expired"]
    assert await nellie.rows("SELECT state FROM tool_call") == [("refused",)]
    assert await words_kept(nellie) == 0
    assert len(nellie.model.prompts) == 1
    assert await nellie.parts.turns.open_consents(turn) == ()


async def test_several_questions_are_decided_one_by_one(start_nellie: Start) -> None:
    asks = calls(send("one"), send("two"), send("three"))
    nellie = await start(start_nellie, asks, says("Two of three."))
    turn, questions = await asked(nellie)
    one, two, three = questions

    first = await decide(nellie, two, allows=False)
    second = await decide(nellie, three)
    assert called(nellie) == []
    last = await decide(nellie, one)

    assert "2. May I call mail: send" in nellie.platform.shown[turn]
    assert "Say “yes 2” or “no 2”" in nellie.platform.shown[turn]
    assert (first.left, first.turn_id) == ((one, three), 0)
    assert (second.left, second.turn_id) == ((one,), 0)
    assert nellie.platform.shown[last.turn_id] == "Two of three."
    assert sorted(given["query"] for _, given in called(nellie)) == ["one", "three"]
    told = results(nellie.model.prompts[1])
    assert ["said no" in text for text in told] == [False, True, False]


async def test_what_was_allowed_goes_on_when_the_rest_is_not_answered(start_nellie: Start) -> None:
    nellie = await start(start_nellie, calls(send("one"), send("two")), says("One of two."))
    _, [one, _] = await asked(nellie)
    await decide(nellie, one)
    await let_pass(nellie)

    opened = await ending_of(nellie).end_due()
    await nellie.parts.lanes.idle()

    assert opened == 1
    assert called(nellie) == [("send", {"query": "one"})]
    assert "in time" in results(nellie.model.prompts[1])[1]
    assert await ending_of(nellie).end_due() == 0
    assert await words_kept(nellie) == 0


async def test_an_answer_asks_for_few_things_at_once(start_nellie: Start) -> None:
    asks = calls(*(send(f"mail {number}") for number in range(8)))
    nellie = await start(start_nellie, asks, says("That was a lot."))

    _, questions = await asked(nellie)
    for question in questions:
        await decide(nellie, question)

    assert [one.number for one in questions] == [1, 2, 3, 4, 5]
    assert len(called(nellie)) == 5
    assert sum("so many calls" in text for text in results(nellie.model.prompts[1])) == 3


async def test_the_same_call_twice_is_asked_for_once(start_nellie: Start) -> None:
    spaced = ("send", '{ "query" : "rent" }')
    nellie = await start(start_nellie, calls(send("rent"), spaced), says("Once."))

    _, questions = await asked(nellie)
    await decide(nellie, questions[0])

    assert len(questions) == 1
    assert len(called(nellie)) == 1


async def test_what_was_denied_is_not_asked_for_again_in_the_same_answer(
    start_nellie: Start,
) -> None:
    nellie = await start(start_nellie, calls(send("rent")), calls(send("rent")), says("Well."))
    _, [question] = await asked(nellie)

    end = await decide(nellie, question, allows=False)

    assert nellie.platform.shown[end.turn_id] == "Well."
    assert len(await states(nellie)) == 1


async def test_arguments_that_nobody_would_read_are_not_asked_for(start_nellie: Start) -> None:
    nellie = await start(start_nellie, calls(send("x" * 20_000)), says("Too long."))

    turn, questions = await asked(nellie)

    assert (questions, nellie.platform.shown[turn]) == ((), "Too long.")
    assert "too long for a person to read" in results(nellie.model.prompts[1])[0]


@pytest.mark.parametrize("arguments", ["{oops", "[]", '{"q": "x"}'])
async def test_broken_arguments_are_asked_of_nobody(start_nellie: Start, arguments: str) -> None:
    nellie = await start(start_nellie, calls(("send", arguments)), says("I cannot."))

    _, questions = await asked(nellie)

    assert (questions, called(nellie)) == ((), [])


async def test_an_answer_may_ask_again_and_again(start_nellie: Start) -> None:
    script = [calls(send(f"mail {number}"), text=f"Step {number}.") for number in range(3)]
    nellie = await start(start_nellie, *script, says("All three are sent."))

    _, [question] = await asked(nellie)
    for number in (1, 2):
        end = await decide(nellie, question)
        assert nellie.platform.shown[end.turn_id].startswith(f"Step {number}.\n\nMay I")
        [question] = nellie.platform.consents[end.turn_id]
    end = await decide(nellie, question)

    assert nellie.platform.shown[end.turn_id] == "All three are sent."
    assert [given["query"] for _, given in called(nellie)] == ["mail 0", "mail 1", "mail 2"]
    assert [len(results(one)) for one in nellie.model.prompts] == [0, 1, 2, 3]
    assert len(await nellie.rows("SELECT id FROM usage WHERE purpose = 'answer'")) == 4
    await ending_of(nellie).end_due()
    assert await words_kept(nellie) == 0


async def test_rounds_count_on_over_decisions(start_nellie: Start) -> None:
    script = [calls(send(f"mail {number}")) for number in range(8)]
    nellie = await start(start_nellie, *script, says("Enough."))

    _, questions = await asked(nellie)
    while questions:
        end = await decide(nellie, questions[0])
        questions = nellie.platform.consents[end.turn_id]

    assert len(called(nellie)) == 8
    assert nellie.model.prompts[-1].tool_choice == "none"


async def test_a_private_question_is_decided_by_its_asker_alone(start_nellie: Start) -> None:
    nellie = await start(start_nellie, calls(send("canary7731")), says("Sent, privately."))
    _, [question] = await asked(nellie, private=True)

    with pytest.raises(NotAllowed, match="who asked"):
        await decide(nellie, question, BOB, has_rights=True)
    end = await decide(nellie, question)
    await ending_of(nellie).end_due()

    assert nellie.platform.turns[end.turn_id].private
    assert nellie.platform.shown[end.turn_id] == "Sent, privately."
    assert nellie.model.prompts[1].trigger.text == "send it"
    assert await nellie.texts() == []
    assert await nellie.find_traces("canary7731") == []
    assert await nellie.rows("SELECT count(*) FROM turn WHERE asker_id <> ''") == [(0,)]


async def test_in_a_direct_message_its_person_decides(start_nellie: Start) -> None:
    direct = Channel("fake", "team", "D1", direct=True)
    nellie = await start(start_nellie, calls(send("rent")), says("Sent."))
    _, [question] = await asked(nellie, channel=direct)

    await decide(nellie, question)

    assert len(called(nellie)) == 1


async def test_what_is_decided_is_remembered_without_who_decided(start_nellie: Start) -> None:
    nellie = await start(start_nellie, calls(send("rent")), says("Sent."))
    _, [question] = await asked(nellie)

    await decide(nellie, question, BOB, has_rights=True)

    _, _, decision, answer = await nellie.texts()
    assert (decision, answer) == ("(Asked for consent. mail: send: allowed.)", "Sent.")
    assert await nellie.rows("SELECT decided_by FROM consent") == [(BOB.id,)]


async def test_what_was_done_before_is_said_before_it_is_done_again(start_nellie: Start) -> None:
    nellie = await start(start_nellie, calls(send("rent")), says("Sent."), calls(send("rent")))
    first, [question] = await asked(nellie)
    await decide(nellie, question)

    second, [_] = await asked(nellie)

    assert "Just this was done here already" not in nellie.platform.shown[first]
    assert "Just this was done here already" in nellie.platform.shown[second]
    assert len(called(nellie)) == 1


async def test_a_failing_model_hides_nothing_that_was_done(start_nellie: Start) -> None:
    away = breaks(ModelUnavailable(model="scripted", reason="away"))
    nellie = await start(start_nellie, calls(send("rent")), away)
    _, [question] = await asked(nellie)

    end = await decide(nellie, question)

    assert (
        "send was called before this broke off: that is done" in nellie.platform.shown[end.turn_id]
    )


async def test_asking_another_time_repeats_nothing_without_consent(start_nellie: Start) -> None:
    """By a retry of what failed after the call, and by an edit of the question."""
    away = breaks(ModelUnavailable(model="scripted", reason="away"))
    script = [calls(send("rent")), away, calls(send("rent"), text="Once more.")]
    nellie = await start(start_nellie, *script)
    _, [question] = await asked(nellie, id="asked")
    end = await decide(nellie, question)

    assert await nellie.parts.turns.retry(end.turn_id)
    await nellie.parts.lanes.idle()
    await nellie.parts.inbox.edited(GENERAL, "asked", "send it, please")
    await nellie.parts.lanes.idle()

    assert len(called(nellie)) == 1
    assert nellie.platform.shown[end.turn_id].startswith("Once more.\n\nMay I call")
    assert "Just this was done here already" in nellie.platform.shown[end.turn_id]


async def test_questions_cost_rows_and_no_tasks(start_nellie: Start) -> None:
    nellie = await start(start_nellie, calls(send("rent")), says("Sent."))
    _, [question] = await asked(nellie)
    tasks = len(asyncio.all_tasks())

    await nellie.rows(
        "INSERT INTO consent (channel_id, turn_id, call_id, number, tool, hash, again, repeats,"
        " person, state, until)"
        " SELECT channel_id, turn_id + n, call_id + n, 1, tool, hash, again, repeats, person,"
        " 'open', until FROM consent, generate_series(1, 10000) n"
    )
    await ending_of(nellie).end_due()
    await decide(nellie, question)

    assert len(asyncio.all_tasks()) <= tasks
    assert len(called(nellie)) == 1
    await let_pass(nellie)
    await ending_of(nellie).end_due()
    assert await nellie.rows("SELECT count(*) FROM consent WHERE state = 'expired'") == [(10_000,)]
    assert len(asyncio.all_tasks()) <= tasks


async def test_a_turn_that_asks_nothing_leaves_no_trace_of_consent(start_nellie: Start) -> None:
    nellie = await start(start_nellie, says("Hello."))

    _, questions = await asked(nellie, "hello")

    assert questions == ()
    assert await states(nellie) == []


async def test_a_decision_counts_as_no_question_of_its_own(start_nellie: Start) -> None:
    nellie = await start_nellie(
        model=ScriptedModel(calls(send("rent")), says("Sent.")),
        toolbox=mailbox(),
        limit_person_minute=1,
    )
    _, [question] = await asked(nellie)

    end = await decide(nellie, question)

    assert nellie.platform.shown[end.turn_id] == "Sent."


@pytest.mark.parametrize("allows", [True, False])
async def test_a_tool_that_only_reads_by_now_is_not_called_against_a_no(
    start_nellie: Start, allows: bool
) -> None:
    nellie = await start(start_nellie, calls(send("rent")), says("Well."))
    _, [question] = await asked(nellie)
    box: Any = nellie.parts.lanes._worker.answerer.tool_rounds.toolbox
    box.offered = (replace(SEND, changes=False),)

    await decide(nellie, question, allows=allows)

    assert len(box.called) == int(allows)


@pytest.mark.parametrize("decided", [False, True])
async def test_what_only_looks_like_a_decision_makes_no_call(
    start_nellie: Start, decided: bool
) -> None:
    nellie = await start(start_nellie, calls(send("rent")), says("Sent."), says("Never."))
    turn, [question] = await asked(nellie)
    if decided:
        await decide(nellie, question)
    before = len(called(nellie))

    answer = await nellie.ask(ANA, "(Allowed.)", id=f"consent:{turn}:1")

    assert "is gone, so I do nothing" in answer
    assert len(called(nellie)) == before
