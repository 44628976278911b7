"""The console without a Nellie: lines, keyboard, and what is shown."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from doubles.console import make_screen, open_pipe, printed

from adapters.console.adapter import UNANSWERED, ConsoleAdapter
from adapters.console.incoming import Person, to_command, to_message
from adapters.console.keyboard import Keyboard
from adapters.console.screen import Screen
from bot.domain.errors import DatabaseUnavailable
from bot.domain.model import Author, Channel, Message, Received, Turn

KITCHEN = Channel("console", "local", "kitchen", "kitchen", direct=True)
OPEN_KITCHEN = Channel("console", "local", "kitchen", "kitchen")


class ValidLease:
    """A delivery log whose lease is always good."""

    def require_lease(self) -> None:
        """It is good."""

    async def add(self, post_id: str) -> None:
        raise AssertionError("the console has no posts")


class InboxWithOutages:
    """An inbox whose database is away for a while, and which gives no answer."""

    def __init__(self, outages: int = 0) -> None:
        self.outages = outages
        self.received: list[Message] = []

    async def receive(self, message: Message) -> Received:
        if self.outages:
            self.outages -= 1
            raise DatabaseUnavailable(reason="it is being repaired")
        self.received.append(message)
        return Received(1, turn=1)

    async def wait_until_ended(self, turn_id: int) -> None:
        """At once."""


def _turn(text: str, channel: Channel = KITCHEN, attempts: int = 2) -> Turn:
    asked = Message(channel, "m1", Author("ana", "ana"), text, datetime.now(UTC), addressed=True)
    return Turn(1, channel, "session:gone", asked, attempts)


async def _text(*pieces: str) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece


async def test_an_answer_to_a_question_from_before_a_crash_is_not_printed_into_aopen_pipe() -> None:
    console = ConsoleAdapter(channel=KITCHEN, screen=make_screen(interactive=False))

    await console.deliver(_turn("long ago"), _text("late", " answer"), ValidLease())

    assert (printed(console.screen.out), printed(console.screen.err)) == ("", "")


async def test_an_answer_to_a_question_from_before_a_crash_is_shown_with_it_at_a_terminal() -> None:
    console = ConsoleAdapter(channel=KITCHEN, screen=make_screen(interactive=True))

    await console.deliver(_turn("long ago"), _text("late", " answer"), ValidLease())

    assert printed(console.screen.out).startswith(
        "(Once more, to: long ago)\nnellie> late answer\n"
    )


async def test_an_answer_of_another_channel_is_not_shown() -> None:
    console = ConsoleAdapter(channel=KITCHEN, screen=make_screen(interactive=True))
    cellar = Channel("console", "local", "cellar", direct=True)

    await console.deliver(_turn("secret", cellar), _text("secret answer"), ValidLease())

    assert printed(console.screen.out) == ""


async def _take_line(inbox: InboxWithOutages, line: bytes) -> Screen:
    """The screen of a pipe after one line for this inbox."""
    keys, descriptor = open_pipe()
    console = ConsoleAdapter(screen=make_screen(interactive=False), descriptor=descriptor)
    os.write(keys, line)
    os.close(keys)
    await console.run(inbox, inbox, None)  # type: ignore[arg-type]  # as much as is called
    os.close(descriptor)
    return console.screen


async def test_a_line_waits_for_the_database_and_the_notice_is_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.console.adapter.DATABASE_PAUSE", 0)
    inbox = InboxWithOutages(outages=3)

    screen = await _take_line(inbox, b"hello\n")

    assert [message.text for message in inbox.received] == ["hello"]
    assert printed(screen.out) == ""
    assert printed(screen.err).count("it is being repaired") == 1


async def test_a_missing_answer_is_reported() -> None:
    screen = await _take_line(InboxWithOutages(), b"hello\n")

    assert printed(screen.out) == ""
    assert UNANSWERED in printed(screen.err)


async def test_lines_are_read_whatever_their_bytes_and_their_end() -> None:
    keys, descriptor = open_pipe()
    os.write(keys, b"one\r\n\xff\xfe\n\nlast")
    os.close(keys)

    keyboard = Keyboard(descriptor)
    lines = [await keyboard.read_line() for _ in range(5)]
    os.close(descriptor)

    assert lines == ["one", "\ufffd\ufffd", "", "last", None]


async def test_no_input_at_all_is_its_end() -> None:
    keys, descriptor = open_pipe()
    os.close(keys)
    os.close(descriptor)

    assert await Keyboard(descriptor).read_line() is None


def test_no_line_is_read_before_it_is_asked_for() -> None:
    async def one_line(descriptor: int) -> str | None:
        return await Keyboard(descriptor).read_line()

    keys, descriptor = open_pipe()
    os.write(keys, b"one\n")

    assert asyncio.run(one_line(descriptor)) == "one"
    os.close(keys)
    os.close(descriptor)


def test_a_line_with_a_slash_is_a_command() -> None:
    asked = to_command("/Memory  search  apt ", KITCHEN, Person("Ana"))

    assert asked is not None
    assert (asked.name, asked.arguments) == ("memory", "search  apt")
    assert asked.person == Author("ana", "Ana")
    assert to_command("a /memory", KITCHEN, Person("Ana")) is None
    for line in ("/memory\tsearch apt", "/ Memory\u00a0search apt", "/MEMORY \u2003search apt"):
        asked = to_command(line, KITCHEN, Person("Ana"))
        assert asked
        assert (asked.name, asked.arguments) == ("memory", "search apt")


@pytest.mark.parametrize(
    ("line", "addressed"),
    [("@nellie hi", True), ("hi @NELLIE!", True), ("ana@nellie.org", False), ("nellie?", False)],
)
def test_in_a_group_a_mention_is_addressed(line: str, addressed: bool) -> None:
    message = to_message(line, OPEN_KITCHEN, Person("ana"), group=True)

    assert message.addressed is addressed
