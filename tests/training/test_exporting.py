"""What becomes of answered questions: parts of files, calls, threads, questions that come twice."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from doubles.rated_team import ANA, BEGAN, BOB, RatedTeam
from doubles.read_documents import pretend_to_read
from doubles.trainer_checks import check_example
from training.conftest import Export

from bot.domain.documents import PostedFile
from bot.domain.model import Author
from bot.store.database import Database

_CALL = sa.text("""
    INSERT INTO tool_call (turn_id, channel_id, round, position, tool, changes, state, hash, key,
                           call, said, result)
    VALUES (:turn, :channel, 1, 0, :tool, false, 'done', '', '', :call, 'Let me look.', :result)
""")
_ARGUMENTS = json.dumps({"city": "Ghent", "days": 2})


async def call(
    team: RatedTeam, turn: int, tool: str, words: bool = True, arguments: str = _ARGUMENTS
) -> None:
    written = {"id": "c1", "name": tool, "arguments": arguments}
    values = {
        "turn": turn,
        "channel": await team.channel(),
        "tool": tool,
        "call": json.dumps(written) if words else None,
        "result": "Rain; ask bob@example.com" if words else None,
    }
    async with team.database.begin() as connection:
        await connection.execute(_CALL, values)


async def test_calls_stand_in_the_talk_as_far_as_their_words_are_kept(
    database: Database, export: Export
) -> None:
    team = RatedTeam(database)
    await call(team, await team.ask("Will it rain?", "It will."), "weather")

    for trainer in ("openai", "trl"):
        (line,) = (await export(trainer=trainer)).lines()

        check_example(line, trainer)
        assert [one["role"] for one in line["messages"]][-3:] == ["assistant", "tool", "assistant"]
        assert line["messages"][-2]["content"] == "Rain; ask [e-mail]"
        (tool,) = line["tools"]
        assert tool["function"]["parameters"]["properties"] == {
            "city": {"type": "string"},
            "days": {"type": "integer"},
        }


async def test_an_answer_whose_tool_is_forgotten_teaches_nothing(
    database: Database, export: Export
) -> None:
    team = RatedTeam(database)
    await call(team, await team.ask("Will it rain?", "It will."), "weather", words=False)
    searched = await team.ask("Where are the plates?", "In the kitchen.")
    await call(team, searched, "search_memory", words=False)

    written = await export()

    assert written.last_said() == ["In the kitchen."]
    assert "tools" not in written.lines()[0]


async def test_an_answer_whose_call_cannot_be_shown_is_left_out(
    database: Database, export: Export
) -> None:
    team = RatedTeam(database)
    turn = await team.ask("Will it rain?", "It will.")
    await call(team, turn, "weather", arguments='{"password": "hunter22"}')
    await team.ask("Where are the plates?", "In the kitchen.")

    written = await export()

    assert written.last_said() == ["In the kitchen."]
    assert written.manifest["left_out"] == {"whose calls of tools cannot be shown": 1}


@pytest.mark.parametrize("words", [True, False])
async def test_an_answer_of_tools_is_no_better_one_of_a_pair(
    database: Database, export: Export, words: bool
) -> None:
    team = RatedTeam(database)
    await team.ask("Will it rain?", "Ask the porter.", good=False)
    await call(team, await team.ask("Will it rain?", "It will."), "weather", words=words)

    assert not (await export(pairs=True)).lines("pairs-train")


async def test_a_thread_is_a_talk_of_which_only_the_answer_is_learnt(
    database: Database, export: Export
) -> None:
    team = RatedTeam(database)
    await team.ask("Where is the key?", "With the porter.", thread="t", id="t", good=None)
    await team.ask("And when is he in?", "From eight to noon.", thread="t")

    (line,) = (await export()).lines()

    check_example(line, "openai")
    said = [(one["role"], one.get("weight")) for one in line["messages"]]
    assert said[-3:] == [("assistant", 0), ("user", None), ("assistant", 1)]


async def test_nearly_the_same_is_written_once(database: Database, export: Export) -> None:
    team = RatedTeam(database)
    for _ in range(3):
        await team.ask("Where is the key of the cellar?", "With the porter, who is in at eight.")

    written = await export()

    assert len(written.lines()) == 1
    assert written.manifest["left_out"] == {"nearly the same as another": 2}


async def test_a_question_asked_again_makes_a_pair(database: Database, export: Export) -> None:
    team = RatedTeam(database)
    await team.ask("Where is the key?", "I do not know.", good=False)
    await team.ask("where is the key", "With the porter.")

    (pair,) = (await export(pairs=True)).lines("pairs-train")

    assert pair["preferred_output"][0]["content"] == "With the porter."
    assert pair["non_preferred_output"][0]["content"] == "I do not know."
    assert "porter" not in json.dumps(pair["input"])


async def test_a_bot_or_a_later_message_corrects_nothing(
    database: Database, export: Export
) -> None:
    team = RatedTeam(database)
    robot = Author("B1", "deploybot", bot=True)
    await team.ask("Where is the key?", "Lost.", thread="t", id="t", good=False)
    await team.say(robot, "No, it is in the cellar.", thread="t")
    await team.say(BOB, "That is wrong.", thread="t")
    await team.say(BOB, "It is with the porter.", thread="t")

    written = await export(rated="all")

    assert not written.lines()
    assert written.manifest["left_out"] == {"found bad, and corrected by nobody": 1}


async def test_a_rating_of_a_former_answer_counts_no_more(
    database: Database, export: Export
) -> None:
    team = RatedTeam(database)
    turn = await team.ask("Where is the key?", "With the porter.")
    async with database.begin() as connection:
        answered = sa.text("UPDATE turn SET finished_at = now() + interval '1 hour' WHERE id = :id")
        await connection.execute(answered, {"id": turn})

    assert (await export()).manifest["left_out"] == {"not rated": 1}


async def test_a_thread_across_a_border_is_left_out_where_it_goes_on(
    database: Database, export: Export
) -> None:
    team = RatedTeam(database)
    await team.ask("Where is part 0?", "On shelf 0 of the hall.", thread="t", id="t")
    for number in range(1, 20):
        await team.ask(f"Where is part {number * 7}?", f"On shelf {number * 13} of room {number}.")
    late = BEGAN + timedelta(days=1)
    await team.ask("And the other one of part 0?", "Beside the first.", thread="t", at=late)

    written = await export()

    assert written.manifest["left_out"] == {"of a thread that goes on after its part has ended": 1}
    assert written.lines("test")


async def test_what_is_asked_again_is_of_the_time_of_its_better_answer(
    database: Database, export: Export
) -> None:
    team = RatedTeam(database)
    for good, place in ((False, "Lost is part"), (True, "In the hall stands")):
        for number in range(20):
            await team.ask(f"Where is part {number * 7}?", f"{place} {number * 13}.", good=good)

    written = await export(pairs=True)

    for part in ("train", "validation", "test"):
        better = [line["preferred_output"][0]["content"] for line in written.lines(f"pairs-{part}")]
        assert better
        assert better == written.last_said(part)


async def test_what_is_asked_again_in_a_thread_that_began_before_is_left_out(
    database: Database, export: Export
) -> None:
    team = RatedTeam(database)
    await team.ask("Where is the key?", "Lost.", good=False)
    await team.ask("Where is part 0?", "On shelf 0 of the hall.", thread="t", id="t")
    for number in range(1, 20):
        await team.ask(f"Where is part {number * 7}?", f"On shelf {number * 13} of room {number}.")
    await team.ask("Where is the key?", "With the porter.", thread="t")

    written = await export(pairs=True)

    assert "porter" not in written.text


@pytest.mark.parametrize("others", [0, 1])
async def test_a_correction_of_a_later_time_is_not_learnt_before_it(
    database: Database, export: Export, others: int
) -> None:
    team = RatedTeam(database)
    await team.ask("Where is the key?", "Lost.", thread="t", id="t", good=False)
    for _ in range(others):
        await team.ask("And the plates?", "In the kitchen, on the left.", thread="t")
    for number in range(1, 20):
        await team.ask(f"Where is part {number * 7}?", f"On shelf {number * 13} of room {number}.")
    await team.say(BOB, "No, the porter has it in his room.", thread="t")

    written = await export(rated="all")

    learnt = "The porter has it in his room."
    assert learnt not in [*written.last_said(), *written.last_said("validation")]
    assert (learnt in written.last_said("test")) == (not others)


async def test_no_answer_to_learn_holds_tokens_of_a_template(
    database: Database, export: Export
) -> None:
    team = RatedTeam(database)
    token = "<|im_end|>"
    await team.ask("Where is the key?", "Lost.", thread="t", id="t", good=False)
    await team.say(BOB, f"No, the porter has it.{token} [doc 1]", thread="t")
    turn = await team.ask("Where are the plates?", f"In the kitchen.{token}")
    await call(team, turn, "look", arguments=json.dumps({"where": token}))

    written = await export(rated="all", pairs=True)

    assert len(written.lines()) == 2
    assert len(written.lines("pairs-train")) == 1
    assert token not in written.text
    assert "[doc 1]" not in written.text


async def test_the_rules_of_a_channel_are_in_its_prompts(
    database: Database, export: Export
) -> None:
    team = RatedTeam(database)
    await team.ask("Where are the plates?", "In the kitchen.")
    async with database.begin() as connection:
        await connection.execute(sa.text("UPDATE channel SET answer_style = 'Ana wants Welsh.'"))

    (line,) = (await export()).lines()

    assert " wants Welsh." in line["messages"][0]["content"]
    assert "Ana" not in line["messages"][0]["content"]


async def test_answers_of_a_megabyte_are_left_out_and_long_messages_are_cut(
    database: Database, export: Export
) -> None:
    team = RatedTeam(database)
    await team.say(ANA, "noise " * 170_000)
    await team.ask("What was that?", "word " * 200_000)
    await team.ask("Where is the key?", "With the porter.")

    written = await export(tokens=1_000)

    assert written.last_said() == ["With the porter."]
    assert written.manifest["left_out"] == {"whose answer is too long": 1}
    assert len(json.dumps(written.lines()[0])) < 20_000


async def test_parts_of_files_are_cited_by_marks(database: Database, export: Export) -> None:
    team = RatedTeam(database)
    file = PostedFile(id="F1", name="contract.pdf")
    await team.say(BOB, "the contract", link="https://x.example/p1", files=(file,))
    document = await pretend_to_read(database, await team.channel(), "F1", "its hash")
    cited = "Thirty days [contract.pdf, p. 1](https://x.example/p1)."
    turn = await team.ask("How long is notice?", cited)
    shown = sa.text("""
        INSERT INTO answer_trace (channel_id, turn_id, waited_ms, whole_ms, stages, parts, budget,
                                  window_messages, in_window, documents, passages)
        VALUES (:channel, :turn, 0, 0, '{}', '{}', 0, 0, 0, ARRAY[CAST(:document AS bigint)], '{1}')
    """)
    async with database.begin() as connection:
        values = {"channel": await team.channel(), "turn": turn, "document": document}
        await connection.execute(shown, values)

    written = await export()

    assert written.last_said() == ["Thirty days [doc 1]."]
    assert "[doc 1] contract.pdf, p. 1, posted by " in written.text
    assert "Quillfeather" not in written.text
