"""The console, as people at a terminal and programs behind a pipe meet it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

import pytest
from doubles.model import Actor, echoes, says
from rich.console import Console

from adapters.console.adapter import UNANSWERED, ConsoleAdapter
from adapters.console.incoming import Person, command, message
from adapters.console.keyboard import Keyboard
from adapters.console.screen import Output, Screen
from bot.conversation import Author, Channel, Chunk, Message, Prompt, Received, Turn
from bot.engine import Engine
from bot.errors import DatabaseUnavailable
from bot.llm.fallback import Fallback
from bot.llm.models import Models
from bot.settings import load
from bot.store.database import Database

KITCHEN = Channel("console", "local", "kitchen", "kitchen", direct=True)
OPEN_KITCHEN = Channel("console", "local", "kitchen", "kitchen")
STEERING = "\x1b[2J\x1b]0;owned\x07\x9b31m\rred\x08\x7f"


class Sitting:
    """Someone at a console of a running Nellie."""

    def __init__(self, engine: Engine, adapter: ConsoleAdapter, keys: int) -> None:
        self.engine = engine
        self.adapter = adapter
        self._keys = keys
        self._running = asyncio.create_task(adapter.run(engine))

    @property
    def out(self) -> str:
        return _shown(self.adapter.screen.out)

    @property
    def err(self) -> str:
        return _shown(self.adapter.screen.err)

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


class Allowing:
    """A turn's posts, always allowed."""

    def allow(self) -> None:
        """Yes."""

    async def add(self, post_id: str) -> None:
        raise AssertionError("the console has no posts")


class Flickering:
    """A door that is away for a while before it lets anything in, and gives no answer."""

    def __init__(self, outages: int = 0) -> None:
        self.outages = outages
        self.heard: list[Message] = []

    async def receive(self, message: Message) -> Received:
        if self.outages:
            self.outages -= 1
            raise DatabaseUnavailable(reason="it is being repaired")
        self.heard.append(message)
        return Received(1, turn=1)

    async def over(self, turn_id: int) -> None:
        """At once."""


Sit = Callable[..., Awaitable[Sitting]]


def _screen(*, watched: bool) -> Screen:
    def console() -> Output:
        return Output(file=StringIO(), soft_wrap=True, highlight=False, markup=False)

    return Screen(watched, console(), console())


def _shown(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.fixture
async def sit(database: Database) -> AsyncIterator[Sit]:
    """Sit down at a console, with a model of the test's own; each has its own engine."""
    async with AsyncExitStack() as stack:

        async def sit_down(
            model: Actor | None = None,
            *,
            channel: Channel = KITCHEN,
            person: str = "ana",
            watched: bool = False,
        ) -> Sitting:
            settings = load()
            keys, descriptor = _pipe()
            stack.callback(os.close, descriptor)
            adapter = ConsoleAdapter(
                Person(person), channel, not channel.direct, _screen(watched=watched), descriptor
            )
            answering = Fallback([model or Actor()], settings)
            models = Models(settings, loader=lambda names, given: answering)
            engine = Engine(settings, database, models, [adapter])
            return Sitting(await stack.enter_async_context(engine), adapter, keys)

        yield sit_down


def _pipe() -> tuple[int, int]:
    read, write = os.pipe()
    return write, read


def _without_reader() -> TextIO:
    reader, writer = os.pipe()
    os.close(reader)
    return open(writer, "w", encoding="utf-8")


def _turn(text: str, channel: Channel = KITCHEN, attempts: int = 2) -> Turn:
    asked = Message(channel, "m1", Author("ana", "ana"), text, datetime.now(UTC), addressed=True)
    return Turn(1, channel, "session:gone", asked, attempts)


async def _text(*pieces: str) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece


async def test_a_piped_line_gets_one_answer_and_nothing_else_is_printed(sit: Sit) -> None:
    pipe = await sit()

    await pipe.types("where is the disk?", "", "and the key?")
    await pipe.leaves()

    assert pipe.out == "You said: where is the disk?\nYou said: and the key?\n"
    assert pipe.err == ""


async def test_in_a_group_she_remembers_every_line_and_answers_to_her_name(sit: Sit) -> None:
    pipe = await sit(channel=OPEN_KITCHEN)

    await pipe.types("the disk is red", "mail me at ana@nellie.org", "Hey @Nellie, what is red?")
    await pipe.leaves()

    assert pipe.out == "You said: Hey @Nellie, what is red?\n"
    channel = await pipe.engine.channels.id(OPEN_KITCHEN)
    assert await pipe.engine.messages.count(channel) == 4


async def test_commands_are_the_same_as_elsewhere(sit: Sit) -> None:
    pipe = await sit()

    await pipe.types(
        "the disk is red", "/memory search DISK", "/nonsense", "/memory forget me", "bye"
    )
    await pipe.leaves()

    said, *found, unknown, sure, confirm, bye = pipe.out.splitlines()
    assert (said, bye) == ("You said: the disk is red", "You said: bye")
    assert any(line.endswith("ana: the disk is red") for line in found)
    assert unknown == "I do not know /nonsense. /help lists what I do know."
    assert "Sure?" in sure
    assert confirm == "To go through with it: /memory forget me yes-1"


async def test_what_cannot_be_remembered_is_said_and_the_next_line_is_answered(sit: Sit) -> None:
    pipe = await sit()

    await pipe.types("x" * 1_000_001, "hello")
    await pipe.leaves()

    refused, answer = pipe.out.splitlines()
    assert refused.startswith("This message was not remembered: it has 1,000,001 characters")
    assert answer == "You said: hello"


async def test_an_export_is_saved_beside_the_person_over_nothing(
    sit: Sit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nellie-kitchen.jsonl").write_text("precious")
    pipe = await sit()

    await pipe.types("hello", "/memory export")
    await pipe.leaves()

    assert (tmp_path / "nellie-kitchen.jsonl").read_text() == "precious"
    assert "You said: hello" in (tmp_path / "nellie-kitchen-2.jsonl").read_text()
    assert pipe.out.endswith(f"Saved as {tmp_path / 'nellie-kitchen-2.jsonl'}\n")


@pytest.mark.parametrize("watched", [True, False])
async def test_words_cannot_steer_the_terminal(sit: Sit, watched: bool) -> None:
    channel = Channel("console", "local", STEERING, STEERING, direct=True)
    person = await sit(Actor(says(STEERING)), channel=channel, person=STEERING, watched=watched)

    await person.types(f"say {STEERING}", f"/memory search {STEERING}", f"/{STEERING}")
    await person.leaves()

    shown = person.out + person.err
    assert "red" in shown
    assert not set(shown) & set("\x1b\x07\x08\r\x7f\x9b")


async def test_people_at_a_terminal_are_greeted_and_invited(sit: Sit) -> None:
    person = await sit(watched=True)

    await person.types("hello")
    await person.leaves()

    greeting, asked, invited = person.out.splitlines()
    assert (
        greeting == "Nellie in kitchen: every line is for her; /help lists commands, Ctrl-D leaves."
    )
    assert asked == "ana> nellie> You said: hello"
    assert invited == "ana> "


async def test_ctrl_c_stops_the_answer_and_not_the_console(sit: Sit) -> None:
    never = asyncio.Event()

    def hangs(prompt: Prompt) -> tuple[Any, ...]:
        return (Chunk("Well"), never)

    person = await sit(Actor(hangs, echoes), watched=True)
    before = signal.getsignal(signal.SIGINT)

    await person.types("tell me everything")
    await person.sees("Well")
    os.kill(os.getpid(), signal.SIGINT)
    await person.sees("Well (stopped)")
    await person.types("thanks")
    await person.leaves()

    assert "You said: thanks" in person.out
    assert signal.getsignal(signal.SIGINT) == before


async def test_two_consoles_in_one_channel_each_show_their_own_answers(sit: Sit) -> None:
    gate = asyncio.Event()

    def waits(prompt: Prompt) -> tuple[Any, ...]:
        return (gate, *echoes(prompt))

    one, two = await sit(Actor(waits)), await sit(Actor(waits))

    await one.types("first", "third")
    await two.types("second")
    gate.set()
    await one.leaves()
    await two.leaves()

    assert one.out == "You said: first\nYou said: third\n"
    assert two.out == "You said: second\n"


async def test_what_was_asked_before_a_crash_is_not_printed_into_a_pipe() -> None:
    console = ConsoleAdapter(channel=KITCHEN, screen=_screen(watched=False))

    await console.deliver(_turn("long ago"), _text("late", " answer"), Allowing())

    assert (_shown(console.screen.out), _shown(console.screen.err)) == ("", "")


async def test_what_was_asked_before_a_crash_is_shown_with_its_question_at_a_terminal() -> None:
    console = ConsoleAdapter(channel=KITCHEN, screen=_screen(watched=True))

    await console.deliver(_turn("long ago"), _text("late", " answer"), Allowing())

    assert _shown(console.screen.out).startswith("(Once more, to: long ago)\nnellie> late answer\n")


async def test_what_was_asked_in_another_channel_is_shown_in_none() -> None:
    console = ConsoleAdapter(channel=KITCHEN, screen=_screen(watched=True))
    cellar = Channel("console", "local", "cellar", direct=True)

    await console.deliver(_turn("secret", cellar), _text("secret answer"), Allowing())

    assert _shown(console.screen.out) == ""


async def _hears(door: Flickering, line: bytes) -> Screen:
    """What a pipe shows when it says a line at this door."""
    keys, descriptor = _pipe()
    console = ConsoleAdapter(screen=_screen(watched=False), descriptor=descriptor)
    os.write(keys, line)
    os.close(keys)
    await console.run(door)  # type: ignore[arg-type]  # as much of a door as is knocked at
    os.close(descriptor)
    return console.screen


async def test_a_line_waits_for_the_database_and_the_waiting_is_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.console.adapter.PATIENCE", 0)
    door = Flickering(outages=3)

    screen = await _hears(door, b"hello\n")

    assert [heard.text for heard in door.heard] == ["hello"]
    assert _shown(screen.out) == ""
    assert _shown(screen.err).count("it is being repaired") == 1


async def test_an_answer_that_never_came_is_no_silence() -> None:
    screen = await _hears(Flickering(), b"hello\n")

    assert _shown(screen.out) == ""
    assert UNANSWERED in _shown(screen.err)


async def test_leaves_when_nobody_reads_its_answers(sit: Sit) -> None:
    pipe = await sit()

    with _without_reader() as file:
        pipe.adapter.screen.out.file = file
        await pipe.types("hello", "are you there?")
        await pipe.leaves()

    channel = await pipe.engine.channels.id(KITCHEN)
    assert await pipe.engine.messages.count(channel) == 2


async def test_lines_come_in_whatever_their_bytes_and_their_end() -> None:
    keys, descriptor = _pipe()
    os.write(keys, b"one\r\n\xff\xfe\n\nlast")
    os.close(keys)

    keyboard = Keyboard(descriptor)
    lines = [await keyboard.line() for _ in range(5)]
    os.close(descriptor)

    assert lines == ["one", "\ufffd\ufffd", "", "last", None]


async def test_no_input_at_all_is_its_end() -> None:
    keys, descriptor = _pipe()
    os.close(keys)
    os.close(descriptor)

    assert await Keyboard(descriptor).line() is None


def test_nothing_is_read_ahead_of_need() -> None:
    async def one_line(descriptor: int) -> str | None:
        return await Keyboard(descriptor).line()

    keys, descriptor = _pipe()
    os.write(keys, b"one\n")

    assert asyncio.run(one_line(descriptor)) == "one"
    os.close(keys)
    os.close(descriptor)


def test_a_line_with_a_slash_is_a_command() -> None:
    asked = command("/Memory  search  apt ", KITCHEN, Person("Ana"))

    assert asked is not None
    assert (asked.name, asked.arguments) == ("memory", "search  apt")
    assert asked.person == Author("ana", "Ana")
    assert command("a /memory", KITCHEN, Person("Ana")) is None


@pytest.mark.parametrize(
    ("line", "addressed"),
    [("@nellie hi", True), ("hi @NELLIE!", True), ("ana@nellie.org", False), ("nellie?", False)],
)
def test_in_a_group_she_hears_her_name(line: str, addressed: bool) -> None:
    said = message(line, OPEN_KITCHEN, Person("ana"), group=True)

    assert said.addressed is addressed
