"""At the console: yes, no, yes 2, in a pipe as at a terminal that is drawn upon."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from doubles.consents import mailbox, send
from doubles.console import make_screen, open_pipe, printed
from doubles.fake_toolbox import FakeToolbox

from adapters.console.adapter import ConsoleAdapter
from adapters.console.incoming import Person
from adapters.console.screen import Screen
from adapters.console.terminal.screen import LiveScreen
from bot.domain.model import Channel
from bot.store.database import Database
from bot.testing import ScriptedModel, calls, running_nellie, says

KITCHEN = Channel("console", "local", "kitchen", direct=True)
GROUP = Channel("console", "local", "harbour")


def drawn() -> Screen:
    plain = make_screen(interactive=True)
    return LiveScreen(True, plain.out, plain.err)


SCREENS: list[Any] = [
    pytest.param(lambda: make_screen(interactive=False), id="pipe"),
    pytest.param(lambda: make_screen(interactive=True), id="plain"),
    pytest.param(drawn, id="drawn"),
]
Talk = Callable[..., Awaitable[str]]


@pytest.fixture
def talk(database: Database) -> Talk:
    """Start `nellie chat`, type lines, and leave; returns what was shown."""

    async def chat(
        model: ScriptedModel,
        box: FakeToolbox,
        *lines: str,
        screen: Screen,
        channel: Channel = KITCHEN,
        person: str = "ana",
    ) -> str:
        async with AsyncExitStack() as stack:
            keys, descriptor = open_pipe()
            stack.callback(os.close, descriptor)
            console = ConsoleAdapter(
                Person(person), channel, not channel.direct, screen, descriptor
            )
            nellie = await stack.enter_async_context(
                running_nellie(database, model=model, adapters=[console], toolbox=box)
            )
            parts = nellie.parts
            typed = "".join(f"{line}\n" for line in lines).encode()
            await asyncio.to_thread(os.write, keys, typed)
            os.close(keys)
            await console.run(parts.inbox, parts.turns, parts.commands)
            await parts.lanes.idle()
        return printed(screen.out)

    return chat


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("yes", ["yes", "Yes!", "yes 1"])
async def test_yes_lets_it_be_done(talk: Talk, screen: Callable[[], Screen], yes: str) -> None:
    box = mailbox()

    shown = await talk(
        ScriptedModel(calls(send("rent")), says("It is sent.")),
        box,
        "send it",
        yes,
        screen=screen(),
    )

    question, answer = shown.index("May I call mail: send"), shown.index("It is sent.")
    assert question < shown.index('"query": "rent"') < answer
    assert box.called == [("send", {"query": "rent"})]


@pytest.mark.parametrize("screen", SCREENS)
async def test_no_leaves_it(talk: Talk, screen: Callable[[], Screen]) -> None:
    box = mailbox()

    shown = await talk(
        ScriptedModel(calls(send("rent")), says("I leave it.")),
        box,
        "send it",
        "no",
        screen=screen(),
    )

    assert "I leave it." in shown
    assert box.called == []


@pytest.mark.parametrize("screen", SCREENS)
async def test_a_number_says_which(talk: Talk, screen: Callable[[], Screen]) -> None:
    box = mailbox()

    shown = await talk(
        ScriptedModel(calls(send("one"), send("two")), says("One of two.")),
        box,
        *("send both", "yes", "yes 2", "no 1"),
        screen=screen(),
    )

    assert "Which one? Say “yes 1” or “yes 2”." in shown
    assert "Allowed by ana: mail: send. Still open: 1 (mail: send)." in shown
    assert "One of two." in shown
    assert box.called == [("send", {"query": "two"})]


@pytest.mark.parametrize("channel", [KITCHEN, GROUP], ids=["direct", "group"])
@pytest.mark.parametrize("screen", SCREENS)
async def test_who_comes_back_can_still_answer(
    talk: Talk, screen: Callable[[], Screen], channel: Channel
) -> None:
    box, asks = mailbox(), ScriptedModel(calls(send("rent")))
    await talk(asks, mailbox(), "@nellie send it", screen=screen(), channel=channel)

    shown = await talk(
        ScriptedModel(says("It is sent.")), box, "yes", screen=screen(), channel=channel
    )

    assert "It is sent." in shown
    assert len(box.called) == 1


async def test_in_a_group_somebody_elses_yes_is_none(talk: Talk) -> None:
    box, asks = mailbox(), ScriptedModel(calls(send("rent")))
    await talk(
        asks, mailbox(), "@nellie send it", screen=make_screen(interactive=False), channel=GROUP
    )

    await talk(
        ScriptedModel(says("Yes what?")),
        box,
        "yes",
        "@nellie yes",
        screen=make_screen(interactive=False),
        channel=GROUP,
        person="bob",
    )

    assert box.called == []
