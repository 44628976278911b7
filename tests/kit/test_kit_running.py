"""The kit's running Nellie and its fake platform."""

import asyncio
import subprocess
import sys

import pytest

from bot.store.database import Database
from bot.testing import ANA, BOB, GENERAL, FakePlatform, new_message, running_nellie, says, stalls
from bot.testing.scripted_model import ScriptedModel


def test_importing_the_kit_needs_no_pytest() -> None:
    code = "import sys, bot.testing; sys.exit('pytest' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603  # our own program


async def test_without_a_database_it_has_a_postgres_of_its_own() -> None:
    async with running_nellie(model=ScriptedModel(says("In the cupboard."))) as nellie:
        answer = await nellie.ask(ANA, "Where is the key?")
        texts = await nellie.texts()

    assert answer == "In the cupboard."
    assert texts == ["Where is the key?", "In the cupboard."]


async def test_what_a_replica_leaves_at_its_crash_is_answered_by_the_next_one(
    database: Database,
) -> None:
    async with running_nellie(database, model=ScriptedModel(stalls("so"))) as nellie:
        turn = await nellie.open_turn(ANA, "hello")
        await nellie.model.called.wait()
        await nellie.crash()

    async with running_nellie(database) as successor:
        await successor.parts.turns.wait_until_ended(turn)

        assert successor.platform.shown[turn] == "You said: hello"
        assert successor.platform.turns[turn].attempts == 2


async def test_finds_every_place_where_a_text_stands(database: Database) -> None:
    async with running_nellie(database) as nellie:
        await nellie.say(BOB, "the code is 100%_sure", link="https://example.org/100%_SURE")

        assert await nellie.find_traces("100%_sure") == ["message.link", "message.text"]
        assert await nellie.find_traces("100 sure") == []


async def test_finds_a_text_also_within_lists_and_json(database: Database) -> None:
    async with running_nellie(database) as nellie:
        await nellie.ask(ANA, "hello", mentions=("U7731",))
        await nellie.rows('UPDATE turn SET files = CAST(\'[{"id": "F7731"}]\' AS jsonb)')

        places = await nellie.find_traces("7731")

    assert places == ["message.mentions", "turn.files", "turn.mentions"]


async def test_history_lies_two_days_back_and_is_not_answered(database: Database) -> None:
    async with running_nellie(database) as nellie:
        await nellie.add_history("one", "two")

        first, second = await nellie.messages()
        assert (first.text, second.text) == ("one", "two")
        assert (second.at - first.at).total_seconds() == 60
        assert nellie.model.prompts == []


async def test_a_platform_that_is_cut_off_fails_so_often(database: Database) -> None:
    async with running_nellie(database, platform=FakePlatform(failures=2)) as nellie:
        answer = await nellie.ask(ANA, "hello")

    assert answer == "You said: hello"
    assert len(nellie.platform.started) == 3
    assert len(nellie.platform.finished) == 1


async def test_a_slow_platform_takes_its_time_for_every_piece(database: Database) -> None:
    model, platform = ScriptedModel(says("one ", "two ", "three")), FakePlatform(delay=0.02)
    clock = asyncio.get_running_loop().time
    async with running_nellie(database, model=model, platform=platform) as nellie:
        began = clock()
        answer = await nellie.ask(ANA, "count!")
        took = clock() - began

    assert answer == "one two three"
    assert took > 0.06


async def test_a_platform_that_is_away_can_be_asked_nothing() -> None:
    platform = FakePlatform(messages=[new_message(BOB, "before")])
    platform.away = True

    assert not platform.connected()
    with pytest.raises(ConnectionError):
        async for _ in platform.history(GENERAL, new_message(BOB, "now").at):
            pass
    platform.away = False
    assert platform.connected()


async def test_an_answer_waits_until_its_platform_is_back(database: Database) -> None:
    async with running_nellie(database) as nellie:
        nellie.platform.away = True
        turn = await nellie.open_turn(ANA, "hello")
        await asyncio.sleep(0.05)
        assert turn not in nellie.platform.shown

        nellie.platform.away = False
        await nellie.parts.lanes.idle()

        assert nellie.platform.shown[turn] == "You said: hello"
