"""What comes in is worked off in order, channel by channel; a database may be away meanwhile."""

import asyncio

import pytest

from adapters.discord import inbox
from adapters.discord.inbox import CutOff, Inbox
from bot.errors import DatabaseUnavailable, Refused


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "PATIENCE", 0.001)


async def test_a_channel_keeps_its_order_and_does_not_hold_up_another() -> None:
    done: list[str] = []
    gate = asyncio.Event()
    box = Inbox(lambda: None)

    async def step(name: str, *, waits: bool = False) -> str:
        if waits:
            await gate.wait()
        done.append(name)
        return name

    first = box.put(1, lambda: step("a1", waits=True))
    box.put(1, lambda: step("a2"))
    await box.put(2, lambda: step("b1"))
    assert done == ["b1"]
    gate.set()
    await box.idle()

    assert done == ["b1", "a1", "a2"]
    assert await first == "a1"


async def test_nothing_is_lost_while_the_database_is_away() -> None:
    back: list[bool] = []
    done: list[int] = []
    failures = 3
    box = Inbox(lambda: back.append(True))

    async def step(number: int) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise DatabaseUnavailable(reason="it is away")
        done.append(number)

    for number in range(4):
        box.put(1, lambda number=number: step(number))  # type: ignore[misc]
    await box.idle()

    assert done == [0, 1, 2, 3]
    assert back == [True]


@pytest.mark.parametrize("error", [Refused(reason="it has no text."), KeyError("author")])
async def test_one_that_fails_is_told_to_who_asks_and_the_next_has_its_turn(
    error: Exception,
) -> None:
    box = Inbox(lambda: None)

    async def fail() -> None:
        raise error

    async def work() -> str:
        return "done"

    failed, after = box.put(1, fail), box.put(1, work)

    assert await after == "done"
    assert failed.exception() is error


async def test_too_many_are_left_to_history(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST", 2)
    gate = asyncio.Event()
    back: list[bool] = []
    box = Inbox(lambda: back.append(True))

    steps = [box.put(1, gate.wait) for _ in range(3)]

    assert [step.cancelled() for step in steps] == [False, False, True]
    gate.set()
    await box.idle()
    assert back == [True]
    assert (await box.put(1, gate.wait)) is True


async def test_closing_lets_what_has_begun_end_and_drops_what_waits() -> None:
    box, gate = Inbox(lambda: None), asyncio.Event()
    begun, waiting = box.put(1, gate.wait), box.put(1, gate.wait)
    await asyncio.sleep(0)

    closing = asyncio.create_task(box.close())
    await asyncio.sleep(0)
    late = box.put(2, gate.wait)
    gate.set()
    await closing

    assert begun.result() is True
    assert waiting.cancelled()
    assert late.cancelled()


async def test_of_what_closing_cuts_off_nobody_says_that_it_was_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inbox, "GRACE", 0)
    box = Inbox(lambda: None)
    begun, waiting = [box.put(1, asyncio.Event().wait) for _ in range(2)]
    await asyncio.sleep(0)

    await box.close()

    assert isinstance(begun.exception(), CutOff)
    assert waiting.cancelled()
