"""A platform's channel from the console: it is shown and asked, and nothing is left there."""

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from cli.conftest import run_to_end
from doubles.console import make_screen, open_pipe, printed
from doubles.terminal import Terminal

from adapters.console.adapter import ConsoleAdapter
from adapters.console.incoming import Person
from bot.cli import onlooking
from bot.config.settings import load
from bot.domain.errors import DatabaseRefuses, ModelUnavailable
from bot.domain.model import Channel, Prompt
from bot.llm.fallback import Fallback
from bot.llm.registry import ModelRegistry
from bot.store.database import Database
from bot.testing import ANA, BOB, ScriptedModel, echoes, running_nellie, says
from bot.testing.fake_platform import FakePlatform

DEV = Channel("slack", "T1", "C1", "dev")
NAME = "slack:T1/C1"
CHANGING = (
    "/memory forget all",
    "/memory forget me",
    "/memory optout",
    "/memory retention 1",
    "/memory rebuild",
    "/digest daily 09:00",
    "/persona set a pirate",
    "/persona clear",
    "/model set extractive",
    "/model clear",
    "/classify set others a, b",
    "/classify --public add kinds bug: it hangs",
    "/classify remove kinds",
    "forget everything",
    "vergiss mich",
)
ASKING = (
    "where are the spare keys?",
    "what did I miss?",
    "who are you?",
    "go on",
    "@nellie where is the disk?",
    "yes",
    "/catchup 3d",
    "/memory",
    "/memory search keys",
    "/memory log",
    "/usage",
    "/persona",
    "/model",
    "/help",
    "/classify list",
    "/classify --public show kinds",
    "/nonsense",
)


@pytest.fixture
async def dev(database: Database) -> AsyncIterator[None]:
    """A channel of Slack in which something was said, and a question was answered."""
    async with running_nellie(database, platform=FakePlatform(name="slack")) as nellie:
        await nellie.add_history("the spare keys are in room 4.12", channel=DEV)
        await nellie.add_history("the disk is red", author=ANA, channel=DEV)
        await nellie.ask(BOB, "@nellie what colour is the disk?", channel=DEV)
        await nellie.run_command("classify set kinds bug, praise", admin=True, channel=DEV)
        yield


async def rows_of_all_tables(database: Database) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    async with database.autocommit() as connection:
        names = await connection.scalars(
            sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        return {
            name: list(
                await connection.scalars(sa.text(f'SELECT t::text FROM "{name}" t ORDER BY 1'))  # noqa: S608  # its own names
            )
            for name in names
        }


async def ask(database: Database, model: ScriptedModel, *lines: str) -> str:
    """What a console that looks into the channel prints after these lines."""
    chosen = load()
    models = ModelRegistry(chosen, loader=lambda names, given: Fallback([model], given))
    console = ConsoleAdapter(Person("op"), DEV, screen=make_screen(interactive=False), reading=True)
    async with onlooking.reading(chosen, database.url, models) as nellie:
        looking = await onlooking.onlooker(nellie, DEV, console)
        keys, console.descriptor = open_pipe()
        os.write(keys, "".join(f"{line}\n" for line in lines).encode())
        os.close(keys)
        await console.run(looking, looking, onlooking.commands(nellie))
        os.close(console.descriptor)
        return printed(console.screen.out)


@pytest.mark.usefixtures("dev")
@pytest.mark.parametrize(
    "environ",
    [{}, {"NELLIE_LIMIT_PERSON_MINUTE": "100", "NELLIE_LIMIT_TOKENS": "100000"}],
    ids=["without limits", "with limits"],
)
async def test_what_is_asked_of_a_platforms_channel_leaves_not_a_row_in_any_table(
    database: Database, address: str, environ: dict[str, str]
) -> None:
    before = await rows_of_all_tables(database)

    code, out, err = await asyncio.to_thread(
        lambda: run_to_end(
            *("chat", "-c", NAME),
            given="\n".join((*ASKING, *CHANGING)),
            DATABASE_URL=address,
            **environ,
        )
    )

    assert (code, err) == (0, "")
    assert "the spare keys are in room 4.12" in out
    assert out.count("would change something") == len(CHANGING)
    assert "Something went wrong" not in out
    assert out.count("kinds: bug, praise") == 2
    assert await rows_of_all_tables(database) == before


@pytest.mark.usefixtures("dev")
async def test_the_channels_memory_and_what_was_just_asked_stand_in_the_prompt(
    database: Database,
) -> None:
    model = ScriptedModel(says("In room 4.12."), echoes)

    out = await ask(database, model, "where are the keys?", "and the disk?")

    first, second = ("\n".join(m.text for m in prompt.messages) for prompt in model.prompts)
    assert "the spare keys are in room 4.12" in first
    assert "where are the keys?" in second
    assert "In room 4.12." in second
    assert out == "In room 4.12.\nYou said: and the disk?\n"


@pytest.mark.usefixtures("dev")
async def test_labels_are_read_there_and_not_changed(database: Database) -> None:
    model = ScriptedModel()
    model.follow("task", says('{"label": "bug", "confidence": 1}'))
    before = await rows_of_all_tables(database)

    out = await ask(
        database,
        model,
        "/classify bug, praise: it crashes",
        "/classify --public kinds: it hangs",
        "/classify remove kinds",
    )

    sorted_into = "bug (100% sure, as the model says)."
    assert out.startswith(f"{sorted_into}\n{sorted_into}\n/classify remove would change something")
    assert await rows_of_all_tables(database) == before


@pytest.mark.usefixtures("dev")
async def test_an_answer_that_was_cut_short_is_gone_on_with_from_memory_alone(
    database: Database,
) -> None:
    model = ScriptedModel(says("First half", finish="length"), says("second half."), echoes)
    before = await rows_of_all_tables(database)

    out = await ask(database, model, "tell me all", "go on", "and the disk?")

    assert "First half" in "\n".join(m.text for m in model.prompts[1].messages)
    assert "second half." in out
    assert await rows_of_all_tables(database) == before


@pytest.mark.usefixtures("dev")
async def test_a_model_that_fails_is_told_in_a_sentence_and_the_next_question_is_answered(
    database: Database,
) -> None:
    def fails(prompt: Prompt) -> tuple[Any, ...]:
        return (ModelUnavailable(model="m", reason="it is off"),)

    out = await ask(database, ScriptedModel(fails, echoes), "first", "second")

    assert "I could not answer this." in out
    assert "remembered" not in out
    assert out.endswith("You said: second\n")


async def test_postgres_itself_refuses_to_write_where_a_channel_is_looked_into(
    address: str,
) -> None:
    reading = Database(address, read_only=True)

    for sql in ("DELETE FROM message", "CREATE TABLE x (y int)", "UPDATE channel SET name = ''"):
        with pytest.raises(DatabaseRefuses):
            async with reading.autocommit() as connection:
                await connection.execute(sa.text(sql))
        with pytest.raises(DatabaseRefuses):
            async with reading.begin() as connection:
                await connection.execute(sa.text(sql))
    await reading.close()


@pytest.mark.usefixtures("dev")
async def test_at_a_terminal_the_newest_lines_are_shown_and_nothing_typed_is_kept(
    database: Database, address: str, tmp_path: Any
) -> None:
    before = await rows_of_all_tables(database)

    with Terminal("chat", "-c", "dev", DATABASE_URL=address, NELLIE_HOME=str(tmp_path)) as terminal:
        shown = await terminal.sees_meanwhile("you>")
        terminal.types("where are the spare keys?\r")
        await terminal.sees_meanwhile("room 4.12", times=2)
        terminal.types("exit\r")
        assert await terminal.ends_meanwhile() == 0

    assert "Nellie in dev (slack), to look in" in shown
    assert "bob: the spare keys are in room 4.12" in shown
    assert not (tmp_path / "console-history").exists()
    assert await rows_of_all_tables(database) == before
