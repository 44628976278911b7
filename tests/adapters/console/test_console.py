"""The console, as people at a terminal and programs behind a pipe meet it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TextIO

import pytest
from doubles.console import make_screen, open_pipe, printed

from adapters.console.adapter import ConsoleAdapter
from adapters.console.incoming import Person
from bot.bootstrap import Nellie, started
from bot.config.settings import load
from bot.domain.model import Channel, Chunk, Prompt
from bot.llm.fallback import Fallback
from bot.llm.registry import ModelRegistry
from bot.store.database import Database
from bot.testing import ScriptedModel, echoes, says

KITCHEN = Channel("console", "local", "kitchen", "kitchen", direct=True)
OPEN_KITCHEN = Channel("console", "local", "kitchen", "kitchen")
STEERING = "\x1b[2J\x1b]0;owned\x07\x9b31m\rred\x08\x7f"


class ConsoleUser:
    """A person at a console of a running Nellie."""

    def __init__(self, engine: Nellie, adapter: ConsoleAdapter, keys: int) -> None:
        self.parts = engine
        self.adapter = adapter
        self._keys = keys
        self._running = asyncio.create_task(
            adapter.run(engine.inbox, engine.turns, engine.commands)
        )

    @property
    def out(self) -> str:
        return printed(self.adapter.screen.out)

    @property
    def err(self) -> str:
        return printed(self.adapter.screen.err)

    async def types(self, *lines: str) -> None:
        typed = "".join(f"{line}\n" for line in lines).encode()
        await asyncio.to_thread(os.write, self._keys, typed)

    async def leaves(self) -> None:
        """The end of input, and the end of the console."""
        os.close(self._keys)
        await self._running

    async def sees(self, text: str) -> None:
        """Return once it is on the screen."""
        # Not an event: the screen has none.
        while text not in self.out:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


OpenConsole = Callable[..., Awaitable[ConsoleUser]]


@pytest.fixture
async def open_console(database: Database) -> AsyncIterator[OpenConsole]:
    """Open a console, with a model of the test's own; each has its own Nellie."""
    async with AsyncExitStack() as stack:

        async def open_one(
            model: ScriptedModel | None = None,
            *,
            channel: Channel = KITCHEN,
            person: str = "ana",
            interactive: bool = False,
        ) -> ConsoleUser:
            settings = load()
            keys, descriptor = open_pipe()
            stack.callback(os.close, descriptor)
            adapter = ConsoleAdapter(
                Person(person),
                channel,
                not channel.direct,
                make_screen(interactive=interactive),
                descriptor,
            )
            answering = Fallback([model or ScriptedModel()], settings)
            models = ModelRegistry(settings, loader=lambda names, given: answering)
            engine = started(settings, database, models, [adapter])
            return ConsoleUser(await stack.enter_async_context(engine), adapter, keys)

        yield open_one


def _without_reader() -> TextIO:
    reader, writer = os.pipe()
    os.close(reader)
    return open(writer, "w", encoding="utf-8")


async def test_a_piped_line_gets_one_answer_and_nothing_else_isprinted(
    open_console: OpenConsole,
) -> None:
    pipe = await open_console()

    await pipe.types("where is the disk?", "", "and the key?")
    await pipe.leaves()

    assert pipe.out == "You said: where is the disk?\nYou said: and the key?\n"
    assert pipe.err == ""


async def test_in_a_group_every_line_is_remembered_and_a_mention_answered(
    open_console: OpenConsole,
) -> None:
    pipe = await open_console(channel=OPEN_KITCHEN)

    await pipe.types("the disk is red", "mail me at ana@nellie.org", "Hey @Nellie, what is red?")
    await pipe.leaves()

    assert pipe.out == "You said: Hey @Nellie, what is red?\n"
    channel = await pipe.parts.stores.channels.id(OPEN_KITCHEN)
    assert await pipe.parts.stores.messages.count(channel) == 4


async def test_commands_are_the_same_as_elsewhere(open_console: OpenConsole) -> None:
    pipe = await open_console()

    await pipe.types(
        "the disk is red", "/memory search DISK", "/nonsense", "/memory forget me", "bye"
    )
    await pipe.leaves()

    said, *found, unknown, sure, confirm, bye = pipe.out.splitlines()
    assert (said, bye) == ("You said: the disk is red", "You said: bye")
    assert any(line.endswith("ana: the disk is red") for line in found)
    assert unknown == "I do not know /nonsense. /help lists what I do know."
    assert "Sure?" in sure
    assert confirm == "Say yes to do it, or no to leave it, within ten minutes."


async def test_a_refused_line_is_explained_and_the_next_line_is_answered(
    open_console: OpenConsole,
) -> None:
    pipe = await open_console()

    await pipe.types("x" * 1_000_001, "hello")
    await pipe.leaves()

    refused, answer = pipe.out.splitlines()
    assert refused.startswith("This message was not remembered: it has 1,000,001 characters")
    assert answer == "You said: hello"


async def test_an_export_is_saved_in_the_working_directory_over_no_other_file(
    open_console: OpenConsole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nellie-kitchen.jsonl").write_text("precious")
    pipe = await open_console()

    await pipe.types("hello", "/memory export")
    await pipe.leaves()

    assert (tmp_path / "nellie-kitchen.jsonl").read_text() == "precious"
    assert "You said: hello" in (tmp_path / "nellie-kitchen-2.jsonl").read_text()
    assert pipe.out.endswith(f"Saved as {tmp_path / 'nellie-kitchen-2.jsonl'}\n")


@pytest.mark.parametrize("interactive", [True, False])
async def test_text_cannot_steer_the_terminal(open_console: OpenConsole, interactive: bool) -> None:
    channel = Channel("console", "local", STEERING, STEERING, direct=True)
    person = await open_console(
        ScriptedModel(says(STEERING)), channel=channel, person=STEERING, interactive=interactive
    )

    await person.types(f"say {STEERING}", f"/memory search {STEERING}", f"/{STEERING}")
    await person.leaves()

    shown = person.out + person.err
    assert "red" in shown
    assert not set(shown) & set("\x1b\x07\x08\r\x7f\x9b")


async def test_people_at_a_terminal_are_greeted_and_see_a_prompt(open_console: OpenConsole) -> None:
    person = await open_console(interactive=True)

    await person.types("hello")
    await person.leaves()

    greeting, asked, invited = person.out.splitlines()
    assert (
        greeting == "Nellie in kitchen: every line is for her; /help lists commands, Ctrl-D leaves."
    )
    assert asked == "ana> nellie> You said: hello"
    assert invited == "ana> "


async def test_ctrl_c_stops_the_answer_and_not_the_console(open_console: OpenConsole) -> None:
    never = asyncio.Event()

    def hangs(prompt: Prompt) -> tuple[Any, ...]:
        return (Chunk("Well"), never)

    person = await open_console(ScriptedModel(hangs, echoes), interactive=True)
    before = signal.getsignal(signal.SIGINT)

    await person.types("tell me everything")
    await person.sees("Well")
    os.kill(os.getpid(), signal.SIGINT)
    await person.sees("Well (stopped)")
    await person.types("thanks")
    await person.leaves()

    assert "You said: thanks" in person.out
    assert signal.getsignal(signal.SIGINT) == before


async def test_two_consoles_in_one_channel_each_show_their_own_answers(
    open_console: OpenConsole,
) -> None:
    gate = asyncio.Event()

    def waits(prompt: Prompt) -> tuple[Any, ...]:
        return (gate, *echoes(prompt))

    one, two = await open_console(ScriptedModel(waits)), await open_console(ScriptedModel(waits))

    await one.types("first", "third")
    await two.types("second")
    gate.set()
    await one.leaves()
    await two.leaves()

    assert one.out == "You said: first\nYou said: third\n"
    assert two.out == "You said: second\n"


async def test_the_console_ends_when_nobody_reads_its_answers(open_console: OpenConsole) -> None:
    pipe = await open_console()

    with _without_reader() as file:
        pipe.adapter.screen.out.file = file
        await pipe.types("hello", "are you there?")
        await pipe.leaves()

    channel = await pipe.parts.stores.channels.id(KITCHEN)
    assert await pipe.parts.stores.messages.count(channel) == 2
